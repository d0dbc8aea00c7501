"""The doctor checks systems outside the platform: certificates that expire, clocks that differ, a single sign-on without keys, a
broker that is down."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.doctor import Finding, Grade, broker, certificates, external, gateway
from deploy.doctor.broker import Queue, backlog
from deploy.local_services.local_service import free_ports
from services.kernel.clock import real_now
from services.kernel.settings import Settings

NOBODY = frozenset[str]()


def certify(folder: Path, lasts: timedelta) -> ssl.SSLContext:
    """Write a self-signed certificate for 127.0.0.1, valid for `lasts`, to `cert.pem`; return the TLS context of a server that
    uses it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(real_now() - timedelta(days=30))
        .not_valid_after(real_now() + lasts)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(plain)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


@contextmanager
def serving(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Run a server on loopback that calls `talk` for each connection; yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection, suppress(OSError):  # The client may have closed the connection.
                    talk(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def tls(context: ssl.SSLContext) -> Callable[[socket.socket], None]:
    def talk(plain: socket.socket) -> None:
        with context.wrap_socket(plain, server_side=True) as secured:
            secured.recv(1)

    return talk


def postgres(context: ssl.SSLContext) -> Callable[[socket.socket], None]:
    def talk(plain: socket.socket) -> None:
        assert plain.recv(8) == b"\0\0\0\x08\x04\xd2\x16\x2f"
        plain.sendall(b"S")
        tls(context)(plain)

    return talk


def starttls(context: ssl.SSLContext) -> Callable[[socket.socket], None]:
    def talk(plain: socket.socket) -> None:
        plain.sendall(b"220-mail\r\n220 of a test\r\n")
        assert plain.recv(100).startswith(b"EHLO")
        plain.sendall(b"250-mail\r\n250-8BITMIME\r\n250 STARTTLS\r\n")
        assert plain.recv(100) == b"STARTTLS\r\n"
        plain.sendall(b"220 go on\r\n")
        tls(context)(plain)

    return talk


def ill(found: Iterator[Finding]) -> list[tuple[Grade, str]]:
    return [(symptom.grade, symptom.what) for symptom in found if symptom.grade]


#: The time for which a certificate is still valid, and the grade and the beginning of the doctor's finding about it.
LIVES = [
    (timedelta(days=-1), Grade.WRONG, "that of {} ended on"),
    (timedelta(days=6), Grade.WRONG, "that of {} ends in 5 days"),
    (timedelta(days=20), Grade.SOON, "that of {} ends in 19 days"),
    (timedelta(days=300), Grade.WRONG, "that of {} is not believed: self-signed certificate"),
]


@pytest.mark.parametrize(("lasts", "grade", "what"), LIVES)
def test_a_certificate_is_told_of_before_it_ends(tmp_path: Path, lasts: timedelta, grade: Grade, what: str) -> None:
    with serving(tls(certify(tmp_path, lasts))) as port:
        settings = Settings(public_url=f"https://127.0.0.1:{port}")
        [(found, told)] = ill(certificates.check(settings, ()))
    assert found is grade
    assert told.startswith(what.format("the platform's public address"))


@pytest.mark.parametrize(
    ("speaks", "setting", "url", "name"),
    [
        (tls, "bus", "amqps://a:b@127.0.0.1:{}/v", "the broker"),
        (tls, "s3", "https://a:b@127.0.0.1:{}", "the object store"),
        (tls, "oidc_issuer", "https://127.0.0.1:{}", "the identity provider"),
        (tls, "smtp", "smtps://a:b@127.0.0.1:{}", "the mail server"),
        (starttls, "smtp", "smtp+starttls://a:b@127.0.0.1:{}", "the mail server"),
        (postgres, "db_review", "postgresql+psycopg://a:b@127.0.0.1:{}/r?sslmode=verify-full&sslrootcert=/none", "the database"),
    ],
)
def test_whatever_is_reached_by_tls_is_looked_at(tmp_path: Path, speaks: Any, setting: str, url: str, name: str) -> None:
    with serving(speaks(certify(tmp_path, timedelta(days=3)))) as port:
        [(grade, what)] = ill(certificates.check(Settings(**{setting: url.format(port)}), ("review",)))
    assert (grade, what.startswith(f"that of {name} ends in 2 days")) == (Grade.WRONG, True)


def test_a_good_certificate_of_an_authority_that_is_known_is_well(tmp_path: Path) -> None:
    with serving(tls(certify(tmp_path, timedelta(days=300)))) as port:
        known = Settings(smtp=f"smtps://a:b@127.0.0.1:{port}", smtp_ca=str(tmp_path / "cert.pem"))
        [symptom] = certificates.check(known, ())
    assert symptom.grade is Grade.WELL


def test_where_nobody_talks_tls_that_is_told() -> None:
    with serving(lambda plain: plain.sendall(b"hello\r\n")) as port:
        [(grade, what)] = ill(certificates.check(Settings(public_url=f"https://127.0.0.1:{port}"), ()))
    assert (grade, "could not be seen" in what) == (Grade.SOON, True)


def test_what_is_not_reached_by_tls_is_not_asked() -> None:
    assert list(certificates.sites(Settings(db_review="postgresql+psycopg://a:b@127.0.0.1:1/r"), ("review", "documents"))) == []


@contextmanager
def answering(pages: dict[str, Any], ahead: float = 0.0) -> Iterator[str]:
    """Run an HTTP server with these pages (path → JSON) and a clock that is `ahead` seconds ahead; yield the server's URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path)
            self.send_response(404 if page is None else 200)
            self.end_headers()
            self.wfile.write(json.dumps(page).encode())

        do_HEAD = do_GET

        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(real_now() + timedelta(seconds=ahead), usegmt=True)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(("ahead", "grades"), [(0, []), (4, [Grade.SOON]), (-9, [Grade.WRONG]), (900, [Grade.WRONG])])
def test_a_clock_that_differs_from_the_object_stores_is_told(ahead: float, grades: list[Grade]) -> None:
    with answering({}, ahead) as url:
        assert [grade for grade, _ in ill(external.clock_of(url))] == grades


@pytest.mark.parametrize(
    ("described", "public_url", "told"),
    [
        ({"token_endpoint": None}, "https://guichuang.example", "names no authorization or token endpoint"),
        ({"code_challenge_methods_supported": ["plain"]}, "https://guichuang.example", "does not support PKCE"),
        ({}, "http://guichuang.example", "people log in over plain http: the platform"),
        ({}, "https://guichuang.example", ""),
    ],
)
def test_a_login_in_the_browser_that_cannot_work_is_told(described: dict[str, Any], public_url: str, told: str) -> None:
    pages: dict[str, Any] = {}
    with answering(pages) as url:
        endpoints = {"authorization_endpoint": f"{url}/authorize", "token_endpoint": f"{url}/token"}
        pages["/.well-known/openid-configuration"] = {"issuer": url, "jwks_uri": f"{url}/keys"} | endpoints | described
        pages["/keys"] = {"keys": [{}]}
        settings = Settings(oidc_issuer=url, oidc_client="guichuang", public_url=public_url)
        found = ill(external.sign_on(settings))
    assert [told in what for _, what in found] == ([True] if told else [])


def test_an_identity_provider_that_publishes_no_keys_is_told() -> None:
    pages: dict[str, Any] = {}
    with answering(pages) as url:
        about = "/.well-known/openid-configuration"
        settings = Settings(oidc_issuer=url)
        assert "HTTPError" in ill(external.sign_on(settings))[0][1]
        pages[about] = {"issuer": "https://other.example", "jwks_uri": f"{url}/keys"}
        assert "it calls itself https://other.example" in ill(external.sign_on(settings))[0][1]
        pages[about]["issuer"] = url
        pages["/keys"] = {"keys": []}
        assert "it publishes no keys" in ill(external.sign_on(settings))[0][1]
        pages["/keys"] = {"keys": [{"kty": "OKP"}]}
        assert ill(external.sign_on(settings)) == []
    assert ill(external.sign_on(settings))[0][0] is Grade.WRONG


@pytest.mark.parametrize(("proxies", "expected"), [("1", []), ("0", ["GUICHUANG_PROXIES is 0: to the gateway"])])
def test_a_console_apart_needs_a_gateway_that_answers_and_counts_it_among_its_proxies(proxies: str, expected: list[str]) -> None:
    with answering({"/healthz": {"status": "ok"}}) as url:
        told = ill(external.api(Settings(console_api=url, proxies=proxies), ()))
    assert [what[: len(start)] for (_, what), start in zip(told, expected, strict=True)] == expected


def test_a_gateway_that_does_not_answer_the_console_is_told() -> None:
    port = free_ports(["http"])["http"]
    [(grade, what)] = ill(external.api(Settings(console_api=f"http://127.0.0.1:{port}", proxies="1"), ()))
    assert grade is Grade.WRONG
    assert what.startswith("the gateway does not answer")


def test_without_a_console_apart_nothing_is_asked_of_the_gateway() -> None:
    assert list(external.api(Settings(), ("gateway",))) == []
    # The pod of a service has the gateway's address in its settings, but the network policy does not let the pod connect to the
    # gateway. Therefore the doctor in such a pod does not try.
    assert list(external.api(Settings(console_api="http://gateway", bus="amqp://broker/guichuang"), ("review",))) == []


def test_a_gateway_that_lacks_something_or_is_something_else_is_told() -> None:
    pages: dict[str, Any] = {"/readyz": {"status": "ready", "missing": [], "parts": {"bus": True}}}
    with answering(pages) as url:
        here, settings = ("gateway", "application"), Settings(bus="amqp://broker/v", http=url.removeprefix("http://"))
        assert ill(gateway.check(settings, here)) == []
        pages["/readyz"] = {"status": "degraded", "missing": ["bus"], "parts": {"bus": False}}
        assert ill(gateway.check(settings, here)) == [(Grade.WRONG, f"the gateway answers at {url} that it is without: bus")]
        pages["/readyz"] = ["hello"]
        assert ill(gateway.check(settings, here))[0][1].endswith("what answers there is not the gateway")
    assert ill(gateway.check(settings, here))[0][1].startswith(f"the gateway does not answer at {url}")


def test_only_settings_that_have_a_way_to_the_gateway_ask_it() -> None:
    cluster = Settings(bus="amqp://broker/v", console_api="http://gateway")
    assert gateway.address(cluster, ("review", "gateway")) == "http://gateway"
    assert gateway.address(cluster, ("review",)) is None
    # The process `identity` has the gateway's database but serves no clients, so in its pod there is no gateway to check.
    assert gateway.address(cluster, ("gateway",)) is None
    assert gateway.address(replace(cluster, http="0.0.0.0:8000"), ("gateway",)) == "http://127.0.0.1:8000"


def test_the_pooled_deployment_looks_at_the_bureaus_that_it_does_not_serve() -> None:
    pooled = Settings(bus="amqp://broker/v", jurisdictions="*,-450200,-450300", federated="451400")
    assert broker.others(pooled, NOBODY, NOBODY) == ["450200", "450300"]
    # A bureau that has moved to another deployment belongs to that deployment, even if this one's settings still list it; a
    # bureau that is being moved belongs to no deployment yet.
    assert broker.others(pooled, {"450100", "450300"}, {"450100"}) == ["450100", "450200"]
    # A bureau's own deployment looks at no other bureau, because its account at the broker may not read the queues of other
    # bureaus.
    assert broker.others(Settings(bus="amqp://broker/v", jurisdictions="450200"), NOBODY, NOBODY) == []


def test_a_broker_that_is_away_and_a_deployment_without_databases_are_told() -> None:
    port = free_ports(["nobody"])["nobody"]
    away = Settings(bus=f"amqp://a:b@127.0.0.1:{port}/v", db_review="sqlite://")
    assert ill(broker.check(away, ("review",), NOBODY))[0][1].startswith("the broker does not answer")
    assert ill(broker.check(replace(away, db_review=""), (), NOBODY))[0][1].startswith("no database is set")


@pytest.mark.parametrize(("then", "grade"), [(900, Grade.SOON), (2000, Grade.WRONG), (2500, Grade.WRONG)])
def test_a_backlog_is_worse_when_it_becomes_no_less(then: int, grade: Grade) -> None:
    assert backlog(Queue("review.450200", 2000, 1), Queue("review.450200", then, 1)).grade is grade
