"""Check the certificates of all servers that are reached by TLS: how long each remains valid, and whether it is trusted."""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from cryptography import x509
from sqlalchemy.engine import make_url

from deploy.doctor.finding import Finding, Grade, first_line, soon, wrong
from services.kernel.clock import real_now
from services.kernel.settings import Settings

#: The time before the end of a certificate's validity from which on it is reported, and from which on it is reported as a fault.
SOON, NOW = timedelta(days=21), timedelta(days=7)
PATIENCE = 5

Hello = Callable[[socket.socket], None]


@dataclass(frozen=True, slots=True)
class Site:
    """A server reached by TLS: its name in findings, and the steps before TLS starts on its connection (`hello`). `checked`: the
    platform itself refuses an untrusted certificate; `ca`: the certificate authority that the platform trusts in addition to the
    system's."""

    name: str
    host: str
    port: int
    hello: Hello | None = None
    checked: bool = True
    ca: str = ""


def check(settings: Settings, services: Sequence[str]) -> Iterator[Finding]:
    """Yield one finding for each server. If a server cannot be reached, other checks report that."""
    for site in sites(settings, services):
        try:
            yield examine(site)
        except OSError as error:
            problem = f"the certificate of {site.name} could not be seen: {first_line(error)}"
            yield Finding("certificates", problem, Grade.SOON, f"See whether {site.host}:{site.port} can be reached from here.")


def sites(settings: Settings, services: Sequence[str]) -> Iterator[Site]:
    """Yield all servers that the settings reach by TLS, each once."""
    for name, url, default in (
        ("the broker", settings.bus, 5671),
        ("the object store", settings.s3, 443),
        ("the object store as clients see it", settings.s3_public, 443),
        ("the platform's public address", settings.public_url, 443),
        ("the identity provider", settings.oidc_issuer, 443),
        ("the SMS service", settings.sms_url, 443),
    ):
        url_parts = urlsplit(url)
        if url_parts.scheme in ("amqps", "https") and url_parts.hostname:
            yield Site(name, url_parts.hostname, url_parts.port or default)
    mail = urlsplit(settings.smtp)
    if mail.scheme == "smtps" and mail.hostname:
        yield Site("the mail server", mail.hostname, mail.port or 465, ca=settings.smtp_ca)
    if mail.scheme == "smtp+starttls" and mail.hostname:
        yield Site("the mail server", mail.hostname, mail.port or 587, _starttls, ca=settings.smtp_ca)
    databases = {}
    for service in services:
        database = make_url(settings.database(service))
        mode, ca = (str(database.query.get(name, "")) for name in ("sslmode", "sslrootcert"))
        if (host := database.host) and mode in ("require", "verify-ca", "verify-full"):
            databases[host, database.port] = Site(
                "the database", host, database.port or 5432, _postgres, mode == "verify-full", ca
            )
    yield from databases.values()


def examine(site: Site) -> Finding:
    """Return the finding for one server. Raises OSError if the server does not speak TLS."""
    certificate = x509.load_der_x509_certificate(_presented_certificate(site, None) or b"")
    valid_until = certificate.not_valid_after_utc
    remaining = valid_until - real_now()
    when = f"{valid_until:%Y-%m-%d %H:%M} UTC"
    advice = f"Put a new one on {site.host}:{site.port}; see why it was not renewed."
    if remaining < timedelta():
        return wrong("certificates", f"that of {site.name} ended on {when}", advice)
    if remaining < SOON:
        return (wrong if remaining < NOW else soon)(
            "certificates", f"that of {site.name} ends in {remaining.days} days, on {when}", advice
        )
    try:
        if site.checked:
            _presented_certificate(site, ssl.create_default_context(cafile=site.ca or None))
    except ssl.SSLCertVerificationError as error:
        problem = f"that of {site.name} is not believed: {error.verify_message}"
        return wrong("certificates", problem, f"Have it issued for {site.host} by an authority that is known here.")
    return Finding("certificates", f"that of {site.name} is good until {valid_until:%Y-%m-%d}")


def _presented_certificate(site: Site, context: ssl.SSLContext | None) -> bytes | None:
    """Return the certificate that the server presents, trusted or not."""
    if context is None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    with socket.create_connection((site.host, site.port), timeout=PATIENCE) as plain:
        if site.hello:
            site.hello(plain)
        with context.wrap_socket(plain, server_hostname=site.host) as secured:
            return secured.getpeercert(binary_form=True)


def _postgres(plain: socket.socket) -> None:
    """Send PostgreSQL's request for TLS, and read the server's answer `S`, which accepts it."""
    plain.sendall(struct.pack("!ii", 8, 80877103))
    if plain.recv(1) != b"S":
        raise OSError("the database does not offer TLS")


def _starttls(plain: socket.socket) -> None:
    """Switch an SMTP connection to TLS (RFC 3207)."""
    lines = plain.makefile("rb")
    for words in (None, b"EHLO doctor\r\n", b"STARTTLS\r\n"):
        if words:
            plain.sendall(words)
        while True:
            line = lines.readline()
            if line[:1] not in (b"2",):
                raise OSError(f"the mail server does not offer TLS: {line[:60]!r}")
            if line[3:4] == b" " or len(line) < 5:
                break
