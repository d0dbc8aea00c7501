"""One client cannot stop the embedded platform: neither by many connections, nor by slow or large requests, nor by wrong
framing."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from waitress import create_server

from deploy.embedded import connections
from deploy.embedded.connections import MOST_OF_ADDRESS, OTHERS_THREADS, make_server
from deploy.embedded.http_framing import LARGEST_HEAD
from deploy.embedded.run import finish
from deploy.local_services.local_service import free_ports

STRANGER, OTHER = "127.0.0.1", "127.0.0.2"
THREADS = 4
#: Path → the size in bytes of the largest request body that the server accepts there.
BODIES = {"/upload": 3_000_000}
USUAL = 1000
#: Seconds for which a test waits for an expected result; how soon it comes does not matter.
PATIENCE = 30.0


@dataclass
class Served:
    """A running server, and the heads and bodies of the requests that its application has received."""

    port: int
    server: Any
    #: A test sets this to let requests to `/wait` continue.
    go_on: threading.Event
    bodies: list[bytes]
    heads: list[dict[str, Any]]

    def connect(self, source: str = STRANGER) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), source_address=(source, 0))
        connection.settimeout(PATIENCE)
        return connection

    def ask(self, source: str, path: str = "/") -> int:
        """Send a whole request from an address; return its status."""
        with self.connect(source) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
            return status_of(received(connection))


def received(connection: socket.socket) -> bytes:
    """Return all bytes until the server closes the connection; a reset counts as closing."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def status_of(answer: bytes) -> int:
    return int(answer.split()[1])


def problem_of(answer: bytes) -> dict[str, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    return dict(json.loads(body))


@pytest.fixture
def served() -> Iterator[Served]:
    go_on = threading.Event()
    bodies: list[bytes] = []
    heads: list[dict[str, Any]] = []

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        heads.append(environ)
        bodies.append(environ["wsgi.input"].read())
        if path == "/wait":
            go_on.wait(PATIENCE)
        too_large = int(environ.get("CONTENT_LENGTH") or 0) > BODIES.get(path, USUAL)
        status = "413 Too Large" if too_large else "200 OK"
        start_response(status, [("Content-Type", "text/plain")])
        return (b"x" * 1_000_000 for _ in range(100)) if path == "/long" else [b"done"]

    address = f"127.0.0.1:{free_ports(['http'])['http']}"
    server = make_server(application, address, threads=THREADS, largest_body=lambda path: BODIES.get(path, USUAL))
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    yield Served(int(address.rpartition(":")[2]), server, go_on, bodies, heads)
    go_on.set()
    finish(server, serving)


def test_idle_connections_of_one_address_keep_no_other_out(served: Served) -> None:
    # Given three times as many idle connections of one address as an address may have
    idle = [served.connect() for _ in range(3 * MOST_OF_ADDRESS)]
    # When other addresses send requests, and the first address sends one too, Then all requests are answered
    assert served.ask(OTHER) == 200
    assert served.ask(STRANGER) == 200
    # and the server keeps as many connections of the first address as an address may have, the youngest ones
    assert received(idle[0]) == b""
    assert len(served.server.active_channels) <= MOST_OF_ADDRESS + 1
    idle[-1].sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert status_of(received(idle[-1])) == 200


def test_when_all_connections_are_taken_the_address_with_most_gives_way(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST", 20)
    idle = [served.connect() for _ in range(18)] + [served.connect(OTHER) for _ in range(2)]
    assert served.ask(OTHER) == 200
    assert received(idle[0]) == b""
    idle[-1].sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert status_of(received(idle[-1])) == 200


@pytest.mark.parametrize(
    ("limit", "sent"),
    [
        ("IDLE_SECONDS", b""),
        ("HEAD_SECONDS", b"GET / HTTP/1.1\r\nHost: a\r\n"),
        ("PACE_SECONDS", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\nabc"),
        ("PACE_SECONDS", b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
        ("PACE_SECONDS", b"GET /long HTTP/1.1\r\nHost: a\r\n\r\n"),
    ],
    ids=["idle", "head", "body", "chunks", "reader"],
)
def test_a_connection_that_keeps_waiting_ends(served: Served, monkeypatch: pytest.MonkeyPatch, limit: str, sent: bytes) -> None:
    # Given a short time limit, and a connection so slow that it would never end
    monkeypatch.setattr(connections, limit, 0.2)
    with served.connect() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(sent)
        ended = threading.Event()
        while not ended.wait(0.05):
            # When the client sends less than the server requires within the time limit
            if limit == "HEAD_SECONDS":
                try:
                    slow.sendall(b"X: y\r\n")
                except OSError:
                    break
            # Then the server ends the connection
            if not served.server.active_channels:
                break
    assert served.ask(OTHER) == 200


def test_no_address_has_all_threads(served: Served) -> None:
    # Given more slow requests of one address than the server has threads
    waiting = [served.connect() for _ in range(3 * THREADS)]
    for connection in waiting:
        connection.sendall(b"GET /wait HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    # When a client at another address sends a request, Then the server answers it
    assert served.ask(OTHER) == 200
    assert len(served.bodies) <= THREADS - OTHERS_THREADS + 1
    # and once the slow requests may continue, all of them are answered
    served.go_on.set()
    assert [status_of(received(connection)) for connection in waiting] == [200] * len(waiting)


def test_a_body_too_large_is_refused_by_its_header_while_it_is_still_sent(served: Served) -> None:
    with served.connect() as sender:
        sender.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000000\r\n\r\n")
        for _ in range(20):
            sender.sendall(b"x" * 65536)
        assert status_of(received(sender)) == 413
    assert served.bodies == [b""]


def test_no_body_is_asked_for_that_would_be_refused(served: Served) -> None:
    with served.connect() as sender:
        sender.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n")
        assert status_of(received(sender)) == 413


def test_a_body_in_chunks_is_cut_at_the_limit(served: Served) -> None:
    with served.connect() as sender:
        sender.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(20):
            sender.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        answer = received(sender)
    assert (status_of(answer), problem_of(answer)["code"]) == (413, "too_large")
    assert served.bodies == []


def test_a_sender_that_goes_on_after_the_limit_is_cut_off(served: Served) -> None:
    # Given a client that sends a request body in chunks, and reads no answer
    sent, frame = 0, b"10000\r\n" + b"x" * 65536 + b"\r\n"
    with served.connect() as sender:
        sender.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        # When this client continues to send without end, Then the server ends the connection after some megabytes
        with pytest.raises(OSError):
            while sent < 1 << 30:
                sender.sendall(frame)
                sent += len(frame)
    assert sent < 64 << 20
    assert served.bodies == []


def test_each_path_takes_bodies_of_its_own_length(served: Served) -> None:
    for path, size, status in (("/", USUAL, 200), ("/", USUAL + 1, 413), ("/upload", 2_000_000, 200)):
        with served.connect() as sender:
            sender.sendall(f"POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n".encode())
            sender.sendall(b"x" * size)
            assert status_of(received(sender)) == status, (path, size)
    assert [len(body) for body in served.bodies] == [USUAL, 0, 2_000_000]


def test_what_a_proxy_says_reaches_the_application(served: Served) -> None:
    said = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https", "Forwarded": "for=198.51.100.7"}
    head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    with served.connect() as connection:
        connection.sendall(f"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{head}\r\n".encode())
        assert status_of(received(connection)) == 200
    assert {name: served.heads[-1].get(f"HTTP_{name.upper().replace('-', '_')}") for name in said} == said


def test_a_head_too_large_is_refused(served: Served) -> None:
    with served.connect() as sender:
        sender.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * LARGEST_HEAD)
        answer = received(sender)
    assert (status_of(answer), problem_of(answer)["code"]) == (431, "head_too_large")


def _post(*headers: bytes, body: bytes = b"", version: bytes = b"HTTP/1.1") -> bytes:
    return b"\r\n".join((b"POST / " + version, *headers, b"", b"")) + body


_CHUNKED, _HOST, _CHUNKS = b"Transfer-Encoding: chunked", b"Host: a", b"2\r\nab\r\n0\r\n\r\n"
MALFORMED = {
    "two hosts": _post(_HOST, b"Host: b"),
    "a host twice": _post(_HOST, _HOST),
    "no host": _post(b"X: y"),
    "no name of a host": _post(b"Host: a b"),
    "two hosts in one": _post(b"Host: a, b"),
    "another host in the address": b"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "two lengths": _post(_HOST, b"Content-Length: 2", b"Content-Length: 3", body=b"abc"),
    "a length twice": _post(_HOST, b"Content-Length: 2", b"Content-Length: 2", body=b"ab"),
    "two lengths in one": _post(_HOST, b"Content-Length: 2, 2", body=b"ab"),
    "a length with a sign": _post(_HOST, b"Content-Length: +2", body=b"ab"),
    "a length below nought": _post(_HOST, b"Content-Length: -1"),
    "a length without end": _post(_HOST, b"Content-Length: " + b"9" * 5000),
    "a length, then chunks": _post(_HOST, b"Content-Length: 2", _CHUNKED, body=_CHUNKS),
    "chunks, then a length": _post(_HOST, _CHUNKED, b"Content-Length: 2", body=_CHUNKS),
    "chunks twice": _post(_HOST, _CHUNKED, _CHUNKED, body=_CHUNKS),
    "chunks in chunks": _post(_HOST, b"Transfer-Encoding: chunked, chunked", body=_CHUNKS),
    "a coding nobody reads": _post(_HOST, b"Transfer-Encoding: gzip, chunked", body=_CHUNKS),
    "no coding": _post(_HOST, b"Transfer-Encoding: identity", body=b"ab"),
    "chunks in HTTP/1.0": _post(_HOST, _CHUNKED, body=_CHUNKS, version=b"HTTP/1.0"),
    "a coding with a vertical tab": _post(_HOST, b"Transfer-Encoding: \x0bchunked", body=_CHUNKS),
    "lines that end bare": b"GET / HTTP/1.1\nHost: a\n\n",
    "a header that ends bare": b"GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",
    "a carriage return alone": b"GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n",
    "a folded header": _post(_HOST, b"X: y", b" z"),
    "a blank before the colon": _post(b"Host : a"),
    "a blank before the request": b" GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "a NUL": _post(_HOST, b"X: a\0b"),
    "no version": b"GET /\r\n\r\n",
    "another version": _post(_HOST, version=b"HTTP/2.0"),
    "a chunk of no size": _post(_HOST, _CHUNKED, body=b"zz\r\nab\r\n0\r\n\r\n"),
    "a chunk that ends bare": _post(_HOST, _CHUNKED, body=b"2\nab\r\n0\r\n\r\n"),
    "a chunk longer than it says": _post(_HOST, _CHUNKED, body=b"2\r\nabc\r\n0\r\n\r\n"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_framed_wrongly_is_refused_and_closed(served: Served, name: str) -> None:
    with served.connect() as sender:
        # The bytes after the malformed request are a second request, as an attacker would hide one (request smuggling).
        sender.sendall(MALFORMED[name] + b"GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n")
        answer = received(sender)
    assert (status_of(answer), problem_of(answer)["code"]) == (400, "bad_request")
    assert answer.count(b"HTTP/1.") == 1
    assert served.bodies == []


@pytest.mark.parametrize(
    "sent",
    [
        _post(_HOST, b"Content-Length: 2", body=b"ab"),
        _post(b"HOST: a:8000", _CHUNKED, body=b"2;x=y\r\nab\r\n0\r\nTrailer: z\r\n\r\n"),
        _post(b"Host: [::1]:8000", b"content-length:2  ", body=b"ab"),
        _post(b"Content-Length: 2", body=b"ab", version=b"HTTP/1.0"),
        b"\r\n\r\n" + _post(b"Host: my_service", b"Content-Length: 2", body=b"ab"),
        b"POST http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab",
    ],
)
def test_what_is_framed_rightly_is_answered(served: Served, sent: bytes) -> None:
    with served.connect() as sender:
        # The request is sent in pieces of seven bytes, because it must be accepted whatever the pieces in which it arrives.
        for place in range(0, len(sent), 7):
            sender.sendall(sent[place : place + 7])
        assert status_of(sender.recv(65536)) == 200
    assert served.bodies[-1] == b"ab"


def test_requests_on_one_connection_are_answered_in_turn(served: Served) -> None:
    with served.connect() as sender:
        sender.sendall(_post(_HOST, b"Content-Length: 2", body=b"ab") * 3 + _post(_HOST, b"Connection: close"))
        assert received(sender).count(b"200 OK") == 4
    assert served.bodies == [b"ab"] * 3 + [b""]


@pytest.mark.parametrize("use_poll", [False, True], ids=["select", "poll"])
def test_a_server_that_stops_closes_its_sockets_itself(use_poll: bool) -> None:
    # Given a server whose loop has chosen the sockets to wait for, and has not begun to wait
    chosen, go_on, died = threading.Event(), threading.Event(), []
    address = f"127.0.0.1:{free_ports(['http'])['http']}"
    server = create_server(lambda environ, start: [], listen=address, threads=1, asyncore_use_poll=use_poll)
    readable = server.readable

    def held() -> bool:
        chosen.set()
        go_on.wait(PATIENCE)
        return bool(readable())

    def run() -> None:
        try:
            server.run()
        except OSError as error:
            died.append(error)

    server.readable = held
    serving = threading.Thread(target=run, daemon=True)
    serving.start()
    assert chosen.wait(PATIENCE)
    # When the server is stopped at this moment
    stopping = threading.Thread(target=finish, args=(server, serving))
    stopping.start()
    stopping.join(timeout=0.2)
    go_on.set()
    stopping.join(PATIENCE)
    # Then the server's loop ends without an error, and no socket listens any more
    assert died == []
    assert not serving.is_alive()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=PATIENCE)
