"""The keys of the WSGI environment by which a server and an application exchange facts about a request's body, and the rules for
a request's header section.

Every HTTP process imports this module, so it imports nothing large.
"""

from __future__ import annotations

import re
from wsgiref.types import WSGIEnvironment

#: The longest body of a request in bytes, except for an upload.
LARGEST_BODY = 1024 * 1024
#: The key in the WSGI environment with which an application asks its server to close the connection.
CLOSE = "guichuang.close"
#: The key in the WSGI environment that tells a server the longest body that the request may have, in bytes.
LIMIT = "guichuang.limit"

_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def valid_host(host: str) -> bool:
    """Return whether a Host header names exactly one host; servers join two headers with a comma."""
    return bool(_HOST.fullmatch(host))


def refused(environ: WSGIEnvironment, limit: int) -> int:
    """Return the status with which a request is refused because of its header section; 0 if it is accepted. Store `LIMIT` and
    `CLOSE` in `environ` for the server."""
    length = environ.get("CONTENT_LENGTH") or "0"
    status = 400 if _misframed(environ) or not length.isdecimal() else 413 if int(length) > limit else 0
    environ[LIMIT], environ[CLOSE] = limit, bool(status)
    return status


def _misframed(environ: WSGIEnvironment) -> bool:
    coding = environ.get("HTTP_TRANSFER_ENCODING")
    if coding is not None and (coding.strip().lower() != "chunked" or "CONTENT_LENGTH" in environ):
        return True
    host = environ.get("HTTP_HOST")
    return not valid_host(host) if host is not None else environ.get("SERVER_PROTOCOL") == "HTTP/1.1"
