"""What a server and an application say to each other about a request's body, and what a request's head must not be.

Every HTTP process reads requests by this, so the module imports nothing that is large.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

#: Longest body in bytes, except of an upload.
LARGEST_BODY = 1024 * 1024
#: The key of the WSGI environment under which an application asks its server to close the connection.
CLOSE = "guichuang.close"
#: The key under which a server finds the longest body that the request may have, in bytes.
LIMIT = "guichuang.limit"

_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def valid_host(host: str) -> bool:
    """Whether a Host header names one host: two of them are joined by a comma."""
    return bool(_HOST.fullmatch(host))


def refused(environ: dict[str, Any], limit: int) -> int:
    """The status by which a request is refused by its head, 0 when it is not. Notes in `environ` what the server must know."""
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
