"""An official document of a bureau according to GB/T 9704-2012: its elements in the standard's order, and the line breaks of its
title."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from services.documents.generated.labels import bureau
from services.documents.generated.layout import Sheet, breakable, said
from services.policy.official_texts import printer, remedies

#: The most characters of a title in one line: characters of size 2号 (22 pt) in a line of 156 mm.
TITLE_LINE = 19
#: The pattern of the positions at which a title is broken first: before and after a name in quotation marks.
_QUOTED = re.compile("(?=“)|(?<=”)")
#: The characters with which a line of a title must not begin.
_CLOSING = "的”》）、，"
_NUMERALS = "一二三四五六七八九十"


@dataclass(slots=True)
class Letter(Sheet):
    """An official document of a bureau. `mark`: 发文机关标志; `headline`: the lines of the title; `addressee`: 主送机关;
    `signer`: 签发人, on documents to a higher bureau; `annexes`: 附件; `copies`: 抄送机关; `printer`: 印发机关."""

    template: str = "official"
    mark: str = ""
    headline: list[str] = field(default_factory=list)
    addressee: str | None = None
    signer: str | None = None
    annexes: list[Sheet] = field(default_factory=list)
    copies: str | None = None
    printer: str = ""

    def text(self, text: str | None) -> None:
        self.blocks.append({"text": breakable(said(text))})

    def section(self, title: str, text: str | None) -> None:
        """Add a part of the text under a heading of the first level (一、)."""
        numbers = sum("heading" in block for block in self.blocks)
        self.heading(f"{_NUMERALS[numbers]}、{title}")
        self.text(text)

    def items(self, title: str, texts: list[str]) -> None:
        """Add a part of the text whose paragraphs are numbered on the second level ((一))."""
        self.section(title, "\n".join(f"（{_NUMERALS[place]}）{text}" for place, text in enumerate(texts[:10])))
        if len(texts) > 10:
            self.text("\n".join(f"（{place}）{text}" for place, text in enumerate(texts[10:], 11)))


def letter(code: str, matter: str, *, to: str | None, date: str, number: str | None, copies: str | None = None) -> Letter:
    """Create a bureau's official document about a `matter` (关于…的决定); the caller adds the text."""
    name = bureau(code)
    return Letter(
        name + matter,
        mark=f"{name}文件",
        headline=[*balanced(name), *balanced(matter)],
        addressee=to,
        number=number,
        issuer=name,
        date=date,
        copies=copies,
        printer=printer(code),
    )


def state_remedies(sheet: Letter, code: str, act: str) -> None:
    """Add a section about the remedies against the bureau's act (决定, 通知). Every document with an adverse act states the
    remedies."""
    sheet.section("救济途径", remedies(code, act))


def ourselves(code: str) -> str:
    """Return the word by which a bureau calls itself: 我厅, 我局, 我委."""
    name = bureau(code)
    return {"厅": "我厅", "局": "我局", "会": "我委"}.get(name[-1], "本机关")


def balanced(text: str, most: int = TITLE_LINE) -> list[str]:
    """Break a title into as few lines as possible, each of at most `most` characters and of similar length. A line ends before or
    after a name in quotation marks. Only a name longer than a line is broken inside, if possible before 创新联合体."""
    parts = [chunk for part in _QUOTED.split(said(text)) if part for chunk in _chunks(part, most)]
    # `best[i]` is the best division into lines of the parts from index i to the end; it is computed from the last index
    # backwards.
    best: list[list[str]] = [[]]
    for place in range(len(parts) - 1, -1, -1):
        line, found = "", []
        for length, part in enumerate(parts[place:], 1):
            line += part
            if len(line) <= most:
                found.append([line, *best[-length]])
        best.append(min(found, key=lambda lines: (len(lines), max(map(len, lines)))))
    return best[-1]


def _chunks(part: str, most: int) -> list[str]:
    """Cut a part of a title into pieces that fit into one line."""
    if len(part) <= most:
        return [part]
    head, found, tail = part.partition("创新联合体")
    if head and found:
        return [*_chunks(head, most), *_chunks(found + tail, most)]
    cut = -(-len(part) // -(-len(part) // most))
    while cut > 1 and part[cut] in _CLOSING:
        cut -= 1
    return [part[:cut], *_chunks(part[cut:], most)]
