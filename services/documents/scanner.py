"""Looking for malware in what is uploaded: ClamAV's daemon over its own protocol, where one is configured."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from services.kernel.errors import Unavailable
from services.kernel.settings import Settings

#: Seconds to connect, and for an answer after the last byte.
CONNECT, ANSWER = 5.0, 60.0


class Clamd:
    """A daemon at `clamd://host:port` or `clamd:///path/of/its/socket`."""

    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        if where.scheme != "clamd" or not (where.path.strip("/") or (where.hostname and where.port)):
            raise ValueError("GUICHUANG_SCANNER is clamd://host:port or clamd:///path")
        self._address: tuple[str, int] | str = (
            (where.hostname, where.port) if where.hostname and where.port else unquote(where.path)
        )

    def scan(self, chunks: Iterable[bytes]) -> str | None:
        """The name of what was found, None when nothing was. Unavailable when the daemon is away or did not look at all of it:
        what was not looked at is never let through."""
        with self._connection() as connection:
            connection.sendall(b"zINSTREAM\0")
            for chunk in chunks:
                connection.sendall(struct.pack(">I", len(chunk)) + chunk)
            connection.sendall(struct.pack(">I", 0))
            answer = _read(connection)
        if answer == "stream: OK":
            return None
        if answer.endswith(" FOUND"):
            return answer.removeprefix("stream: ").removesuffix(" FOUND")
        raise _away(RuntimeError(answer))

    def alive(self) -> bool:
        """Whether the daemon answers."""
        try:
            with self._connection() as connection:
                connection.sendall(b"zPING\0")
                return _read(connection) == "PONG"
        except Unavailable:
            return False

    @contextmanager
    def _connection(self) -> Iterator[socket.socket]:
        try:
            if isinstance(self._address, str):
                connection = socket.socket(socket.AF_UNIX)
                connection.settimeout(CONNECT)
                connection.connect(self._address)
            else:
                connection = socket.create_connection(self._address, timeout=CONNECT)
            with connection:
                connection.settimeout(ANSWER)
                yield connection
        except OSError as error:
            raise _away(error) from error


def scanner_of(settings: Settings) -> Clamd | None:
    """The scanner the settings name; None where there is none."""
    return Clamd(settings.scanner) if settings.scanner else None


def _read(connection: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0"):
        piece = connection.recv(4096)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0").decode(errors="replace")


def _away(error: Exception) -> Unavailable:
    refusal = Unavailable(
        "scanner_unavailable",
        "病毒查杀暂时不可用，文件尚未核验，请稍后再次提交核验；无须重新上传。",
        "The malware scanner is away; the file is not verified yet. Complete it again later, there is no need to send it anew.",
        retry_after=30,
    )
    refusal.__cause__ = error
    return refusal
