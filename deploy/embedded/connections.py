"""The connections of the embedded platform. The number per address is limited, and connections that make other clients wait too
long are ended."""

from __future__ import annotations

import socket
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from deploy import open_files
from deploy.embedded.http_framing import Limits, Refusal, StrictParser
from gateway.http.rate_limit import network_of

#: The most connections in total, and of one address (IPv6: of a network /64). If there are more, the address with too many loses
#: the connection that has sent nothing for the longest time, so that the people in an office behind one address can continue to
#: work.
MOST, MOST_OF_ADDRESS = 500, 64
#: The number of threads that a single address may not occupy, so that they stay free for other addresses.
OTHERS_THREADS = 2
#: Seconds within which the head of a request must arrive, and for which a connection without a request is kept.
HEAD_SECONDS, IDLE_SECONDS = 15, 30
#: The least number of bytes of a body or an answer that must be transferred in the given number of seconds.
PACE_BYTES, PACE_SECONDS = 20 * 1024, 20
#: Seconds for which data of a refused sender are still received, so that the sender can read the answer, and the most bytes that
#: are discarded in that time.
LINGER_SECONDS, LINGER_BYTES = 2, 4 << 20
#: The number of open files that the platform requests from the operating system.
FILES = 4096


class Pace:
    """Measures whether a transfer progresses; `total` is the number of bytes so far."""

    def __init__(self, now: float, total: int) -> None:
        self._since, self._then = now, total

    def lost(self, now: float, total: int) -> bool:
        if now - self._since < PACE_SECONDS:
            return False
        slow = total - self._then < PACE_BYTES
        self._since, self._then = now, total
        return slow


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection, with the measurements that determine whether it has made other clients wait too long."""

    parser_class = StrictParser
    error_task_class = Refusal
    will_close: bool

    def __init__(self, server: Server, sock: socket.socket, addr: Any, adj: Limits, map: Any = None) -> None:
        self.place = network_of(addr[0])
        self.sent = 0
        self._watched: StrictParser | None = None
        self._head_since = 0.0
        self._body: Pace | None = None
        self._answer: Pace | None = None
        self._to_linger = False
        self._lingers_until = 0.0
        self._thrown_away = 0
        super().__init__(server, sock, addr, adj, map=map)

    def add_channel(self, map: Any = None) -> None:
        super().add_channel(map)
        self.server.of_place[self.place][self._fileno] = self

    def del_channel(self, map: Any = None) -> None:
        channels = self.server.of_place[self.place]
        channels.pop(self._fileno, None)
        if not channels:
            del self.server.of_place[self.place]
        super().del_channel(map)

    def received(self, data: bytes) -> bool:
        if self._lingers_until:
            self._thrown_away += len(data)
            if self._thrown_away > LINGER_BYTES:
                self.end()
            return False
        accepted: bool = super().received(data)
        if self.request is not self._watched:
            self._watched, self._head_since, self._body = self.request, time.monotonic(), None
        if self.request is not None and self.request.headers_finished and self._body is None:
            self._body = Pace(time.monotonic(), 0)
        return accepted

    def send(self, data: bytes, do_close: bool = True) -> int:
        sent_count: int = super().send(data, do_close=do_close)
        self.sent += sent_count
        return sent_count

    def service(self) -> None:
        request = self.requests[0]
        self._to_linger = bool(request.error or request.refused)
        try:
            super().service()
        finally:
            self.server.task_dispatcher.finished(self)

    def handle_close(self) -> None:
        """If the sender was refused, receive data for a moment before closing. A connection that is closed while its sender is
        still sending is reset, and the sender cannot read the reason."""
        if self._to_linger and self.will_close and self.connected:
            self._to_linger = self.will_close = False
            self._lingers_until = time.monotonic() + LINGER_SECONDS
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except OSError:
                super().handle_close()
        else:
            super().handle_close()

    def end(self) -> None:
        """Close the connection in the loop's next pass. The socket is shut down first: if the peer reads nothing, the socket
        would never become writable and the loop would never close it, but a socket that is shut down becomes writable."""
        self.will_close = True
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def overdue(self, now: float) -> bool:
        """Return whether the connection has made other clients wait too long."""
        if self._lingers_until:
            return now > self._lingers_until
        if self.total_outbufs_len:
            self._answer = self._answer or Pace(now, self.sent)
            return self._answer.lost(now, self.sent)
        self._answer = None
        if self.requests:  # The platform is still working on a request, so the client is not the cause.
            self._head_since = now
            return False
        if self.request is None:
            return bool(time.time() - self.last_activity > IDLE_SECONDS)
        if self._body is None:
            return now - self._head_since > HEAD_SECONDS
        return self._body.lost(now, self.request.body_bytes_received)


class Dispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Answers requests in threads. One address can never use all of them."""

    def __init__(self, threads: int) -> None:
        super().__init__()
        self._most = max(threads - OTHERS_THREADS, 1)
        self._running: Counter[str] = Counter()
        self._waiting: dict[str, deque[Channel]] = defaultdict(deque)
        self.set_thread_count(threads)

    def add_task(self, task: Channel) -> None:
        with self.lock:
            if self._running[task.place] >= self._most:
                self._waiting[task.place].append(task)
                return
            self._running[task.place] += 1
        super().add_task(task)

    def finished(self, task: Channel) -> None:
        """A thread has answered a request of this connection: give the thread to the next connection of the same address."""
        with self.lock:
            waiting = self._waiting.get(task.place)
            following = waiting.popleft() if waiting else None
            if following is None:
                self._waiting.pop(task.place, None)
                self._running[task.place] -= 1
                if not self._running[task.place]:
                    del self._running[task.place]
        if following is not None:
            super().add_task(following)


class Server(TcpWSGIServer):  # type: ignore[misc]
    """waitress's server with limits for each address."""

    channel_class = Channel

    def __init__(self, application: Any, adj: Limits, threads: int) -> None:
        self.of_place: dict[str, dict[int, Channel]] = defaultdict(dict)
        # IPv4 first, if a name has both kinds of address.
        sockinfo = sorted(adj.listen, key=lambda info: info[0] != socket.AF_INET)[0]
        super().__init__(application, dispatcher=Dispatcher(threads), adj=adj, sockinfo=sockinfo)

    def handle_accept(self) -> None:
        super().handle_accept()
        crowded = max(self.of_place.values(), key=len, default={})
        if len(crowded) > MOST_OF_ADDRESS or len(self.active_channels) > MOST:
            self._drop_one(crowded)

    @staticmethod
    def _drop_one(channels: dict[int, Channel]) -> None:
        silent = [channel for channel in channels.values() if not channel.requests and not channel.will_close]
        if silent:
            min(silent, key=lambda channel: channel.last_activity).end()

    def maintenance(self, now: float) -> None:
        for channel in list(self.active_channels.values()):
            if channel.overdue(time.monotonic()):
                channel.end()


def make_server(application: Any, address: str, *, threads: int, largest_body: Callable[[str], int]) -> Server:
    """Return a server at `host:port`. Raises OSError if the address is in use."""
    open_files.allow(FILES)
    host, _, port = address.rpartition(":")
    adj = Limits(
        largest_body,
        host=host.strip("[]"),
        port=int(port),
        ident="guichuang",
        connection_limit=MOST + MOST_OF_ADDRESS,
        cleanup_interval=1,
        asyncore_use_poll=True,
        # waitress must not remove these headers: they show that there is a proxy, and GUICHUANG_PROXIES decides which of them are
        # trusted.
        clear_untrusted_proxy_headers=False,
    )
    return Server(application, adj, threads)
