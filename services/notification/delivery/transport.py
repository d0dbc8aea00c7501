"""Send letters: e-mail by SMTP with TLS, and SMS through an HTTP service. Each try has one of three results: the letter is sent,
is to be tried again, or is refused."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from enum import StrEnum
from html import escape
from urllib.parse import unquote, urlsplit

import urllib3

from services.input.text import clean_line, clean_paragraphs, printable
from services.kernel.messaging.rpc import encode
from services.kernel.settings import Settings

#: Seconds that the mail server or the SMS service may take for one step of the exchange.
TIMEOUT = 20.0


class SendState(StrEnum):
    """The result of one try to send a letter. `again`: a temporary failure, after which the letter is tried again."""

    SENT = "sent"
    AGAIN = "again"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one try to send a letter. `code` states the reason of a failure, without an address."""

    state: SendState
    code: str | None = None


SENT = Outcome(SendState.SENT)


def send_mail(settings: Settings, recipient: str, id: str, subject: str, text: str) -> Outcome:
    """Send one e-mail. Its Message-ID is derived from the letter's id, so that mail systems recognise a letter that was sent
    twice after a crash."""
    message = EmailMessage()
    host = urlsplit(settings.public_url).hostname or "localhost"
    # A header cannot contain line breaks, but names stored by earlier versions may.
    subject = " ".join(clean_paragraphs(subject).split())
    message["From"], message["To"], message["Subject"] = settings.mail_from, clean_line(recipient), subject
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
        return Outcome(SendState.REFUSED if code >= 500 else SendState.AGAIN, f"SMTP {code}")
    except smtplib.SMTPResponseException as error:
        # The mail server refuses the platform's login or sender. An operator can correct the setting, so the letter is tried
        # again, as after a temporary error.
        is_configuration_error = isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPSenderRefused)
        return Outcome(
            SendState.REFUSED if error.smtp_code >= 500 and not is_configuration_error else SendState.AGAIN,
            f"SMTP {error.smtp_code}",
        )
    except (smtplib.SMTPException, OSError) as error:
        return Outcome(SendState.AGAIN, type(error).__name__)
    return SENT


class PlainLogin(OSError):
    """The mail server would get a password over an unencrypted connection, so nothing is sent."""


@contextmanager
def _server(settings: Settings) -> Iterator[smtplib.SMTP]:
    """Connect to the mail server: `smtps://`, `smtp+starttls://` or `smtp://`, with user and password. Certificates and host
    names are checked."""
    url_parts = urlsplit(settings.smtp)
    context = ssl.create_default_context(cafile=settings.smtp_ca or None)
    host = url_parts.hostname or "localhost"
    if url_parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url_parts.port or 465, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(host, url_parts.port or 587, timeout=TIMEOUT)
    with server:
        if url_parts.scheme == "smtp+starttls":
            server.starttls(context=context)
        if url_parts.username:
            if url_parts.scheme == "smtp" and host not in ("localhost", "127.0.0.1", "::1"):
                raise PlainLogin(host)
            server.login(unquote(url_parts.username), unquote(url_parts.password or ""))
        yield server


def send_sms(settings: Settings, recipient: str, id: str, text: str) -> Outcome:
    """Send one SMS through the gateway of the mobile operator: POST {id, to, text} with a bearer token. 2xx: accepted; 4xx:
    refused permanently."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {settings.sms_token}", "Idempotency-Key": id}
    try:
        answer = urllib3.request(
            "POST",
            settings.sms_url,
            body=encode({"id": id, "to": recipient, "text": printable(text)}),
            headers=headers,
            timeout=TIMEOUT,
            retries=False,
        )
    except urllib3.exceptions.HTTPError as error:
        return Outcome(SendState.AGAIN, type(error).__name__)
    if 200 <= answer.status < 300:
        return SENT
    return Outcome(
        SendState.REFUSED if 400 <= answer.status < 500 and answer.status not in (408, 429) else SendState.AGAIN,
        f"HTTP {answer.status}",
    )
