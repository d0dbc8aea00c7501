"""The TCP connections of this process, as the operating system reports them. The server (granian) gives no access to its
connections, so this module finds them and closes those that must end."""

from __future__ import annotations

import os
import socket
import stat
import struct
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass

_FOLDER = "/proc/self/fd"
#: The part of Linux's `struct tcp_info` with the milliseconds since this side last sent data, and since it last received data.
_TIMES = struct.Struct("=44xI4xI")


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection: its file descriptor, its peer, the seconds since this side last sent data (`unanswered`), and the seconds
    since the peer last sent data (`silent`)."""

    descriptor: int
    peer: tuple[str, int]
    unanswered: float
    silent: float

    def end(self) -> None:
        """Shut the connection down, so that the server (granian) notices its end. If the connection has ended already, do
        nothing."""
        with suppress(OSError), socket.socket(fileno=os.dup(self.descriptor)) as duplicate:
            if duplicate.getpeername()[:2] == self.peer:
                duplicate.shutdown(socket.SHUT_RDWR)


def end_unanswered(port: int, peers: Collection[str], seconds: float) -> None:
    """End the connections with these peers on which this side has sent nothing for more than `seconds`."""
    for connection in _accepted_connections(port):
        if connection.peer[0] in peers and connection.unanswered > seconds:
            connection.end()


def end_beyond(port: int, maximum: int, place_of: Callable[[str], str]) -> None:
    """For each address or network (`place_of` a peer's address) with more than `maximum` connections, end the surplus: the
    connections whose peers have sent nothing for the longest time."""
    if len(os.listdir(_FOLDER)) <= maximum:
        return
    of_place: dict[str, list[Connection]] = defaultdict(list)
    for connection in _accepted_connections(port):
        of_place[place_of(connection.peer[0])].append(connection)
    for connections in of_place.values():
        for connection in sorted(connections, key=lambda each_connection: each_connection.silent)[maximum:]:
            connection.end()


def _accepted_connections(port: int) -> Iterator[Connection]:
    """Yield every connection accepted at a port."""
    for name in os.listdir(_FOLDER):
        with suppress(OSError):
            descriptor = int(name)
            if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                continue
            with socket.socket(fileno=os.dup(descriptor)) as duplicate:
                if duplicate.family in (socket.AF_INET, socket.AF_INET6) and duplicate.getsockname()[1] == port:
                    last_sent, last_received = _TIMES.unpack(
                        duplicate.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TIMES.size)
                    )
                    host, peer_port = duplicate.getpeername()[:2]
                    yield Connection(descriptor, (host, peer_port), last_sent / 1000, last_received / 1000)
