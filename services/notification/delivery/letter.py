"""A letter that the job sends: an e-mail or an SMS."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LetterState(StrEnum):
    """The state of a letter. `failed`: it is not tried again."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LetterToSend:
    """`ids`: the rows of `letters` that it contains, several in a digest. `to`: the address, None if the letter must not be sent
    any more."""

    ids: list[str]
    channel: str
    to: str | None
    subject: str
    text: str
