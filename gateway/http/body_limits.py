"""Limits on a request's body that apply before its sender is known: its length and its framing. If a request is refused, the
connection is closed."""

from __future__ import annotations

from flask import current_app, request
from werkzeug.exceptions import BadRequest

from gateway.http.framing import LARGEST_BODY, refused
from services.kernel.errors import NotFound, TooLarge
from services.kernel.storage.base import Store
from services.kernel.storage.filesystem import FileStore

UPLOADS = "/api/v1/uploads/"


def largest_body(store: Store, path: str) -> int:
    """Return the longest body that this path accepts, in bytes. `store` is the store of documents; the gateway itself receives
    uploads only if the store is a folder."""
    if path.startswith(UPLOADS) and isinstance(store, FileStore):
        try:
            # One byte more than the announced size: if the server itself limits the body, werkzeug would refuse the read by which
            # it finds the body's end.
            return store.size_of(path.removeprefix(UPLOADS)) + 1
        except NotFound:
            return LARGEST_BODY
    return LARGEST_BODY


def check() -> None:
    """Refuse the present request before its body is read. Raises BadRequest if a proxy could interpret its framing differently,
    TooLarge if the request's header announces a longer body than the path accepts."""
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
    # werkzeug silently cuts a body without a stated length at `max_content_length`. With one byte more, the server's reader
    # refuses the first byte beyond the limit before werkzeug cuts the body.
    request.max_content_length = limit + 1
