"""All documents of a case in one archive, made while it is sent: no more of it is in memory than a piece of one file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from stream_zip import ZIP_AUTO, stream_zip

from gateway.sheets import as_csv
from services.kernel.clock import SHANGHAI
from services.kernel.storage import Store

INDEX = "index.csv"
HEADER = ("文件 file", "材料 kind", "文件名 name", "版本 version", "最新 newest", "大小 size", "SHA-256", "入库时间 stored at")
#: What a file in an archive may be done with: read by all, written by its owner.
_MODE = 0o600
#: Bytes of UTF-8 a name in an archive may have: file systems take 255, and some room is left for a folder's own suffix.
LONGEST_NAME = 200
#: Names that Windows refuses, whatever their extension.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)", re.IGNORECASE)


def archive(store: Store, files: list[dict[str, Any]]) -> Iterator[bytes]:
    """The archive piece by piece: an index first, then every file under its kind, none twice under one name. Times are Beijing
    time: a ZIP file's times have no zone, and unpacking takes them as local."""
    named = list(zip(paths(files), files, strict=True))
    rows = [
        (path, f["kind"], f["filename"], f["version"], "是" if f["newest"] else "否", f["size"], f["sha256"], f["stored_at"])
        for path, f in named
    ]
    index = as_csv(HEADER, rows)
    now = datetime.now(UTC).astimezone(SHANGHAI)

    def members() -> Iterator[tuple[str, datetime, int, Any, Iterable[bytes]]]:
        yield INDEX, now, _MODE, ZIP_AUTO(len(index)), (index,)
        for path, file in named:
            stored = datetime.fromisoformat(file["stored_at"]).astimezone(SHANGHAI) if file["stored_at"] else now
            yield path, stored, _MODE, ZIP_AUTO(file["size"]), store.read(file["key"])

    yield from stream_zip(members())


def paths(files: list[dict[str, Any]]) -> list[str]:
    """`<kind>/<name>`; of an older version `<kind>/<stem>.v1.<extension>`. No two are the same on a disk that ignores case; a
    name that Windows refuses or a file system cannot hold is changed, and one that is taken gets a number."""
    taken: set[str] = set()
    found = []
    for file in files:
        folder = _portable(file["kind"].replace(":", "-").replace("/", "-"), "")
        stem, _, extension = file["filename"].rpartition(".")
        mark = "" if file["newest"] else f".v{file['version']}"
        number = 1
        while True:
            again = "" if number == 1 else f" ({number})"
            path = f"{folder}/{_portable(stem, f'{mark}{again}.{extension}')}"
            if path.casefold() not in taken:
                break
            number += 1
        taken.add(path.casefold())
        found.append(path)
    return found


def _portable(stem: str, ending: str) -> str:
    """A name that every file system takes: no device of Windows, no dot or blank at the end, within `LONGEST_NAME` bytes."""
    if _DEVICES.match(stem + ending):
        stem = f"_{stem}"
    room = LONGEST_NAME - len(ending.encode())
    return (stem.encode()[:room].decode(errors="ignore") + ending).rstrip(" .")
