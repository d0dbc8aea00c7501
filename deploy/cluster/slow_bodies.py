"""Request bodies that arrive slowly, under granian. granian reads a body when the application reads it, and waits for the client
without a limit. Therefore requests that wait for their bodies do not count among those that are handled concurrently, the number
of waiting ones per address is limited, and a connection that takes too long is shut down."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from wsgiref.types import WSGIEnvironment

from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from deploy.cluster import own_connections
from gateway.http.framing import CLOSE, LIMIT
from gateway.http.rate_limit import network_of
from services.kernel.errors import TooMany

Application = Callable[[WSGIEnvironment, Callable[..., Any]], Iterable[bytes]]

#: The number of requests that may wait for their bodies concurrently: in total, and from one address (IPv6: network /64).
BODIES, BODIES_OF_ADDRESS = 48, 16
#: Seconds within which a body must arrive.
BODY_SECONDS = 60.0
#: The largest number of connections of one address to a process, if clients connect without a proxy.
CONNECTIONS_OF_ADDRESS = 512
#: Seconds between two checks of the connections.
LOOK_SECONDS = 1.0


class BodyDeadlines:
    """Wraps the WSGI application of a server. The server has `at_work` threads for requests that are handled concurrently, and
    `BODIES` more for requests that wait for their bodies. `port` is the port of the server. Behind `proxies` the number of
    connections of an address is not limited."""

    def __init__(self, application: Application, *, at_work: int, port: int, proxies: int) -> None:
        self._application = application
        self._work = threading.Semaphore(at_work)
        self._lock = threading.Lock()
        self._of_address: Counter[str] = Counter()
        #: Request → the peer whose body is awaited, and since when.
        self._awaited: dict[int, tuple[str, float]] = {}
        watching = threading.Thread(target=self._watch, args=(port, proxies), name="patience", daemon=True)
        watching.start()

    def __call__(self, environ: WSGIEnvironment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if "CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"] = _Body(self, environ)

        def starting(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            more = [("Connection", "close")] if environ.get(CLOSE) else []
            return start_response(status, [*headers, *more], exc_info)

        with self._work:
            return self._application(environ, starting)

    def wait(self, environ: WSGIEnvironment, peer: str, since: float, read: Callable[[], bytes]) -> bytes:
        """Read a body, and let another request be handled during that time. Raises TooMany if too many bodies are awaited. The
        check comes before any of this body is read, because granian cannot answer while a body is being read."""
        address = network_of(environ.get("REMOTE_ADDR"))
        with self._lock:
            if self._of_address[address] >= BODIES_OF_ADDRESS or len(self._awaited) >= BODIES:
                environ[CLOSE] = True
                raise TooMany(
                    "too_many_requests",
                    "同时发送过慢的请求过多，请稍后重试。",
                    "Too many requests come too slowly; please try again in a moment.",
                    retry_after=5,
                )
            self._of_address[address] += 1
            self._awaited[id(environ)] = (peer, since)
        self._work.release()
        try:
            return read()
        finally:
            with self._lock:
                del self._awaited[id(environ)]
                self._of_address[address] -= 1
                if not self._of_address[address]:
                    del self._of_address[address]
            self._work.acquire()

    def _watch(self, port: int, proxies: int) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            with self._lock:
                late = {peer for peer, since in self._awaited.values() if time.monotonic() - since > BODY_SECONDS}
            # granian does not say on which connection a body arrives. The connection is recognised by the fact that this process
            # sends nothing on it while it waits for the body.
            if late:
                own_connections.end_unanswered(port, late, BODY_SECONDS)
            if not proxies:
                own_connections.end_beyond(port, CONNECTIONS_OF_ADDRESS, network_of)


class _Body:
    """The body of a request, in the form of a file that the application reads."""

    def __init__(self, patience: BodyDeadlines, environ: WSGIEnvironment) -> None:
        self._patience = patience
        self._environ = environ
        self._input = environ["wsgi.input"]
        self._peer = str(environ.get("REMOTE_ADDR"))
        self._since = time.monotonic()
        self._read = 0
        length = environ.get("CONTENT_LENGTH", "")
        self._left = int(length) if length.isdecimal() else None

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes, or all bytes if it is not given. Raises RequestEntityTooLarge if the body exceeds the
        limit of the request, and ClientDisconnected if the connection ends before the body does."""
        if self._left is not None:
            size = self._left if size < 0 else min(size, self._left)
        if not size:
            return b""
        piece = self._patience.wait(self._environ, self._peer, self._since, partial(self._input.read, size))
        if self._left is not None:
            if len(piece) < size:  # The connection ended before the body did.
                raise ClientDisconnected
            self._left -= len(piece)
        self._read += len(piece)
        if self._read > self._environ.get(LIMIT, self._read):
            self._environ[CLOSE] = True
            raise RequestEntityTooLarge
        return piece
