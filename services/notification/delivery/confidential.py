"""E-mails and SMS that contain a secret: a code that proves an address, or a link that resets a password. They are sent
immediately, whatever the account's preferences are. The secret is stored only with the letter, and is deleted when the letter has
been sent or has failed, for example because the secret has expired."""

from __future__ import annotations

import base64
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row, insert
from sqlalchemy.orm import Session

from services.contracts.payload import Payload
from services.kernel.clock import real_now
from services.kernel.ids import new_id
from services.kernel.messaging.envelope import Event
from services.kernel.messaging.signing import Signer
from services.kernel.persistence.unit_of_work import wake_job_workers
from services.kernel.settings import Settings
from services.notification.delivery.letter import LetterState, LetterToSend
from services.notification.tables import letters, messages

CODE, RESET = "contact.code_sent", "password.reset_requested"
TYPES = (CODE, RESET)

#: The texts: type → `message` and `letter` → language → title and text.
_WORDS = tomllib.loads(Path(__file__).with_name("confidential.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, kw_only=True)
class Confidential(Payload):
    """The data of the two event types in `TYPES`: the event of a code has `channel`, `to` and `code`; the event of a password
    reset has `reset`."""

    username: str
    until: datetime
    language: str
    channel: str | None = None
    to: str | None = None
    code: str | None = None
    reset: str | None = None


def store_confidential_message(session: Session, settings: Settings, event: Event[Confidential]) -> None:
    """Reaction to the two event types in `TYPES`: store the message for the account and, if the letter's channel (e-mail or SMS)
    is configured, the letter with the secret."""
    data, message = event.data, new_id()
    minutes = max(round(_seconds_left(data.until) / 60), 1)
    words = _WORDS[event.type]["message"]
    texts = {language: [text.format(minutes=minutes) for text in pair] for language, pair in words.items()}
    account = data.username
    message_row = {"id": message, "audience": f"account:{account}", "type": event.type, "about": event.subject, "texts": texts}
    session.execute(insert(messages).values(**message_row, occurred_at=event.occurred_at, addressed=True))
    channel = data.channel or "email"
    if not (settings.smtp if channel == "email" else settings.sms_url):
        return
    names = ("to", "code", "reset", "until", "language")
    letter = {
        "id": new_id(),
        "message": message,
        "account": account,
        "channel": channel,
        "type": event.type,
        "state": LetterState.WAITING,
    }
    now = real_now()
    secret = {name: value for name, value in data.to_dict().items() if name in names} | {"minutes": minutes}
    session.execute(insert(letters).values(**letter, gathered=False, tries=0, next_at=now, made_at=now, secret=secret))
    wake_job_workers(session)


def letter_to_send(settings: Settings, signer: Signer, letter: Row[Any], email: str | None) -> LetterToSend:
    """Return the letter to send. Once the letter's secret has expired, return the letter without a recipient, so that it is not
    sent. `email`: the account's present e-mail address, to which the link of a password reset is sent."""
    secret = letter.secret
    seconds_left = _seconds_left(datetime.fromisoformat(secret["until"]))
    words = {"account": letter.account, "minutes": secret["minutes"], "code": secret.get("code")}
    if letter.type == RESET:
        words["link"] = f"{settings.public_url.rstrip('/')}/login/reset?token={_token(signer, secret['reset'], seconds_left)}"
    subject, text = _WORDS[letter.type]["letter"][secret["language"]]
    recipient = secret["to"] if letter.type == CODE else email
    return LetterToSend(
        [letter.id], letter.channel, recipient if seconds_left > 0 else None, subject, text.format(**words).strip()
    )


def _token(signer: Signer, reset: str, seconds: float) -> str:
    """Return the signed token for the link of a password reset. The account's owner returns the token to the platform by opening
    the link."""
    return base64.urlsafe_b64encode(signer.statement({"reset": reset}, seconds=max(seconds, 0)).encode()).decode().rstrip("=")


def _seconds_left(until: datetime) -> float:
    """Return the seconds for which the secret is still valid, in real time."""
    return (until - real_now()).total_seconds()
