"""A letter that the job sends: an e-mail or an SMS."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LetterState(StrEnum):
    """The state of a letter. `failed`: sending the letter is not tried again, unless an operator asks for it."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LetterToSend:
    """A letter or digest to send. `ids`: the ids of the rows of `letters` that it contains, several in a digest. `to`: the e-mail
    address or phone number, None if the letter must not be sent any more."""

    ids: list[str]
    channel: str
    to: str | None
    subject: str
    text: str
