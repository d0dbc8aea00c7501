"""Under granian too, one client cannot stop the gateway: neither by slow or large request bodies, nor by wrong framing."""

from __future__ import annotations

import json
import os
import select
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from deploy.cluster.slow_bodies import BODIES_OF_ADDRESS
from deploy.demo.client import until
from deploy.local_services import Process
from deploy.local_services.local_service import free_ports

ROOT = Path(__file__).parents[2]
STRANGER, SECOND, OTHER = "127.0.0.1", "127.0.0.2", "127.0.0.3"
SLOW = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\nabc"
PATIENCE = 30.0


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Yield the port of a gateway's HTTP server with an application that reads bodies."""
    port = free_ports(["http"])["http"]
    serve = f"http_server('tests.deploy.patient_app:application', '127.0.0.1:{port}', workers=1).serve()"
    process = Process("granian", tmp_path_factory.mktemp("granian"))
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PATIENT_PORT": str(port)}
    process.start([sys.executable, "-c", f"from deploy.cluster.serve import http_server; {serve}"], environment)

    def answers() -> bool:
        try:
            return ask(port, OTHER)[0] == 200
        except OSError:
            return False

    process.wait_until(answers, 60)
    yield port
    process.stop()


def connect(port: int, source: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), source_address=(source, 0))
    connection.settimeout(PATIENCE)
    return connection


def received(connection: socket.socket) -> bytes:
    """Return all bytes until the server closes the connection; a reset counts as closing."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def answered(connection: socket.socket) -> tuple[int, dict[str, Any]]:
    """Return the status and the JSON of the next answer on a connection."""
    answer = b""
    while not answer.endswith(b"}"):
        part = connection.recv(65536)
        assert part, answer
        answer += part
    return int(answer.split()[1]), json.loads(answer.partition(b"\r\n\r\n")[2])


def ask(port: int, source: str, body: bytes = b"ab") -> tuple[int, dict[str, Any]]:
    with connect(port, source) as connection:
        head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
        connection.sendall(head + body)
        return answered(connection)


def test_a_body_is_read_whole_however_it_comes(port: int) -> None:
    assert ask(port, OTHER, b"x" * 1_000_000)[1]["length"] == 1_000_000
    with connect(port, OTHER) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(10):
            connection.sendall(b"2\r\nab\r\n")
        connection.sendall(b"0\r\n\r\n")
        assert answered(connection)[1]["length"] == 20
        # and after a body in chunks, the same connection can be used for further requests
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert answered(connection) == (200, {"length": 0, "from": OTHER})


def test_slow_bodies_end_and_keep_nobody_else_out(port: int) -> None:
    # Given two clients that send more slow request bodies than the server has threads; one of these requests continues byte by
    # byte
    slow = [connect(port, source) for source in (STRANGER, SECOND) for _ in range(BODIES_OF_ADDRESS + 4)]
    for connection in slow:
        connection.sendall(SLOW)
    # When a client at another address sends a request, Then the server answers it
    assert ask(port, OTHER)[0] == 200
    # and each slow client's requests above the limit for one address are refused, and the server closes the others when their
    # time is over
    sending = threading.Event()
    dripping = threading.Thread(target=_drip, args=(slow[0], sending))
    dripping.start()
    told = [received(connection) for connection in slow]
    sending.set()
    dripping.join()
    assert {answer.split()[1] for answer in told if answer} == {b"429"}
    assert b"" in told
    # and after the slow requests have ended, the server serves their address again
    until(lambda: ask(port, STRANGER)[0] == 200 or None, "the stranger being answered")


def _drip(connection: socket.socket, ended: threading.Event) -> None:
    with suppress(OSError):
        while not ended.wait(0.2):
            connection.sendall(b"x")


def test_an_address_keeps_no_more_connections_than_it_may_have(port: int) -> None:
    # Given an address with one and a half times as many connections as an address may have
    idle = [connect(port, STRANGER) for _ in range(150)]
    # Then the server closes some of the connections, and answers other addresses and this address
    until(lambda: _ended(idle) >= 50 or None, "connections ending")
    assert ask(port, OTHER)[0] == 200
    assert ask(port, STRANGER)[0] == 200


def _ended(connections: list[socket.socket]) -> int:
    return len(select.select(connections, [], [], 0)[0])


def test_a_body_too_large_is_refused_by_its_header_and_the_connection_closed(port: int) -> None:
    with connect(port, STRANGER) as sender:
        sender.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000000\r\n\r\n" + b"x" * 1000)
        answer = received(sender)
    assert answer.split()[1] == b"413"
    assert b"connection: close" in answer.lower()


def test_a_body_in_chunks_is_cut_at_the_limit(port: int) -> None:
    with connect(port, STRANGER) as sender:
        sender.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(16):
            sender.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        sender.sendall(b"1\r\nx\r\n")
        assert answered(sender)[0] == 413


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: y\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2, 2\r\n\r\nab",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\nab",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\nab",
        b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
    ],
)
def test_what_is_framed_wrongly_is_refused_and_closed(port: int, sent: bytes) -> None:
    with connect(port, STRANGER) as sender:
        sender.sendall(sent + b"GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n")
        answer = received(sender)
    assert answer.split()[1] == b"400"
    assert answer.count(b"HTTP/1.1 ") == 1


def test_http_2_is_not_spoken_here(port: int) -> None:
    with connect(port, STRANGER) as sender:
        sender.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9))
        assert received(sender) == b""


def test_a_length_beside_chunks_counts_for_nothing_and_ends_the_connection(port: int) -> None:
    # granian passes only one of Content-Length and Transfer-Encoding to the application. For a request with both, RFC 9112
    # requires the server to read the chunks and close the connection.
    for first, second in (
        (b"Content-Length: 5", b"Transfer-Encoding: chunked"),
        (b"Transfer-Encoding: chunked", b"Content-Length: 5"),
    ):
        with connect(port, STRANGER) as sender:
            head = b"\r\n".join((b"POST / HTTP/1.1", b"Host: a", first, second, b"", b""))
            sender.sendall(head + b"2\r\nab\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n")
            answer = received(sender)
        assert b'"length": 2' in answer
        assert answer.count(b"HTTP/1.1 ") == 1
