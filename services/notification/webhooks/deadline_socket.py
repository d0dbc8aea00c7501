"""A socket with one time limit for the whole exchange. It protects workers against subscribers that send their response very
slowly."""

from __future__ import annotations

import io
import socket
import ssl
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

#: The most bytes that one call reads from the network.
CHUNK = 16_384

T = TypeVar("T")


def resolve(host: str, port: int, seconds: float) -> list[str]:
    """Return the addresses of a host name. Raises TimeoutError if the name servers take longer than `seconds`. The resolver is C
    code and cannot be interrupted, so a thread that still waits for the resolver is abandoned; the thread ends when the resolver
    gives up."""
    addresses: list[str] = []
    failed: list[Exception] = []

    def ask() -> None:
        try:
            addresses.extend(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as error:
            failed.append(error)

    asking = threading.Thread(target=ask, name="look-up", daemon=True)
    asking.start()
    asking.join(seconds)
    if failed:
        raise failed[0]
    if asking.is_alive():
        raise TimeoutError("the name servers do not answer")
    return addresses


class Wire:
    """A connection to one address, with TLS if a context is given. Every wait is limited by the time that remains; a socket's own
    timeout would start again with every byte. TLS runs over memory buffers, because its handshake on a socket would block green
    threads. The class implements the part of a socket that `http.client` uses."""

    def __init__(self, address: str, port: int, *, tls: ssl.SSLContext | None, name: str, seconds: float) -> None:
        self.allow(seconds)
        self._socket = socket.create_connection((address, port), timeout=self._seconds_left())
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._arrived, self._leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = tls.wrap_bio(self._arrived, self._leaving, server_hostname=name) if tls else None
        if self._tls:
            try:
                self._within_deadline(self._tls.do_handshake)
            except BaseException:
                self.close()
                raise

    def allow(self, seconds: float) -> None:
        """Set the time limit, in seconds from now, for all following operations. After this time, every operation raises
        TimeoutError."""
        self._until = time.monotonic() + seconds

    def sendall(self, data: bytes) -> None:
        if self._tls:
            self._within_deadline(partial(self._tls.write, data))
        else:
            self._send_all(data)

    def recv(self, size: int) -> bytes:
        """Read up to `size` bytes; the result is empty at the end of the stream."""
        if not self._tls:
            return self._receive(size)
        try:
            return self._within_deadline(partial(self._tls.read, size))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reading(self))

    def quiet(self) -> bool:
        """Return whether the connection is open and has no unread data, so that it can be used for another request."""
        self._socket.settimeout(0.0)
        try:
            self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    def close(self) -> None:
        self._socket.close()

    def _within_deadline(self, act: Callable[[], T]) -> T:
        """Run a TLS operation, and send and receive the bytes that the operation needs, until the time limit."""
        while True:
            try:
                result = act()
            except ssl.SSLWantReadError:
                self._send_all(self._leaving.read())
                if arrived := self._receive(CHUNK):
                    self._arrived.write(arrived)
                else:
                    self._arrived.write_eof()
            else:
                self._send_all(self._leaving.read())
                return result

    def _send_all(self, data: bytes) -> None:
        unsent = memoryview(data)
        while unsent:
            self._socket.settimeout(self._seconds_left())
            unsent = unsent[self._socket.send(unsent) :]

    def _receive(self, size: int) -> bytes:
        self._socket.settimeout(self._seconds_left())
        return self._socket.recv(size)

    def _seconds_left(self) -> float:
        seconds_left = self._until - time.monotonic()
        if seconds_left <= 0:
            raise TimeoutError("the time allowed is over")
        return seconds_left


class _Reading(io.RawIOBase):
    """A stream that reads from a Wire. Closing the stream leaves the Wire open."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._wire.recv(len(buffer))
        buffer[: len(data)] = data
        return len(data)
