"""Clean text. On input, codes are converted to one spelling, and prose keeps the spelling in which it was typed. Invisible
characters are removed on input and on output."""

from __future__ import annotations

import re
import unicodedata

#: Line separators other than "\n": Windows and Mac line ends, Word's manual break (U+000B), form feed, NEL, LS, PS.
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
#: Characters that are never printed and disturb comparisons: C0 and C1 controls (without tab and newline), soft hyphen,
#: zero-width characters, direction marks and overrides, filler letters, the byte-order mark, tags, noncharacters and halves of
#: surrogate pairs. Variation selectors stay: they choose between forms of rare ideographs.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
    + "".join(chr(plane << 16 | last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
_BREAK_IN_CHINESE = re.compile(r"(?<=[^\x00-\x7f])\s*[\n\t]\s*(?=[^\x00-\x7f])")
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")


def has_nul(text: str) -> bool:
    """Return whether a text contains U+0000. People do not type it and databases do not store it, so such a text is refused, not
    cleaned."""
    return "\x00" in text


def clean_paragraphs(text: str) -> str:
    """Clean prose that may have several lines: line ends become "\\n", invisible characters and surrounding blanks are removed.
    Ideographic spaces that indent the first paragraph stay."""
    return _visible(text).rstrip().lstrip(" \t\n\xa0")


def clean_line(text: str) -> str:
    """Clean prose of one line, such as a name. Like `clean_paragraphs`, but each line break or tab becomes a space, or disappears
    between two Chinese characters, which no space separates."""
    joined = _BREAK_IN_CHINESE.sub("", _visible(text).strip())
    return re.sub(r"\s*[\n\t]\s*", " ", joined)


def fold(text: str) -> str:
    """Clean a number, address or identifier of one line: full-width and other compatible forms become plain (NFKC), dashes become
    "-", invisible characters and surrounding blanks are removed. Not for prose, whose full-width punctuation must stay."""
    return _plain(_visible(_plain(_DASHES.sub("-", _visible(text)))).strip())


def clean_code(text: str) -> str:
    """Clean a code that contains no blanks: like `fold`, but blanks inside the code are removed too."""
    return _plain("".join(fold(text).split()))


def clean_search(text: str) -> str:
    """Clean search words. A code or number is cleaned by `fold`, so it keeps its inner blanks; any other text is cleaned as one
    line of prose."""
    plain = fold(clean_line(text))
    return plain if plain.isascii() else clean_line(text)


def clean_username(text: str) -> str:
    """Return the canonical spelling of a username, by which usernames are compared: cleaned by `clean_code`, in lower case."""
    return clean_code(clean_code(text).lower())


def clean_one_time_code(text: str) -> str:
    """Clean a code of an authenticator app or a recovery code, which people type in groups with blanks and dashes."""
    return clean_code(text).replace("-", "").lower()


def printable(text: str) -> str:
    """Prepare a stored text for output to a file, mail or header: remove the characters that break these formats. Line ends are
    "\\n"; blanks stay. Every output uses this function, because texts that an older version stored were not cleaned on input."""
    return _visible(text)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _visible(text: str) -> str:
    return _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))
