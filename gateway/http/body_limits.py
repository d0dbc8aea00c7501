"""What a request may bring before its sender is known: how long a body, in which frame. A refusal closes the connection."""

from __future__ import annotations

from typing import Any

from flask import current_app, request
from werkzeug.exceptions import BadRequest

from gateway.http.framing import LARGEST_BODY, refused
from services.kernel.errors import NotFound, TooLarge
from services.kernel.storage.filesystem import FileStore

UPLOADS = "/api/v1/uploads/"


def largest_body(store: Any, path: str) -> int:
    """The longest body that this path takes, in bytes; `store` is where the gateway keeps documents, if it does."""
    if path.startswith(UPLOADS) and isinstance(store, FileStore):
        try:
            # One more than announced: a server that ends the body itself makes werkzeug refuse the read that finds its end.
            return store.size_of(path.removeprefix(UPLOADS)) + 1
        except NotFound:
            return LARGEST_BODY
    return LARGEST_BODY


def check() -> None:
    """Refuse the gateway's present request before anything of it is read. BadRequest when proxies may read its frame otherwise,
    TooLarge when its header says a longer body than its path takes."""
    limit = largest_body(current_app.config["STORE"], request.path)
    status = refused(request.environ, limit)
    if status == 400:
        raise BadRequest
    if status == 413:
        raise TooLarge(
            "too_large",
            f"请求内容过大，此处最多 {limit // 1024} KiB；文件请按文件上传办理。",
            f"The body is too large: at most {limit // 1024} KiB here. Send files as document uploads.",
        )
    # werkzeug ends a body without a length silently at the limit; whoever reads it for the server refuses one more byte.
    request.max_content_length = limit + 1
