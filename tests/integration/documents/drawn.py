"""Read the characters and lines drawn in a PDF: each character with its position (in millimetres from the top left corner) and
its size (in points)."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import pypdfium2
import pypdfium2.raw as raw

#: The length of a typographic point, in millimetres.
POINT = 25.4 / 72


@dataclass(frozen=True)
class Drawn:
    """One drawn character. `left` and `right` are its edges, in millimetres from the left of the page; `baseline` is in
    millimetres from the top; `size` is in points; `fill` is its colour (red, green, blue)."""

    page: int
    character: str
    left: float
    right: float
    baseline: float
    size: float
    fill: tuple[int, int, int]


@dataclass(frozen=True)
class Line:
    page: int
    baseline: float
    characters: tuple[Drawn, ...]

    @property
    def text(self) -> str:
        return "".join(drawn.character for drawn in self.characters)

    @property
    def left(self) -> float:
        return min(drawn.left for drawn in self.characters)

    @property
    def right(self) -> float:
        return max(drawn.right for drawn in self.characters)

    @property
    def size(self) -> float:
        return self.characters[0].size


def characters(content: bytes) -> Iterator[Drawn]:
    for number, page in enumerate(pypdfium2.PdfDocument(content), 1):
        height, text = page.get_height(), page.get_textpage()
        for place in range(text.count_chars()):
            character = text.get_text_range(place, 1)
            if not character.strip("\u200b \r\n\u00ad\ufffe"):
                continue
            x, y = ctypes.c_double(), ctypes.c_double()
            raw.FPDFText_GetCharOrigin(text, place, x, y)
            box = raw.FS_RECTF()
            raw.FPDFText_GetLooseCharBox(text, place, box)
            red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
            raw.FPDFText_GetFillColor(text, place, red, green, blue, alpha)
            yield Drawn(
                page=number,
                character=character,
                left=x.value * POINT,
                right=box.right * POINT,
                baseline=(height - y.value) * POINT,
                size=round(raw.FPDFText_GetFontSize(text, place), 2),
                fill=(red.value, green.value, blue.value),
            )


def lines(content: bytes) -> list[Line]:
    """Return the lines of text on all pages, from top to bottom."""
    drawn = sorted(characters(content), key=lambda one: (one.page, round(one.baseline, 1), one.left))
    grouped = groupby(drawn, key=lambda one: (one.page, round(one.baseline, 1)))
    return [Line(page, min(one.baseline for one in row), row) for (page, _), rows in grouped if (row := tuple(rows))]


def rules(content: bytes) -> list[tuple[int, float, float, float, tuple[int, int, int]]]:
    """Return the horizontal lines on all pages: page, distance from the top, left and right in millimetres, colour."""
    found = []
    for number, page in enumerate(pypdfium2.PdfDocument(content), 1):
        height = page.get_height()
        for drawn in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH]):
            left, bottom, right, top = drawn.get_bounds()
            if right - left < 20 * (top - bottom):
                continue
            red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
            raw.FPDFPageObj_GetStrokeColor(drawn.raw, red, green, blue, alpha)
            wide = ctypes.c_float()
            # The bounds of a drawn line are wider than the line by its stroke width on each side.
            raw.FPDFPageObj_GetStrokeWidth(drawn.raw, wide)
            middle, colour = height - (top + bottom) / 2, (red.value, green.value, blue.value)
            found.append((number, middle * POINT, (left + wide.value) * POINT, (right - wide.value) * POINT, colour))
    return found
