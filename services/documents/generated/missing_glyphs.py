"""Finds characters that no font has. It asks the typesetter itself, which chooses the fonts, including its built-in ones."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

#: The first font for every text; the other fonts of the folders are tried for the characters it lacks.
SERIF = "Noto Serif SC"
#: A private-use character that no font has: its glyph is the box for a missing character.
_ABSENT = "\U000ffffd"
#: Draws each character in its own colour, by which its glyph is found in the picture.
_PROBE = Path(__file__).with_name("glyphs.typ")
_GLYPH = re.compile(r'<use xlink:href="#(\w+)"[^>]* fill="(#[0-9a-f]{6})"')


def unprintable(text: str, folders: Sequence[Path]) -> str:
    """The characters of a text that would be printed as a box with the fonts in these folders, each once."""
    rare = sorted({character for character in text if not _common(character)})
    if not rare:
        return ""
    missing, glyphs = _drawn([_ABSENT, *rare], folders)
    return "".join(character for character, drawn in zip(rare, glyphs, strict=True) if missing & drawn)


def _common(character: str) -> bool:
    """Return whether it is a blank or a character of GB 2312, all of which the font has."""
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return character.isspace() or character == "\u200b"
    return True


def _drawn(characters: Sequence[str], folders: Sequence[Path]) -> tuple[set[str], list[set[str]]]:
    """The glyphs that the typesetter draws: those of the first character, and those of each other one."""
    import typst

    # A combining mark needs a base character.
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
