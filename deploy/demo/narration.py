"""How the demonstration speaks: Chinese first, a short English line under it, and tables."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def chapter(zh: str, en: str) -> None:
    """A new part of the story."""
    print(f"\n{'═' * 100}\n{zh}  ·  {en}\n{'═' * 100}", flush=True)


def tell(zh: str, en: str = "") -> None:
    """One step, done."""
    print(f"● {zh}", flush=True)
    if en:
        print(f"  {en}", flush=True)


def show(text: str) -> None:
    """What the platform answered, set in."""
    for line in text.splitlines():
        print(f"    {line}", flush=True)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table whose columns are as wide as their widest cell, Chinese characters counting double."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(_width(row[column]) for row in [list(head), *cells]) for column in range(len(head))]
    for row in [list(head), ["─" * width for width in widths], *cells]:
        line = "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        print("    " + line.rstrip(), flush=True)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
