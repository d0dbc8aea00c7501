"""Connections to the broker, and the code that all modules with a connection share: reading with heartbeats, and reconnecting
after the connection is lost."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

import amqp
from amqp.transport import TCPTransport

from services.kernel.errors import Unavailable
from services.kernel.observability import outages

#: Seconds between two heartbeats. If two are missed, the connection counts as lost.
HEARTBEAT = 10
#: Seconds within which a connection must open, and within which the broker must accept a write.
TIMEOUT_SECONDS = 5.0
#: Seconds to wait before the next attempt to connect. The first pause is short, because the broker may only be restarting.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 3.0
#: The largest number of bytes that one read from the socket returns.
READ_BYTES = 8192
#: The number of buffered bytes from which on a batch of writes is sent without waiting for the batch's end.
FLUSH_BYTES = 32768
#: The errors that show that the connection was lost or that the broker has closed a channel.
LOST = (OSError, amqp.AMQPError)
#: The errors with which the broker refuses a request permanently. A repeated request fails too, until an operator changes the
#: broker, the account or the version.
REFUSED = (
    *(amqp.AccessRefused, amqp.NotAllowed, amqp.PreconditionFailed, amqp.NotFound, amqp.ResourceLocked),
    *(amqp.AMQPNotImplementedError, amqp.InternalError),
)

log = logging.getLogger(__name__)


class _ReadAheadTransport(TCPTransport):  # type: ignore[misc]
    """Reads all available bytes from the socket in one call. The library itself makes three calls for each of a message's three
    frames."""

    def _setup_transport(self) -> None:
        super()._setup_transport()
        receive = self.sock.recv
        self._quick_recv = lambda size: receive(max(size, READ_BYTES))


class Connection(amqp.Connection):  # type: ignore[misc]
    """A connection that does not ask the broker for `connection.blocked` notices. With them, the library reads from the socket
    before every publish, so that two threads would read at the same time."""

    negotiate_capabilities: ClassVar[dict[str, bool]] = {"consumer_cancel_notify": True, "authentication_failure_close": True}

    def Transport(self, host: str, connect_timeout: float, ssl: Any, *timeouts: Any, **more: Any) -> Any:
        if ssl:
            return super().Transport(host, connect_timeout, ssl, *timeouts, **more)
        return _ReadAheadTransport(host, connect_timeout, *timeouts, **more)

    def drain_events(self, timeout: float | None = None) -> None:
        """Read frames and run their callbacks, like the library's method, but set the socket's timeout once instead of for each
        frame."""
        with self.transport.having_timeout(timeout):
            while not self.on_inbound_frame(self.transport.read_frame()):
                pass


def user_of(uri: str) -> str:
    """Return the account with which a URI logs in."""
    return unquote(urlsplit(uri).username or "guest")


@contextmanager
def connected(uri: str, kind: type[Connection] = Connection) -> Iterator[Connection]:
    """Open a connection to `amqp://` or `amqps://` (which checks certificate and host name), and close it at the end of the
    block."""
    parts = urlsplit(uri)
    tls = parts.scheme == "amqps"
    host = parts.hostname or "localhost"
    connection = kind(
        host=f"{host}:{parts.port or (5671 if tls else 5672)}",
        userid=user_of(uri),
        password=unquote(parts.password or "guest"),
        virtual_host=unquote(parts.path[1:]) or "/",
        ssl={"context": {"check_hostname": True}, "server_hostname": host} if tls else False,
        heartbeat=HEARTBEAT,
        connect_timeout=TIMEOUT_SECONDS,
        write_timeout=TIMEOUT_SECONDS,
    )
    connection.connect()
    outages.log_recovery(log, "bus_unavailable", "the broker is back")
    try:
        yield connection
        with suppress(*LOST):
            connection.close()
    finally:
        # After an error the connection is dropped without a close handshake, because a broker that hangs would not answer the
        # handshake.
        connection.collect()


def read(connection: Connection, seconds: float) -> bool:
    """Run the callbacks for the next frame that arrives within `seconds`. Return whether one arrived."""
    try:
        connection.drain_events(timeout=seconds)
    except TimeoutError:
        connection.heartbeat_tick()
        return False
    return True


@contextmanager
def batched_writes(connection: Connection) -> Iterator[None]:
    """Send the messages written in the block in a few large writes, instead of one write for each message."""
    transport, buffer = connection.transport, bytearray()
    write = transport._write

    def append(piece: bytes) -> None:
        buffer.extend(piece)
        if len(buffer) >= FLUSH_BYTES:
            flush()

    def flush() -> None:
        content = bytes(buffer)
        buffer.clear()
        write(content)

    transport._write = append
    try:
        yield
        flush()
    finally:
        transport._write = write


def log_lost(what: str, error: Exception) -> None:
    """Log that the broker is unreachable or, if the broker refuses the request, which feature, queue or right is missing. `what`
    is the work that is interrupted."""
    if isinstance(error, REFUSED):
        text = " ".join(str(error.reply_text).split())
        message = "%s: the broker refuses what this process needs: %s. See docs/operations/broker.md; trying again"
        outages.log_outage(log, "broker_refuses", message, what, text, about=what, level=logging.ERROR)
    else:
        outages.log_outage(log, "bus_unavailable", "%s: the broker is away (%s); trying again", what, error)


def run_until_ended(what: str, serve: Callable[[], None], ending: threading.Event) -> None:
    """Run `serve` until `ending` is set. If it returns or fails, run it again after a pause.

    No exception escapes: a background thread that dies would end the whole process.
    """
    pause = FIRST_PAUSE
    while not ending.is_set():
        started = time.monotonic()
        try:
            serve()
        except LOST as error:
            log_lost(what, error)
        except Unavailable as error:
            outages.log_outage(log, error.code, "%s: %s; trying again", what, error)
        except Exception:
            log.exception("%s failed; it is begun again", what)
        pause = FIRST_PAUSE if time.monotonic() - started > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
        ending.wait(pause)
