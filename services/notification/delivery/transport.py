"""The ways out: SMTP with TLS, and an HTTP service for SMS. An answer is sent, tried again, or refused for good."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from html import escape
from typing import Any
from urllib.parse import unquote, urlsplit

import urllib3

from services.input.text import clean_line, clean_paragraphs, printable
from services.kernel.messaging.rpc import encode
from services.kernel.settings import Settings

#: Seconds a server has for one step.
TIMEOUT = 20.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """`state` is sent, again (the other side may take it later) or refused; `code` says why, without anybody's address."""

    state: str
    code: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"state": self.state, "code": self.code}


SENT = Outcome("sent")


def send_mail(settings: Settings, to: str, id: str, subject: str, text: str) -> Outcome:
    """One e-mail. Its Message-ID is the delivery's id, so that one sent twice after a kill is known as the same."""
    message = EmailMessage()
    host = urlsplit(settings.public_url).hostname or "localhost"
    # Names that were stored before texts were cleaned may hold line breaks, which no header can.
    subject = " ".join(clean_paragraphs(subject).split())
    message["From"], message["To"], message["Subject"] = settings.mail_from, clean_line(to), subject
    message["Date"], message["Message-ID"] = formatdate(), f"<{id}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    text = clean_paragraphs(text)
    message.set_content(text)
    paragraphs = "".join(f"<p>{escape(part)}</p>" for part in text.split("\n") if part)
    message.add_alternative(f'<html lang="zh"><body>{paragraphs}</body></html>', subtype="html")
    try:
        with _server(settings) as server:
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        return Outcome("refused" if code >= 500 else "again", f"SMTP {code}")
    except smtplib.SMTPResponseException as error:
        # What the server says of us (a login, a sender) an operator can mend: it is tried again for as long as all else.
        ours = isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPSenderRefused)
        return Outcome("refused" if error.smtp_code >= 500 and not ours else "again", f"SMTP {error.smtp_code}")
    except (smtplib.SMTPException, OSError) as error:
        return Outcome("again", type(error).__name__)
    return SENT


class PlainLogin(OSError):
    """A password is not sent where everybody on the way can read it."""


@contextmanager
def _server(settings: Settings) -> Iterator[smtplib.SMTP]:
    """`smtps://`, `smtp+starttls://` or `smtp://` with user and password. Certificates and names are checked."""
    where = urlsplit(settings.smtp)
    context = ssl.create_default_context(cafile=settings.smtp_ca or None)
    host = where.hostname or "localhost"
    if where.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, where.port or 465, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(host, where.port or 587, timeout=TIMEOUT)
    with server:
        if where.scheme == "smtp+starttls":
            server.starttls(context=context)
        if where.username:
            if where.scheme == "smtp" and host not in ("localhost", "127.0.0.1", "::1"):
                raise PlainLogin(host)
            server.login(unquote(where.username), unquote(where.password or ""))
        yield server


def send_sms(settings: Settings, to: str, id: str, text: str) -> Outcome:
    """One SMS by the operator's gateway: POST {id, to, text} with a bearer token; 2xx took it, 4xx never will."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {settings.sms_token}", "Idempotency-Key": id}
    try:
        answer = urllib3.request(
            "POST",
            settings.sms_url,
            body=encode({"id": id, "to": to, "text": printable(text)}),
            headers=headers,
            timeout=TIMEOUT,
            retries=False,
        )
    except urllib3.exceptions.HTTPError as error:
        return Outcome("again", type(error).__name__)
    if 200 <= answer.status < 300:
        return SENT
    return Outcome(
        "refused" if 400 <= answer.status < 500 and answer.status not in (408, 429) else "again", f"HTTP {answer.status}"
    )
