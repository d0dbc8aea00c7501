"""The data of events that the application service publishes, as dataclasses. The modules of the schemas document each member."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from services.contracts.application.event_parts import AddressedMember
from services.contracts.consortium_reference import Cited, ConsortiumEvent
from services.contracts.findings import StoredFinding
from services.contracts.organisation_name import LeadReference, OrganisationName, PublicUnit
from services.contracts.payload import ABSENT, Absent


@dataclass(frozen=True, kw_only=True)
class CallEvent(Cited):
    call: str
    title: str
    kind: str
    opens_at: datetime
    closes_at: datetime
    policy: str
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class ApplicationEvent(Cited):
    """The header of an event of an application."""

    application: str = field(init=False)


@dataclass(frozen=True, kw_only=True)
class MemberEvent(ApplicationEvent):
    """A member is asked to confirm, or answered. `confirm_by` is absent unless the member is asked, `reason` unless it
    declined."""

    name: str | None
    lead: LeadReference
    organisation: AddressedMember
    agreement_version: str
    confirm_by: datetime | Absent | None = ABSENT
    reason: str | Absent | None = ABSENT


@dataclass(frozen=True, kw_only=True)
class ObjectionEvent(ApplicationEvent):
    objection: str
    title: str
    by: str | Absent | None = ABSENT
    answer: str | Absent | None = ABSENT
    outcome: str | Absent | None = ABSENT
    answer_by: date | None = None


@dataclass(frozen=True, kw_only=True)
class FactsEvent(Cited):
    """The header of an event about facts that an organisation declares."""

    uscc: str
    name: str | None
    region: str | None
    facts: list[str]


@dataclass(frozen=True, kw_only=True)
class FactsVerified(FactsEvent):
    bureau: str
    documents: list[str] | None = None


@dataclass(frozen=True, kw_only=True)
class VerificationRefused(FactsVerified):
    reason: str


@dataclass(frozen=True, kw_only=True)
class IntegrityEvent(Cited):
    record: str
    uscc: str
    penalty_until: date | None
    kind: str | None = None
    documents: list[str] | None = None


@dataclass(frozen=True, kw_only=True)
class OrganisationSucceeded(Cited):
    predecessor: str
    successor: str
    kind: str
    effective_on: date
    consortia: list[str]


@dataclass(frozen=True, kw_only=True)
class ConsortiumProposed(Cited):
    consortium: str
    name: str
    recognised_on: date
    recommender: str


@dataclass(frozen=True, kw_only=True)
class ProposalRefused(ConsortiumProposed):
    reason: str


@dataclass(frozen=True, kw_only=True)
class ConsortiumChanged(ConsortiumEvent):
    field: str
    status: str
    kind: str
    units: list[PublicUnit]
    related_units: list[str] | None = None
    recommender: str
    effective_on: date
    change: str | None


@dataclass(frozen=True, kw_only=True)
class ConsortiumHandedOver(ConsortiumEvent):
    from_bureau: str
    to_bureau: str
    handed_over: int
    why: str
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class GroundArisen(ConsortiumEvent):
    ground: str
    reason: str
    said: str | None
    source: str | None
    confirmed: bool
    documents: list[dict[str, str]] | None = None
    found_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class GroundCeased(ConsortiumEvent):
    ground: str
    source: str
    outcome: str


@dataclass(frozen=True, kw_only=True)
class ConsortiumWatched(ConsortiumEvent):
    watch: str
    trigger: str
    rules: list[str]
    findings: list[StoredFinding]
    failing: dict[str, str] | None
    status: str


@dataclass(frozen=True, kw_only=True)
class WatchEvent(ConsortiumEvent):
    """The header of an event about a watch-list entry that asks the lead to report a change."""

    watch: str
    cause: str
    organisation: OrganisationName | None


@dataclass(frozen=True, kw_only=True)
class ChangeAsked(WatchEvent):
    failing: dict[str, str] | None
    due_on: date


@dataclass(frozen=True, kw_only=True)
class AskClosed(WatchEvent):
    outcome: str
    reason: str | None = None
