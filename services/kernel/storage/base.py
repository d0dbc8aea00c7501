"""Where the bytes of documents lie: an S3-compatible server, or files on disk for the embedded shape; one interface.

Clients bring and fetch bytes by presigned URLs, so that nothing passes through our memory. An upload lands under a key of
its own; `settle` moves it to the final key, which no URL can ever write to: what is verified there cannot be swapped later.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from urllib.parse import quote

from services.input.file_names import portable_name
from services.kernel.errors import Unavailable

#: Bytes handled at once.
CHUNK = 1 << 20
#: Bytes fetched at once of an object that is looked at here and there.
PART_READ = 64 << 10
#: Seconds a presigned upload and a presigned download are good for.
UPLOAD_SECONDS = 3600
DOWNLOAD_SECONDS = 300


#: Bytes each part of an upload has at least, but the last; what S3 servers ask for.
PART_LEAST = 5 << 20


class Missing(LookupError):
    """There is no object under this key."""


class Locked(Exception):
    """The store keeps this object: its lock has not ended."""


@dataclass(frozen=True, slots=True)
class Upload:
    """How a client is to send the bytes."""

    method: str
    url: str
    headers: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


class Store(Protocol):
    """Objects by key. Every method raises Unavailable when the store is away."""

    def check(self) -> None:
        """Raise Unavailable unless the store answers."""

    def upload(self, key: str, *, size: int, sha256: str) -> Upload:
        """A presigned upload of exactly these bytes: `size` in bytes, `sha256` in hex. The store refuses others."""

    def download_url(self, key: str, *, filename: str, media_type: str, inline: bool = False) -> str:
        """A presigned URL that serves the object under this name: to be saved, or `inline` to be shown by a browser. A URL
        without a host is the gateway's."""

    def put(self, key: str, content: bytes) -> None:
        """Keep what we made ourselves under its final key."""

    def put_file(self, key: str, path: Path) -> None:
        """Keep a file of any size under its final key, as `put` does."""

    def settle(self, key: str, final: str) -> None:
        """Move an upload to its final key. Repeating it changes nothing; Missing when nothing was uploaded."""

    def holds(self, key: str) -> bool:
        """Whether there is an object under this key."""

    def compose(self, keys: Sequence[str], final: str) -> None:
        """Put parts together, in this order, under their final key, and drop them. Repeating it changes nothing; Missing when a
        part is not there. Every part but the last has at least `PART_LEAST` bytes."""

    def read(self, key: str) -> Iterator[bytes]:
        """The object in chunks; Missing when there is none."""

    def read_part(self, key: str, start: int, length: int) -> bytes:
        """`length` bytes of the object from `start` on, all of which it has; Missing when there is none."""

    def remove(self, key: str) -> None:
        """Drop an object with all its versions, if it is there. Locked while the store keeps it."""

    def locks(self) -> bool:
        """Whether the store itself can keep objects from being removed (S3 object lock)."""

    def protect(self, key: str, until: datetime | None, *, held: bool) -> None:
        """Where the store locks: let nobody remove an object before an instant, and none while it is `held`. A lock is never
        shortened. Missing when there is none."""

    def objects(self) -> Iterator[tuple[str, datetime]]:
        """Every object's key, and when it was written."""


class _StoredFile(io.RawIOBase):
    """An object of a store as a file that is read by its parts."""

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
    """An object of `size` bytes as a file, read where it is looked at and nowhere kept."""
    return io.BufferedReader(_StoredFile(store, key, size), PART_READ)


def attachment(filename: str, *, inline: bool = False) -> str:
    """The Content-Disposition of a file to be saved under this name (RFC 6266), which every file system takes; `inline`: of one
    that a browser shows and may save under it."""
    name = portable_name(filename)
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    disposition = "inline" if inline else "attachment"
    return f"{disposition}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def away(error: Exception) -> Unavailable:
    """What to say when the store does not answer as it should."""
    refusal = Unavailable(
        "store_unavailable",
        "文件存储暂时不可用，文件没有登记，请稍后重试。",
        "The object store is away for the moment; nothing was registered. Please try again.",
    )
    refusal.__cause__ = error
    return refusal
