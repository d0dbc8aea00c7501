"""An official paper of a bureau, by GB/T 9704-2012: its parts in the order of the standard, and how its title breaks."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.documents.papers.sheet import Sheet, breakable, said
from services.documents.papers.words import bureau
from services.policy.papers import printer, remedies

#: Characters of 2号 (22 pt) that fit a line of 156 mm.
TITLE_LINE = 19
#: What no line of a title begins with.
_CLOSING = "的”》）、，"
_NUMERALS = "一二三四五六七八九十"


@dataclass(slots=True)
class Letter(Sheet):
    """`mark`: 发文机关标志; `headline`: the title in lines; `addressee`: 主送机关; `signer`: 签发人, on papers to a higher
    bureau; `annexes`: 附件; `copies`: 抄送机关; `printer`: 印发机关."""

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
        """A part of the text under a heading of the first level (一、)."""
        numbers = sum("heading" in block for block in self.blocks)
        self.heading(f"{_NUMERALS[numbers]}、{title}")
        self.text(text)

    def items(self, title: str, texts: list[str]) -> None:
        """A part of the text whose paragraphs are numbered on the second level ((一))."""
        self.section(title, "\n".join(f"（{_NUMERALS[place]}）{text}" for place, text in enumerate(texts[:10])))
        if len(texts) > 10:
            self.text("\n".join(f"（{place}）{text}" for place, text in enumerate(texts[10:], 11)))


def letter(code: str, matter: str, *, to: str | None, date: str, number: str | None, copies: str | None = None) -> Letter:
    """A paper that a bureau issues on a `matter` (关于…的决定), without its text."""
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
    """Say how the act (决定, 通知) of this bureau can be challenged: every adverse paper does."""
    sheet.section("救济途径", remedies(code, act))


def ourselves(code: str) -> str:
    """How a bureau speaks of itself: 我厅, 我局, 我委."""
    name = bureau(code)
    return {"厅": "我厅", "局": "我局", "会": "我委"}.get(name[-1], "本机关")


def balanced(text: str, most: int = TITLE_LINE) -> list[str]:
    """A title in lines of about the same length, of `most` characters at most."""
    text = said(text)
    count = -(-len(text) // most)
    lines = []
    for left in range(count, 0, -1):
        cut = -(-len(text) // left)
        while left > 1 and cut > 1 and text[cut] in _CLOSING:
            cut = cut + 1 if cut < most else cut - 1
            if cut >= len(text):
                break
        lines.append(text[:cut])
        text = text[cut:]
    return [line for line in lines if line]
