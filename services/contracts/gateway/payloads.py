"""The data of the events that the gateway's identity publishes, as dataclasses; `events.py` documents each member."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from services.contracts.payload import Payload


@dataclass(frozen=True, kw_only=True)
class ExpertFacts(Payload):
    employer: str
    former_employers: list[str]
    fields: list[str]
    declared_interests: list[str]


@dataclass(frozen=True, kw_only=True)
class AccountChanged(Payload):
    username: str
    roles: list[str]
    bureau: str | None
    organisation: str | None
    active: bool
    expert: ExpertFacts | None
    #: The last day of a reviewer's term. Earlier releases do not send it.
    term_until: date | None


@dataclass(frozen=True, kw_only=True)
class ReviewerTermEnding(Payload):
    username: str
    kind: str
    until: date


@dataclass(frozen=True, kw_only=True)
class ActingChiefEnded(Payload):
    appointment: str
    account: str
    acts_for: str
    bureau: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ActingChiefAppointed(ActingChiefEnded):
    from_: date = field(metadata={"name": "from"})
    until: date


@dataclass(frozen=True, kw_only=True)
class ContactChanged(Payload):
    username: str
    email: str | None
    phone: str | None
    roles: list[str]
    bureau: str | None
    organisation: str | None
    active: bool
    #: The last day of a delegation. Earlier releases do not send it.
    until: date | None


@dataclass(frozen=True, kw_only=True)
class CodeSent(Payload):
    username: str
    channel: str
    to: str
    code: str
    until: datetime
    language: str


@dataclass(frozen=True, kw_only=True)
class ResetRequested(Payload):
    username: str
    reset: str
    until: datetime
    language: str


@dataclass(frozen=True, kw_only=True)
class PasswordReset(Payload):
    username: str


@dataclass(frozen=True, kw_only=True)
class AccountErased(Payload):
    username: str


@dataclass(frozen=True, kw_only=True)
class Registration(Payload):
    """The members of every event of a registration."""

    registration: str
    uscc: str
    name: str
    region: str
    kind: str
    article: str | None = field(init=False, default=None)


@dataclass(frozen=True, kw_only=True)
class RegistrationRequested(Registration):
    bureau: str


@dataclass(frozen=True, kw_only=True)
class RegistrationApproved(Registration):
    username: str


@dataclass(frozen=True, kw_only=True)
class RegistrationRefused(RegistrationRequested):
    reason: str
