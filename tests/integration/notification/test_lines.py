"""One attempt of a delivery ends within its time limit, whatever the receiving server does, on green threads and on OS
threads."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).parents[3]
#: The source of a program that sends to several URLs one after another in a separate process, on green threads or OS threads.
PROGRAM = """
import json, socket, sys
from dataclasses import asdict
from time import sleep
found = socket.getaddrinfo
# A resolver whose name servers are slow about this name: C that waits, on whatever thread it is called.
socket.getaddrinfo = lambda host, *given, **named: sleep(1.5) if host == "silent.example" else found(host, *given, **named)
if sys.argv[1] == "green":
    from services.kernel.amqp import green
    green.patch()
from services.notification.webhooks import sender
from services.notification.webhooks.delivery_rules import Allowed
sender.EXCHANGE = float(sys.argv[2])
body = {"id": "1", "text": "x" * int(sys.argv[3])}
for url in sys.argv[4:]:
    line = sender.Line(url, Allowed("127.0.0.0/8,localhost"))
    print(json.dumps([asdict(line.send(body, [])), asdict(line.send(body, []))]), flush=True)
    line.close()
"""
Peer = Callable[[socket.socket], None]


def drips(head: bytes, drop: bytes) -> Peer:
    """Return the behaviour of a server that sends `head`, a part of an answer, and then `drop` again and again without end."""

    def peer(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(head)
        while True:
            time.sleep(0.05)
            connection.sendall(drop)

    return peer


def takes_nothing(connection: socket.socket) -> None:
    while True:
        time.sleep(0.05)
        connection.recv(1)


def says(text: bytes) -> Peer:
    """Return the behaviour of a server that sends this answer to each request."""

    def peer(connection: socket.socket) -> None:
        while connection.recv(65_536):
            connection.sendall(text)

    return peer


@contextmanager
def listening(peer: Peer, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Run a server with this behaviour; yield its port."""

    def meet(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            peer(tls.wrap_socket(connection, server_side=True) if tls else connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=meet, args=(server.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def tried(
    kind: str, *urls: str, seconds: float = 30.0, size: int = 1, authority: Path | None = None
) -> list[list[dict[str, Any]]]:
    """Send twice to each URL; return the two results for each. An attempt that does not end fails the test."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | ({"SSL_CERT_FILE": str(authority)} if authority else {})
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, kind, str(seconds), str(size), *urls]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(params=["plain", "green"])
def threads(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_who_sends_a_little_now_and_then_holds_nobody(threads: str) -> None:
    peers = {
        "a status line": drips(b"HTTP/1.1 200 ", b"O"),
        "headers": drips(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        "one header": drips(b"HTTP/1.1 200 OK\r\nX: ", b"y"),
        "interim answers": drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        "nothing": drips(b"", b""),
    }
    with ExitStack() as stack:
        ports = [stack.enter_context(listening(peer)) for peer in peers.values()]
        results = tried(threads, *(f"http://127.0.0.1:{port}/" for port in ports), seconds=0.4)
    for what, tries in zip(peers, results, strict=True):
        assert [(one["delivered"], one["reached"], one["error"]) for one in tries] == [(False, False, "TimeoutError")] * 2, what


def test_nor_do_name_servers_that_do_not_answer(threads: str) -> None:
    with listening(says(b"HTTP/1.1 204 No Content\r\n\r\n")) as port:
        silent, other = tried(threads, "https://silent.example/", f"http://localhost:{port}/", seconds=0.4)
    assert [(one["reached"], one["error"]) for one in silent] == [(False, "TimeoutError")] * 2
    assert [one["delivered"] for one in other] == [True] * 2


def test_nor_in_the_handshake_of_tls(threads: str) -> None:
    # Given a server that begins to send a TLS record of 8 KiB and never completes it, then each attempt ends at the time limit
    with listening(drips(b"\x16\x03\x03\x20\x00", b"\x02")) as port:
        [tries] = tried(threads, f"https://localhost:{port}/", seconds=0.4)
    assert [(one["reached"], one["error"]) for one in tries] == [(False, "TimeoutError")] * 2


def test_nor_who_takes_in_a_little_now_and_then(threads: str) -> None:
    with listening(takes_nothing) as port:
        [tries] = tried(threads, f"http://127.0.0.1:{port}/", seconds=0.4, size=8_000_000)
    assert [(one["reached"], one["error"]) for one in tries] == [(False, "TimeoutError")] * 2


def test_an_answer_without_end_is_not_read(threads: str) -> None:
    lengths = (b"", b"Content-Length: 1000000000000\r\n", b"Transfer-Encoding: chunked\r\n")
    with ExitStack() as stack:
        heads = [b"HTTP/1.1 200 OK\r\n" + length + b"\r\n" for length in lengths]
        ports = [stack.enter_context(listening(drips(head, b"1\r\nx\r\n"))) for head in heads]
        results = tried(threads, *(f"http://127.0.0.1:{port}/" for port in ports))
    assert [[one["delivered"] for one in tries] for tries in results] == [[True, True]] * 3


def test_a_header_without_end_is_refused(threads: str) -> None:
    with listening(drips(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 100_000, b"y")) as port:
        [tries] = tried(threads, f"http://127.0.0.1:{port}/")
    assert [(one["reached"], one["error"]) for one in tries] == [(False, "LineTooLong")] * 2


def test_what_is_no_answer_counts_as_nobody_there(threads: str) -> None:
    with listening(says(b"220 mail.example ESMTP\r\n")) as port:
        [tries] = tried(threads, f"http://127.0.0.1:{port}/")
    assert [(one["reached"], one["error"]) for one in tries] == [(False, "BadStatusLine")] * 2


def test_a_certificate_is_checked_and_must_be_of_that_name(threads: str, tmp_path: Path) -> None:
    answer = says(b"HTTP/1.1 204 No Content\r\n\r\n")
    with listening(answer, certified(tmp_path, "localhost")) as good, listening(answer, certified(tmp_path, "other")) as wrong:
        # Given two servers, one with a certificate for another name, and a client that trusts both certificates
        authority = tmp_path / "both.pem"
        authority.write_bytes((tmp_path / "localhost.pem").read_bytes() + (tmp_path / "other.pem").read_bytes())
        results = tried(threads, f"https://localhost:{good}/", f"https://localhost:{wrong}/", authority=authority)
    assert [[(one["delivered"], one["error"]) for one in tries] for tries in results] == [
        [(True, None)] * 2,
        [(False, "SSLCertVerificationError")] * 2,
    ]


def certified(folder: Path, name: str) -> ssl.SSLContext:
    """Return a server's TLS context with a new certificate for this name; the certificate is written into the folder."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, folder / f"{name}.key")
    return context
