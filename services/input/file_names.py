"""File names: for readers, and for file systems, archives and headers."""

from __future__ import annotations

import re
import unicodedata

from services.input.text import clean_line

#: Bytes of UTF-8 a name on a disk may have. File systems take 255; the rest is room for what programs append.
LONGEST_NAME = 200
#: Bytes kept of the end of a long stem: names often differ only there (第一册, 第二册).
_TAIL = 60
#: Names of devices, which Windows refuses whatever extension follows.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)


def shown_name(name: str) -> str:
    """A file's name for readers: one line, without folders and invisible characters. Different names may be shown alike, so it
    must not be used as an identifier."""
    return re.split(r"[/\\]", clean_line(name))[-1].strip()


def portable_name(name: str, mark: str = "") -> str:
    """A name that every file system accepts: no folder, no character or device name that Windows refuses, no dot or blank at
    either end, at most `LONGEST_NAME` bytes. A long stem loses its middle. `mark` is inserted before the extension."""
    name = re.sub(r'[<>:"|?*]', "_", re.sub(r"\s+", " ", shown_name(unicodedata.normalize("NFC", name))))
    stem, dot, extension = name.rpartition(".")
    stem, ending = (stem, f"{mark}.{extension.strip(' .')}") if dot else (extension, mark)
    stem = stem.strip(" .") or "_"
    if _DEVICES.fullmatch(stem.partition(".")[0].strip()):
        stem = f"_{stem}"
    return _cut(stem, LONGEST_NAME - len(ending.encode())) + ending


def _cut(stem: str, room: int) -> str:
    """The start and the end of a stem that is too long, together at most `room` bytes."""
    content = stem.encode()
    if len(content) <= room:
        return stem
    tail = content[-min(_TAIL, room // 3) :].decode(errors="ignore")
    head = content[: max(room - len(f"…{tail}".encode()), 0)].decode(errors="ignore")
    return f"{head}…{tail}"
