"""All documents of a case in one archive, made while it is sent: no more of it is in memory than a piece of one file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from stream_zip import ZIP_AUTO, stream_zip

from gateway.sheets import as_csv
from services.kernel.storage import Store

INDEX = "index.csv"
HEADER = ("文件 file", "材料 kind", "文件名 name", "版本 version", "最新 newest", "大小 size", "SHA-256", "入库时间 stored at")
#: What a file in an archive may be done with: read by all, written by its owner.
_MODE = 0o600


def archive(store: Store, files: list[dict[str, Any]]) -> Iterator[bytes]:
    """The archive piece by piece: an index first, then every file under its kind, none twice under one name."""
    named = list(zip(_paths(files), files, strict=True))
    rows = [
        (path, f["kind"], f["filename"], f["version"], "是" if f["newest"] else "否", f["size"], f["sha256"], f["stored_at"])
        for path, f in named
    ]
    index = as_csv(HEADER, rows)
    now = datetime.now(UTC)

    def members() -> Iterator[tuple[str, datetime, int, Any, Iterable[bytes]]]:
        yield INDEX, now, _MODE, ZIP_AUTO(len(index)), (index,)
        for path, file in named:
            stored = datetime.fromisoformat(file["stored_at"]) if file["stored_at"] else now
            yield path, stored, _MODE, ZIP_AUTO(file["size"]), store.read(file["key"])

    yield from stream_zip(members())


def _paths(files: list[dict[str, Any]]) -> Iterator[str]:
    """`<kind>/<name>`; of an older version `<kind>/<stem>.v1.<extension>`. Names were made safe when they were announced."""
    for file in files:
        folder = file["kind"].replace(":", "-").replace("/", "-")
        stem, dot, extension = file["filename"].rpartition(".")
        yield f"{folder}/{file['filename']}" if file["newest"] else f"{folder}/{stem}.v{file['version']}{dot}{extension}"
