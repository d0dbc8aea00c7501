"""A real mail server in a separate process: TLS, a login, and a folder into which it writes accepted mails.

`python -m tests.integration.notification.mailbox FOLDER PORT`; the certificate and key are in the folder.
"""

from __future__ import annotations

import asyncio
import datetime
import email
import email.policy
import itertools
import os
import ssl
import sys
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self

import aiosmtpd.smtp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.local_services.local_service import free_ports
from deploy.local_services.process import Process

USER, PASSWORD = "guichuang", "correct horse"


class Mailbox:
    """The mail server. It refuses recipients that begin with `full` temporarily, and recipients that begin with `gone`
    permanently."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.port = free_ports(("smtp",))["smtp"]
        self._process = Process("mail", folder)
        _certify(folder)

    @property
    def url(self) -> str:
        return f"smtp+starttls://{USER}:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.port}"

    @property
    def authority(self) -> str:
        return str(self.folder / "cert.pem")

    def start(self) -> Self:
        command = [sys.executable, "-m", "tests.integration.notification.mailbox", str(self.folder), str(self.port)]
        root = str(Path(__file__).parents[3])
        self._process.start(command, os.environ | {"PYTHONPATH": root})
        self._process.wait_until(lambda: (self.folder / "ready").exists(), 60)
        return self

    def stop(self) -> None:
        self._process.stop()
        (self.folder / "ready").unlink(missing_ok=True)

    @property
    def taken(self) -> list[EmailMessage]:
        return [
            email.message_from_bytes(file.read_bytes(), policy=email.policy.default)  # type: ignore[misc]
            for file in sorted(self.folder.glob("*.eml"))
        ]


class _Handler:
    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, itertools.count()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address.startswith("full"):
            return "452 4.2.2 mailbox full"
        if address.startswith("gone"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        (self._folder / f"{os.getpid()}-{next(self._numbers):04}.eml").write_bytes(envelope.content)
        return "250 taken"


def _login(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> aiosmtpd.smtp.AuthResult:
    good = data.login == USER.encode() and data.password == PASSWORD.encode()
    return aiosmtpd.smtp.AuthResult(success=good, handled=True)


def _certify(folder: Path) -> None:
    """Write a self-signed certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of a test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "key.pem").write_bytes(private)


async def serve(folder: Path, port: int) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")

    handler = _Handler(folder)

    def make() -> aiosmtpd.smtp.SMTP:
        return aiosmtpd.smtp.SMTP(handler, tls_context=context, require_starttls=True, authenticator=_login, auth_required=True)

    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", port)
    (folder / "ready").touch()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
