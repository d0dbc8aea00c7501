"""Citations of the regulation: "A5(2)3" is article 5, item (二), point 3; several citations in one text are separated by a comma
and a space."""

from __future__ import annotations

import re

from services.kernel.errors import Text

_CITATION = re.compile(r"A([1-9]\d?)(?:\(([1-9]\d?)\)([1-9]\d?)?)?")
_NUMERALS = "零一二三四五六七八九"


def is_citation(citation: str, articles: int) -> bool:
    """Return whether every citation in the text names an article that the regulation has. `articles`: the number of its
    articles."""
    matches = [_CITATION.fullmatch(part) for part in citation.split(", ")]
    return all(match is not None and int(match[1]) <= articles for match in matches)


def spell_out(citation: str) -> Text:
    """Return the citation in words, as the regulation writes it. The citation must be valid by `is_citation`."""
    parts = [match.groups() for match in _CITATION.finditer(citation)]
    return Text("、".join(_chinese(*part) for part in parts), "Article " + " and ".join(_english(*part) for part in parts))


def _chinese(article: str, item: str | None, point: str | None) -> str:
    text = f"第{_numeral(int(article))}条"
    if item:
        text += f"第（{_numeral(int(item))}）项"
    if point:
        text += f"第{point}目"
    return text


def _english(article: str, item: str | None, point: str | None) -> str:
    return f"{article}{f'({item})' if item else ''}{point or ''}"


def _numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    tens_text = "" if tens == 0 else "十" if tens == 1 else _NUMERALS[tens] + "十"
    return tens_text + (_NUMERALS[ones] if ones or not tens else "")
