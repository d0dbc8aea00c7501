"""All documents of a case in one archive. The archive is created while it is sent, so only a part of one file is in memory at a
time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from stream_zip import ZIP_AUTO, stream_zip

from gateway.files.spreadsheets import as_csv
from services.contracts.document_answers import BundledDocument
from services.contracts.labels import label
from services.input.file_names import portable_name
from services.kernel.clock import SHANGHAI
from services.kernel.storage.base import Store

INDEX = "index.csv"
HEADER = ("文件 file", "材料 kind", "文件名 name", "版本 version", "最新 newest", "大小 size", "SHA-256", "入库时间 stored at")
#: The permissions of the files in an archive: read and write for the owner only.
_MODE = 0o600


def archive(store: Store, files: Sequence[BundledDocument]) -> Iterator[bytes]:
    """Yield the archive in pieces: first an index, then every file under its kind, each with a unique name. Times are Beijing
    time, because times in a ZIP file have no zone and programs interpret them as local time."""
    entries = [(path, _beijing_time(file["stored_at"]), file) for path, file in zip(paths(files), files, strict=True)]
    rows = [
        (
            path,
            label("document_kind", f["kind"]).zh,
            f["filename"],
            f["version"],
            "是" if f["newest"] else "否",
            f["size"],
            f["sha256"],
            stored,
        )
        for path, stored, f in entries
    ]
    index = as_csv(HEADER, rows)

    def members() -> Iterator[tuple[str, datetime, int, Any, Iterable[bytes]]]:
        yield INDEX, datetime.now(SHANGHAI), _MODE, ZIP_AUTO(len(index)), (index,)
        for path, stored, file in entries:
            yield path, stored.replace(tzinfo=SHANGHAI), _MODE, ZIP_AUTO(file["size"]), store.read(file["key"])

    yield from stream_zip(members())


def paths(files: Sequence[BundledDocument]) -> list[str]:
    """Return the paths of the files in the archive: `<kind>/<name>`; for an older version of a document
    `<kind>/<stem>.v1.<extension>`. The paths contain only characters that every file system accepts. No two paths are equal on a
    file system that ignores case: if a name is used already, the next one gets a number."""
    used: dict[str, str] = {INDEX: INDEX}
    for file in files:
        path = next(path for path in _candidates(file) if path.casefold() not in used)
        used[path.casefold()] = path
    return list(used.values())[1:]


def _candidates(file: BundledDocument) -> Iterator[str]:
    folder = file["kind"].replace(":", "-").replace("/", "-")
    version = "" if file["newest"] else f".v{file['version']}"
    yield f"{folder}/{portable_name(file['filename'], version)}"
    for number in count(2):
        yield f"{folder}/{portable_name(file['filename'], f'{version} ({number})')}"


def _beijing_time(instant: str | None) -> datetime:
    """Return the time at which a file was stored, in Beijing time without a zone, to the second; the present time if it is
    unknown."""
    local = datetime.fromisoformat(instant).astimezone(SHANGHAI) if instant else datetime.now(SHANGHAI)
    return local.replace(tzinfo=None, microsecond=0)
