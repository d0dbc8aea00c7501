"""The store of documents: an S3-compatible server, or files on disk for the embedded deployment, behind one interface.

Clients upload and download through presigned URLs, so that no document passes through the memory of a service. An upload is
stored under a key of its own. `move_to_final` moves it to the final key, to which no URL can write, so that a verified document
cannot be replaced later.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from urllib.parse import quote

from services.input.file_names import portable_name
from services.kernel.errors import Unavailable

#: The number of bytes of an object that are read and processed in one step.
CHUNK = 1 << 20
#: The number of bytes that one request fetches from an object that is read at several positions.
PART_READ = 64 << 10
#: Seconds for which a presigned upload or download URL is valid.
UPLOAD_SECONDS = 3600
DOWNLOAD_SECONDS = 300


#: The least size in bytes of each part of an upload except the last, which S3 servers require.
MIN_PART_BYTES = 5 << 20


class Missing(LookupError):
    """There is no object under this key."""


class Locked(Exception):
    """The store refuses to remove this object, because its lock has not ended."""


@dataclass(frozen=True, slots=True)
class Upload:
    """The HTTP request with which a client must send the bytes of an object."""

    method: str
    url: str
    headers: dict[str, str]


class Store(Protocol):
    """Stores objects by key. Every method raises Unavailable if the store is unreachable."""

    def check(self) -> None:
        """Raise Unavailable unless the store answers."""

    def upload(self, key: str, *, size: int, sha256: str) -> Upload:
        """Return a presigned upload for exactly these bytes: `size` in bytes, `sha256` in hex. The store refuses other bytes."""

    def download_url(self, key: str, *, filename: str, media_type: str, inline: bool = False) -> str:
        """Return a presigned URL that serves the object under this file name: for saving or, with `inline`, for display in a
        browser. A URL without a host is a path of the gateway."""

    def put(self, key: str, content: bytes) -> None:
        """Store content that the platform generated under its final key."""

    def put_file(self, key: str, path: Path) -> None:
        """Store a file of any size under its final key."""

    def move_to_final(self, key: str, final: str) -> None:
        """Move an upload to its final key. A repeated call changes nothing. Raises Missing if nothing was uploaded."""

    def exists(self, key: str) -> bool:
        """Return whether there is an object under this key."""

    def compose(self, keys: Sequence[str], final: str) -> None:
        """Join parts, in this order, into one object under the final key, and remove the parts. A repeated call changes nothing.
        Raises Missing if a part does not exist. Every part but the last must have at least `MIN_PART_BYTES` bytes."""

    def read(self, key: str) -> Iterator[bytes]:
        """Yield the object in chunks. Raises Missing if there is none."""

    def read_part(self, key: str, start: int, length: int) -> bytes:
        """Return `length` bytes of the object from the position `start`; the object must be long enough. Raises Missing if there
        is no object."""

    def remove(self, key: str) -> None:
        """Remove an object with all its versions, if it exists. Raises Locked while the object is locked."""

    def locks(self) -> bool:
        """Return whether the store itself can prevent the removal of objects (S3 object lock)."""

    def protect(self, key: str, until: datetime | None, *, held: bool) -> None:
        """If the store supports locks, make it refuse to remove an object before the instant `until` and, if `held`, until a
        later call lifts the legal hold. The period of a lock is never shortened. Raises Missing if there is no object."""

    def objects(self) -> Iterator[tuple[str, datetime]]:
        """Yield the key of every object, and the instant at which it was written."""


class _StoredFile(io.RawIOBase):
    """A file interface to a stored object, which reads the object part by part."""

    def __init__(self, store: Store, key: str, size: int) -> None:
        self._store, self._key, self._size, self._at = store, key, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence], 0)
        return self._at

    def readinto(self, buffer: Any) -> int:
        length = max(min(len(buffer), self._size - self._at), 0)
        if length:
            buffer[:length] = self._store.read_part(self._key, self._at, length)
        self._at += length
        return length


def open_stored(store: Store, key: str, size: int) -> BinaryIO:
    """Open an object of `size` bytes as a file. Only the parts that the caller reads are fetched, and no copy is stored."""
    return io.BufferedReader(_StoredFile(store, key, size), PART_READ)


def attachment(filename: str, *, inline: bool = False) -> str:
    """Return the Content-Disposition header (RFC 6266) for a file that is saved under this name; the name is made safe for every
    file system. `inline`: for a file that a browser displays and may save under this name."""
    name = portable_name(filename)
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    disposition = "inline" if inline else "attachment"
    return f"{disposition}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def unavailable(error: Exception) -> Unavailable:
    """Return the error to raise if the store does not answer as expected."""
    refusal = Unavailable(
        "store_unavailable",
        "文件存储暂时不可用，文件没有登记，请稍后重试。",
        "The object store is away for the moment; nothing was registered. Please try again.",
    )
    refusal.__cause__ = error
    return refusal
