"""The embedded platform's parser of requests. It accepts only requests whose end is unambiguous, and no body longer than its path
allows."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask
from waitress.utilities import Error

from gateway.http.errors import bare_problem
from gateway.http.framing import valid_host

#: The longest head of a request, in bytes.
LARGEST_HEAD = 32 * 1024
#: The most bytes by which the framing of a chunked body may exceed its content.
CHUNK_FRAMES = 64 * 1024
#: The longest body, in bytes, that is kept in memory; a longer body is stored in a file.
IN_MEMORY = 128 * 1024

_BARE = re.compile(rb"(?<!\r)\n|\r(?!\n)")
_LENGTH = re.compile(rb"[0-9]{1,18}")


class Limits(Adjustments):  # type: ignore[misc]
    """waitress's settings, with the longest body of each path."""

    def __init__(self, largest_body: Callable[[str], int], **settings: Any) -> None:
        super().__init__(max_request_header_size=LARGEST_HEAD, inbuf_overflow=IN_MEMORY, **settings)
        self.largest_body = largest_body

    def for_body(self, limit: int) -> Limits:
        """Return a copy of these settings for one request, with `limit` as the longest body."""
        copied = copy.copy(self)
        copied.max_request_body_size = limit + CHUNK_FRAMES
        return copied


class Malformed(Error):  # type: ignore[misc]
    """A request whose end two parsers may find at different bytes."""

    code, reason = 400, "Bad Request"


class StrictParser(HTTPRequestParser):  # type: ignore[misc]
    """A parser that rejects with 400 the requests that waitress would silently repair, because a proxy in front may interpret
    them differently: a bare CR or LF, a folded header, a repeated Content-Length, Host or Transfer-Encoding, Content-Length
    together with Transfer-Encoding, an HTTP version other than 1.0 and 1.1. `refused`: the Content-Length exceeds the path's
    limit, so the body is not read and the application answers 413."""

    refused = False
    adj: Limits
    body_rcv: Any
    content_length: int
    completed: bool

    def received(self, data: bytes) -> int:
        if self.body_rcv is None and not self.completed and _misframed(self.header_plus + data):
            self.error = Malformed("framing")
            self.completed = True
            return len(data)
        consumed: int = super().received(data)
        if self.error:
            self.expect_continue = False
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the head. Raises ParsingError, which is answered with 400, for any ambiguity."""
        parted = [line.partition(b":") for line in header_plus.split(b"\r\n")[1:] if line]
        fields = [(name.lower(), value.strip(b" \t")) for name, _, value in parted]
        lengths, hosts, codings = (
            [value for name, value in fields if name == header] for header in (b"content-length", b"host", b"transfer-encoding")
        )
        if any(name[:1] in (b" ", b"\t") for name, _ in fields):
            raise ParsingError("a header is folded")
        if max(len(lengths), len(hosts), len(codings)) > 1 or (lengths and codings):
            raise ParsingError("a header is there twice, or a length beside a transfer coding")
        if any(not _LENGTH.fullmatch(length) for length in lengths) or any(coding.lower() != b"chunked" for coding in codings):
            raise ParsingError("a length or a transfer coding is not valid")
        super().parse_header(header_plus)
        if self.version not in ("1.0", "1.1") or (self.version == "1.0" and codings) or (self.version == "1.1" and not hosts):
            raise ParsingError("not a request of HTTP/1.1 or HTTP/1.0")
        host = self.headers.get("HOST")
        if host is not None and (not valid_host(host) or self.proxy_netloc not in ("", host)):
            raise ParsingError("Host names no host, or another than the address")
        self._limit_body()

    def _limit_body(self) -> None:
        if self.body_rcv is None:
            return
        limit = self.adj.largest_body(self.path)
        if self.content_length <= limit:
            self.adj = self.adj.for_body(limit)
            return
        self.refused, self.connection_close, self.expect_continue = True, True, False
        self.headers["CONNECTION"] = "close"
        self.body_rcv, self.content_length = None, 0


class Refusal(ErrorTask):  # type: ignore[misc]
    """The answer to a request that is refused before it reaches the application: a problem document. The connection is closed."""

    def execute(self) -> None:
        code = self.request.error.code
        english = self.request.headers.get("ACCEPT_LANGUAGE", "").lower().startswith("en")
        body = bare_problem(code, english=english)
        self.status = f"{code} {self.request.error.reason}"
        self.response_headers += [("Content-Type", "application/problem+json"), ("X-Content-Type-Options", "nosniff")]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


def _misframed(head: bytes) -> bool:
    """Return whether the received part of a request's head has bare line ends or begins with a blank."""
    head = head.lstrip(b"\r\n").partition(b"\r\n\r\n")[0]
    return head[:1] in (b" ", b"\t") or bool(_BARE.search(head.removesuffix(b"\r")))
