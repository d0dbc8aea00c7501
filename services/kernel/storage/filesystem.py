"""The store of objects as files on disk. The gateway answers requests to the presigned URLs of this store:
`/api/v1/uploads/<token>`, `/api/v1/downloads/<token>`."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NoReturn, TypeVar

from services.contracts.payload import Payload
from services.kernel.errors import Forbidden, Invalid, NotFound
from services.kernel.ids import new_id
from services.kernel.messaging.signing import Signer, Verifier, new_key
from services.kernel.storage.base import CHUNK, DOWNLOAD_SECONDS, UPLOAD_SECONDS, Missing, Upload, unavailable

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")
#: Incomplete files older than this (seconds) may be deleted.
SCRATCH_SECONDS = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class UploadToken(Payload):
    """The signed content of an upload URL: the key to write, and the bytes that it accepts."""

    put: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class DownloadToken(Payload):
    """The signed content of a download URL: the key to read, and how the file is served."""

    get: str
    filename: str
    media_type: str
    inline: bool = False


Token = TypeVar("Token", bound=Payload)


@dataclass(frozen=True, slots=True)
class Download:
    """The permission that a download token contains: to read this file under this file name. `inline`: for display in a
    browser."""

    path: Path
    filename: str
    media_type: str
    inline: bool


class FileStore:
    """A store of files. A file appears complete or not at all, and is synced to disk before a method returns. The key with which
    the store signs its URLs is in its folder, so that all processes that use the folder have the key. `public` is the prefix of
    the store's URLs."""

    def __init__(self, folder: Path, *, public: str = "") -> None:
        self._folder = folder.resolve()
        self._public = public.rstrip("/")
        self._scratch = self._folder / ".scratch"
        self._scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in self._scratch.iterdir():
            if path.stat().st_mtime < time.time() - SCRATCH_SECONDS:
                path.unlink(missing_ok=True)
        self._signer = Signer("store", self._key())
        self._verifier = Verifier({"store": self._signer.public})

    # Methods of the interface that every store has

    def check(self) -> None:
        with _errors_translated():
            self._scratch.stat()

    def upload(self, key: str, *, size: int, sha256: str) -> Upload:
        token = self._token(UploadToken(put=key, size=size, sha256=sha256), UPLOAD_SECONDS)
        return Upload("PUT", f"{self._public}/api/v1/uploads/{token}", {})

    def download_url(self, key: str, *, filename: str, media_type: str, inline: bool = False) -> str:
        content = DownloadToken(get=key, filename=filename, media_type=media_type, inline=inline)
        token = self._token(content, DOWNLOAD_SECONDS)
        return f"{self._public}/api/v1/downloads/{token}"

    def put(self, key: str, content: bytes) -> None:
        self._put(key, io.BytesIO(content))

    def put_file(self, key: str, path: Path) -> None:
        with path.open("rb") as file:
            self._put(key, file)

    def move_to_final(self, key: str, final: str) -> None:
        with _errors_translated():
            try:
                self._move_into_place(self._path(key), self._path(final))
            except FileNotFoundError:
                if not self._path(final).exists():
                    raise Missing(key) from None

    def exists(self, key: str) -> bool:
        with _errors_translated():
            return self._path(key).is_file()

    def compose(self, keys: Sequence[str], final: str) -> None:
        if self.exists(final) and not all(map(self.exists, keys)):
            return
        scratch = self._scratch / new_id()
        try:
            with _errors_translated():
                with scratch.open("wb") as whole:
                    for key in keys:
                        with self._path(key).open("rb") as part:
                            shutil.copyfileobj(part, whole, CHUNK)
                    whole.flush()
                    os.fsync(whole.fileno())
                self._move_into_place(scratch, self._path(final))
                for key in keys:
                    self._path(key).unlink(missing_ok=True)
        finally:
            scratch.unlink(missing_ok=True)

    def read(self, key: str) -> Iterator[bytes]:
        with _errors_translated(), self._path(key).open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk

    def read_part(self, key: str, start: int, length: int) -> bytes:
        with _errors_translated(), self._path(key).open("rb") as file:
            file.seek(start)
            return file.read(length)

    def remove(self, key: str) -> None:
        with _errors_translated():
            self._path(key).unlink(missing_ok=True)

    def locks(self) -> bool:
        return False

    def protect(self, key: str, until: datetime | None, *, held: bool) -> None:
        """Do nothing: files cannot be locked."""

    def objects(self) -> Iterator[tuple[str, datetime]]:
        with _errors_translated():
            for folder in sorted(self._folder.iterdir()):
                if folder.is_dir() and folder != self._scratch:
                    for file in sorted(folder.iterdir()):
                        yield f"{folder.name}/{file.name}", datetime.fromtimestamp(file.stat().st_mtime, UTC)

    # Methods for the gateway, which serves the tokens

    def size_of(self, token: str) -> int:
        """Return the number of bytes that an upload token allows. Raises NotFound if this store did not issue the token, or if
        the token has expired."""
        return self._read(token, UploadToken).size

    def receive(self, token: str, body: IO[bytes]) -> None:
        """Store an upload. Raises Invalid and stores nothing if the bytes differ from the announced ones."""
        allowed = self._read(token, UploadToken)
        scratch = self._scratch / new_id()
        try:
            with _errors_translated(), scratch.open("wb") as file:
                size, digest = _copy_limited(body, file, allowed.size)
                file.flush()
                os.fsync(file.fileno())
            if size != allowed.size or digest != allowed.sha256:
                raise Invalid(
                    "checksum_mismatch",
                    "收到的文件与登记的大小或 SHA-256 不符，请重新上传原文件。",
                    "The bytes are not those that were announced (size or SHA-256); send the file again.",
                )
            with _errors_translated():
                self._move_into_place(scratch, self._path(allowed.put))
        finally:
            scratch.unlink(missing_ok=True)

    def serve(self, token: str) -> Download:
        """Return the permission in a download token. Raises NotFound if this store did not issue the token, if the token has
        expired, or if the object does not exist."""
        allowed = self._read(token, DownloadToken)
        path = self._path(allowed.get)
        if not path.is_file():
            _raise_no_such_url()
        return Download(path, allowed.filename, allowed.media_type, allowed.inline)

    # Private methods

    def _put(self, key: str, content: IO[bytes]) -> None:
        scratch = self._scratch / new_id()
        with _errors_translated():
            with scratch.open("wb") as file:
                shutil.copyfileobj(content, file, CHUNK)
                file.flush()
                os.fsync(file.fileno())
            self._move_into_place(scratch, self._path(key))

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError(f"not a key: {key!r}")
        return self._folder / key

    def _move_into_place(self, source: Path, target: Path) -> None:
        if not target.parent.is_dir():
            target.parent.mkdir(exist_ok=True, mode=0o700)
            _sync(target.parent.parent)
        source.replace(target)
        for folder in {source.parent, target.parent}:
            _sync(folder)

    def _token(self, content: Payload, seconds: float) -> str:
        return base64.urlsafe_b64encode(self._signer.statement(content.to_dict(), seconds=seconds).encode()).decode().rstrip("=")

    def _read(self, token: str, kind: type[Token]) -> Token:
        try:
            statement = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
            return kind.from_dict(self._verifier.read(statement, "store"))
        except (ValueError, Forbidden):
            _raise_no_such_url()

    def _key(self) -> str:
        path = self._folder / ".key"
        if not path.exists():
            scratch = self._scratch / new_id()
            with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(new_key())
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):  # Another process may create the key first; then that key is used.
                os.link(scratch, path)
            scratch.unlink()
            _sync(self._folder)
        return path.read_text()


def _copy_limited(body: IO[bytes], file: IO[bytes], announced_size: int) -> tuple[int, str]:
    """Copy the body into the file, but at most one byte more than announced: that is enough to detect an upload that is too
    long."""
    size, digest = 0, hashlib.sha256()
    while chunk := body.read(min(CHUNK, announced_size + 1 - size)):
        file.write(chunk)
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _raise_no_such_url() -> NoReturn:
    raise NotFound("no_such_url", "链接无效或已过期，请重新获取。", "The link is not valid or has expired; get a new one.")


@contextmanager
def _errors_translated() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise Missing(str(error.filename)) from error
    except OSError as error:
        raise unavailable(error) from error
