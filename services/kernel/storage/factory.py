"""Choose the document store of an installation."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from services.kernel.settings import Settings
from services.kernel.storage.base import Store
from services.kernel.storage.filesystem import FileStore


def folder_of(settings: Settings) -> Path | None:
    """Return the folder of the documents if the store consists of files; otherwise None."""
    url_parts = urlsplit(settings.s3)
    if url_parts.scheme not in ("file", ""):
        return None
    return Path(unquote(url_parts.path)) if url_parts.scheme else settings.folder / "objects"


def store_of(settings: Settings) -> Store:
    """Return the store that the settings select: `http(s)://key:secret@host:port[?region=…]`, `file:///folder`, or the var
    folder."""
    url_parts = urlsplit(settings.s3)
    if url_parts.scheme in ("http", "https"):
        from services.kernel.storage.s3 import S3Store  # The S3 client is loaded only if the store is an S3 server.

        return S3Store(
            endpoint=f"{url_parts.hostname}:{url_parts.port}" if url_parts.port else str(url_parts.hostname),
            secure=url_parts.scheme == "https",
            access_key=unquote(url_parts.username or ""),
            secret_key=unquote(url_parts.password or ""),
            region=parse_qs(url_parts.query).get("region", ["us-east-1"])[0],
            bucket=settings.bucket,
            public=settings.s3_public,
        )
    folder = folder_of(settings)
    if folder is None:
        raise ValueError(f"GUICHUANG_S3 must begin with http://, https:// or file://, not {url_parts.scheme}://")
    return FileStore(folder, public=settings.s3_public)
