"""File names in two forms: one to display, and one that file systems, archives and HTTP headers accept."""

from __future__ import annotations

import re
import unicodedata

from services.input.text import clean_line

#: The most bytes of UTF-8 in a portable file name. File systems allow 255; the difference leaves space for text that programs
#: append.
LONGEST_NAME = 200
#: The most bytes of the end of a long name (without its extension) that are kept, because names often differ only at the end
#: (第一册, 第二册).
_TAIL = 60
#: The pattern of device names, which Windows refuses as file names with any extension.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)


def shown_name(name: str) -> str:
    """Return a file's name for display: one line, without folders and invisible characters. Different names may be displayed
    alike, so the result must not be used as an identifier."""
    return re.split(r"[/\\]", clean_line(name))[-1].strip()


def portable_name(name: str, mark: str = "") -> str:
    """Return a name that every file system accepts: no folder, no character or device name that Windows refuses, no dot or blank
    at either end, at most `LONGEST_NAME` bytes. The middle of a longer name is cut out. `mark`: text that is inserted before the
    extension, to distinguish equal names."""
    name = re.sub(r'[<>:"|?*]', "_", re.sub(r"\s+", " ", shown_name(unicodedata.normalize("NFC", name))))
    stem, dot, extension = name.rpartition(".")
    stem, suffix = (stem, f"{mark}.{extension.strip(' .')}") if dot else (extension, mark)
    stem = stem.strip(" .") or "_"
    if _DEVICES.fullmatch(stem.partition(".")[0].strip()):
        stem = f"_{stem}"
    return _cut(stem, LONGEST_NAME - len(suffix.encode())) + suffix


def _cut(stem: str, max_bytes: int) -> str:
    """Shorten a name without its extension to at most `max_bytes` bytes: keep its start and its end."""
    content = stem.encode()
    if len(content) <= max_bytes:
        return stem
    tail = content[-min(_TAIL, max_bytes // 3) :].decode(errors="ignore")
    head = content[: max(max_bytes - len(f"…{tail}".encode()), 0)].decode(errors="ignore")
    return f"{head}…{tail}"
