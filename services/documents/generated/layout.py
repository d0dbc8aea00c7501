"""The content of a generated document before typesetting: a title, blocks and an issuer. It does not determine the appearance."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict, cast

from services.contracts.payload import JsonObject
from services.input.text import printable
from services.kernel.clock import local_date

#: The facts that a service states for a generated document, as JSON; each kind of document has facts of its own.
Facts = JsonObject

#: The name of the issuer of the province's decisions.
DEPARTMENT = "广西壮族自治区科学技术厅"
NOTHING = "—"
#: The pattern of a word so long that it may not fit into a column or a line.
_LONG = re.compile(r"[!-~]{25,}")
_STRETCHING = re.compile(r"[!-~]{10,}")


class BlockTable(TypedDict):
    head: list[str]
    widths: list[int]
    rows: list[list[str]]


class Block(TypedDict, total=False):
    """A part of a generated document. A block has exactly one of these members."""

    heading: str
    text: str
    rows: list[list[str]]
    table: BlockTable


class SheetDict(TypedDict):
    """The content of a generated document in the form that the typesetter reads. A letter has further members, which the
    typesetter's template for letters names."""

    title: str
    template: str
    subtitle: str | None
    number: str | None
    watermark: str | None
    issuer: str | None
    date: str | None
    note: str | None
    qr: str | None
    qr_caption: str | None
    blocks: list[Block]


@dataclass(slots=True)
class Sheet:
    """The content of one generated document. `template` names its layout; `qr` is the web address in its QR code; `watermark` is
    the text that marks the document as not valid."""

    title: str
    template: str = "paper"
    subtitle: str | None = None
    number: str | None = None
    watermark: str | None = None
    issuer: str | None = None
    date: str | None = None
    note: str | None = None
    qr: str | None = None
    qr_caption: str | None = None
    blocks: list[Block] = field(default_factory=list)

    def heading(self, text: str) -> None:
        self.blocks.append({"heading": text})

    def text(self, text: str | None) -> None:
        self.blocks.append({"text": said(text)})

    def rows(self, *rows: tuple[str, Any]) -> None:
        self.blocks.append({"rows": [[name, said(value)] for name, value in rows]})

    def table(self, head: Sequence[str], widths: Sequence[int], rows: Sequence[Sequence[Any]]) -> None:
        """Add a table. Without rows, add a sentence which says that there are none, because an empty table would look like a
        mistake."""
        if rows:
            filled = [[said(cell) for cell in row] for row in rows]
            self.blocks.append({"table": {"head": list(head), "widths": list(widths), "rows": filled}})
        else:
            self.text("无。")

    def to_dict(self) -> SheetDict:
        """Return the data for the typesetter, without invisible characters."""
        data = asdict(self, dict_factory=lambda items: {name: _seen(value) for name, value in items})
        return cast(SheetDict, data)


def _seen(value: Any) -> Any:
    if isinstance(value, str):
        # Keep the zero-width spaces that `said` inserted, because the typesetter may break a long word at these spaces.
        return "\u200b".join(map(printable, value.split("\u200b")))
    if isinstance(value, list):
        return [_seen(item) for item in value]
    return {name: _seen(item) for name, item in value.items()} if isinstance(value, dict) else value


def said(value: Any) -> str:
    """Return a value in words. A word longer than a line gets zero-width spaces, at which the typesetter may break the word."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "是" if value else "否"
    return _LONG.sub(lambda word: "\u200b".join(word[0][n : n + 12] for n in range(0, len(word[0]), 12)), str(value))


def breakable(text: str) -> str:
    """Return the text in a form in which the typesetter may break codes and numbers at the end of a line, as in official
    documents."""
    return _STRETCHING.sub(lambda word: "\u200b".join(word[0]), text.replace("\u200b", ""))


def money(yuan: str) -> str:
    """Format an amount of yuan (decimal text) in the style of official documents: 450万元, 4,500,050.00元."""
    amount = Decimal(yuan)
    tens_of_thousands = amount / 10_000
    whole = tens_of_thousands == tens_of_thousands.to_integral_value()
    return f"{tens_of_thousands:,.0f}万元" if amount and whole else f"{amount:,.2f}元"


def day(text: str | None) -> str:
    """Format a day such as `2026-03-02`, or the date of an instant in Beijing, in the style of official documents."""
    if not text:
        return NOTHING
    found = date.fromisoformat(text) if len(text) == 10 else local_date(datetime.fromisoformat(text))
    return f"{found.year}年{found.month}月{found.day}日"
