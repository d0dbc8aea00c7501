"""What a request may bring before its sender is known: how long a body, in which frame. A refusal closes the connection."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

from flask import current_app, request
from werkzeug.exceptions import BadRequest

from gateway.problems import bare_problem
from services.kernel.errors import NotFound, TooLarge
from services.kernel.storage_files import FileStore

#: Longest body in bytes, but of an upload: that is as long as it was announced.
LARGEST_BODY = 1024 * 1024
UPLOADS = "/api/v1/uploads/"
#: Where a server that can close connections looks whether the application refused one.
CLOSE = "guichuang.close"
#: Where it finds the longest body that this request may have, in bytes.
LIMIT = "guichuang.limit"

_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def largest_body(store: Any, path: str) -> int:
    """The longest body that this path takes, in bytes; `store` is where the gateway keeps documents, if it does."""
    if path.startswith(UPLOADS) and isinstance(store, FileStore):
        try:
            # One more than announced: a server that ends the body itself makes werkzeug refuse the read that finds its end.
            return store.size_of(path.removeprefix(UPLOADS)) + 1
        except NotFound:
            return LARGEST_BODY
    return LARGEST_BODY


def valid_host(host: str) -> bool:
    """Whether a Host header names one host: two of them are joined by a comma."""
    return bool(_HOST.fullmatch(host))


def check() -> None:
    """Refuse the gateway's present request before anything of it is read. BadRequest when proxies may read its frame otherwise,
    TooLarge when its header says a longer body than its path takes."""
    limit = largest_body(current_app.config["STORE"], request.path)
    status = _refused(request.environ, limit)
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


class Intake:
    """The same for another WSGI application beside the gateway, whose bodies are forms."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if status := _refused(environ, LARGEST_BODY):
            body = bare_problem(status, english=environ.get("HTTP_ACCEPT_LANGUAGE", "").lower().startswith("en"))
            headers = [("Content-Type", "application/problem+json"), ("X-Content-Type-Options", "nosniff")]
            start_response(f"{status} {HTTPStatus(status).phrase}", headers)
            return [body]
        return self._application(environ, start_response)


def _refused(environ: dict[str, Any], limit: int) -> int:
    """The status by which a request is refused by its header, 0 when it is not; what a server must know is noted for it."""
    length = environ.get("CONTENT_LENGTH") or "0"
    status = 400 if _misframed(environ) or not length.isdecimal() else 413 if int(length) > limit else 0
    environ[LIMIT], environ[CLOSE] = limit, bool(status)
    return status


def _misframed(environ: Mapping[str, Any]) -> bool:
    coding = environ.get("HTTP_TRANSFER_ENCODING")
    if coding is not None and (coding.strip().lower() != "chunked" or "CONTENT_LENGTH" in environ):
        return True
    host = environ.get("HTTP_HOST")
    return not valid_host(host) if host is not None else environ.get("SERVER_PROTOCOL") == "HTTP/1.1"
