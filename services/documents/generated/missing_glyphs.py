"""Which characters no font has. The typesetter itself says it: it chooses the fonts, its built-in ones among them."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

#: Every text is set in this font first, and every other font of the folders is tried for what it lacks.
SERIF = "Noto Serif SC"
#: A private-use character that no font here has: its glyph is the box of a missing character.
_ABSENT = "\U000ffffd"
#: Draws each character in a colour of its own, by which its glyphs are found in the picture.
_PROBE = Path(__file__).with_name("glyphs.typ")
_GLYPH = re.compile(r'<use xlink:href="#(\w+)"[^>]* fill="(#[0-9a-f]{6})"')


def unprintable(text: str, folders: Sequence[Path]) -> str:
    """The characters of a text that would be printed as a box, each once, with the fonts in these folders."""
    rare = sorted({character for character in text if not _common(character)})
    if not rare:
        return ""
    missing, glyphs = _drawn([_ABSENT, *rare], folders)
    return "".join(character for character, drawn in zip(rare, glyphs, strict=True) if missing & drawn)


def _common(character: str) -> bool:
    """Whether it is one of GB 2312, which the font has whole, or a blank."""
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return character.isspace() or character == "\u200b"
    return True


def _drawn(characters: Sequence[str], folders: Sequence[Path]) -> tuple[set[str], list[set[str]]]:
    """The glyphs that the typesetter draws for each character; those of the first, and those of the others."""
    import typst

    # A mark is drawn on a character.
    shown = [f"一{character}" if unicodedata.category(character).startswith("M") else character for character in characters]
    probes = [(f"#{number:06x}", character) for number, character in enumerate(shown, 1)]
    picture: bytes = typst.compile(
        _PROBE,
        format="svg",
        font_paths=list(folders),
        ignore_system_fonts=True,
        sys_inputs={"font": SERIF, "probes": json.dumps(probes, ensure_ascii=False)},
    )
    found: dict[str, set[str]] = {colour: set() for colour, _ in probes}
    for glyph, colour in _GLYPH.findall(picture.decode()):
        if colour in found:
            found[colour].add(glyph)
    first, *others = found.values()
    return first, others
