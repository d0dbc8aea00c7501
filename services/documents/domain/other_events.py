"""The members that the documents service reads from the events of other services. One payload class serves every event type that
has its members."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from services.contracts.attachment import Attachment
from services.contracts.payload import JsonObject, Payload


@dataclass(frozen=True, kw_only=True)
class ApplicationSubmitted(Payload):
    """`application.submitted`, `application.resubmitted`."""

    title: str
    policy: str
    documents: list[Attachment]


@dataclass(frozen=True, kw_only=True)
class ApplicationEnded(Payload):
    """`application.withdrawn`, `application.rejected`, `application.declined`. The event of a withdrawal has a `name`, the other
    two have a `title`."""

    version: int
    title: str | None = None
    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class ConsortiumRecognised(Payload):
    """`consortium.recognised`. `application`: the id of the application by which the consortium was recognised; null for an
    imported consortium."""

    name: str
    policy: str
    application: str | None


@dataclass(frozen=True, kw_only=True)
class ProposalRefused(Payload):
    name: str


@dataclass(frozen=True, kw_only=True)
class ConsortiumRevoked(Payload):
    revoked_on: date


@dataclass(frozen=True, kw_only=True)
class ConsortiumChanged(Payload):
    name: str
    status: str
    effective_on: date


@dataclass(frozen=True, kw_only=True)
class EvidenceSeen(Payload):
    """`organisation.verified`, `organisation.verification_refused`, `integrity.repaired`. `documents`: the ids of the documents
    that the bureau saw."""

    documents: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class PolicyPublished(Payload):
    policy: str
    document: JsonObject
