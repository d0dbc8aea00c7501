"""Find characters that no font has. This module lets the typesetter draw the characters, because the typesetter chooses the fonts
and also has built-in fonts."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

#: The font that is used first for every text; the other fonts of the folders are tried for the characters that it lacks.
SERIF = "Noto Serif SC"
#: A private-use character that no font has. Its picture shows the glyph that the typesetter prints for any missing character.
_ABSENT = "\U000ffffd"
#: The template that draws each character in its own colour, so that its glyph can be found in the picture.
_PROBE = Path(__file__).with_name("glyphs.typ")
_GLYPH = re.compile(r'<use xlink:href="#(\w+)"[^>]* fill="(#[0-9a-f]{6})"')


def unprintable(text: str, folders: Sequence[Path]) -> str:
    """Return the characters of a text that would be printed as a missing glyph with the fonts in these folders, each character
    once."""
    rare = sorted({character for character in text if not _common(character)})
    if not rare:
        return ""
    missing, glyphs = _drawn([_ABSENT, *rare], folders)
    return "".join(character for character, drawn in zip(rare, glyphs, strict=True) if missing & drawn)


def _common(character: str) -> bool:
    """Return whether the character is a blank or belongs to GB 2312; the font `SERIF` has all such characters."""
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return character.isspace() or character == "\u200b"
    return True


def _drawn(characters: Sequence[str], folders: Sequence[Path]) -> tuple[set[str], list[set[str]]]:
    """Let the typesetter draw the characters. Return the glyphs of the first character, and a list with the glyphs of each other
    character."""
    import typst

    # A combining mark is drawn after a base character, because a combining mark alone has no glyph.
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
