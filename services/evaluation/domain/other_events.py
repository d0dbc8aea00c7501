"""The members that the evaluation service reads from the events of other services. One payload class serves every event type that
has its members."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from services.contracts.application.application_requests import GoalDict
from services.contracts.attachment import Attachment
from services.contracts.evaluation.stored import ConsortiumUnit, NamedOutcome
from services.contracts.payload import JsonObject, Payload
from services.contracts.review.case_parts import SectionFault


@dataclass(frozen=True, kw_only=True)
class Lead(Payload):
    uscc: str
    name: str | None


@dataclass(frozen=True, kw_only=True)
class GradeBefore(Payload):
    grade: str
    issued_on: date
    published_on: date


@dataclass(frozen=True, kw_only=True)
class DeferralBefore(Payload):
    issued_on: date


@dataclass(frozen=True, kw_only=True)
class History(Payload):
    """The history of an imported consortium (A16). The outcomes are stored unchanged."""

    grades: list[GradeBefore] = field(default_factory=list)
    deferrals: list[DeferralBefore] = field(default_factory=list)
    outcomes: list[NamedOutcome] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class ConsortiumRecognised(Payload):
    consortium: str
    number: str
    name: str
    field: str
    recognised_on: date
    lead: Lead
    units: list[ConsortiumUnit]
    recommender: str
    goals: list[GoalDict] | None = None
    related_units: list[str] | None = None
    history: History | None = None


@dataclass(frozen=True, kw_only=True)
class ConsortiumChanged(Payload):
    name: str
    lead: Lead
    units: list[ConsortiumUnit]
    status: str
    related_units: list[str] | None = None


@dataclass(frozen=True, kw_only=True)
class ConsortiumHandedOver(Payload):
    from_bureau: str
    to_bureau: str
    handed_over: int


@dataclass(frozen=True, kw_only=True)
class GroundArisen(Payload):
    ground: str
    reason: str
    said: str | None
    source: str | None
    confirmed: bool
    documents: list[Attachment] | None = None
    found_on: str | None = None


@dataclass(frozen=True, kw_only=True)
class GroundCeased(Payload):
    source: str
    outcome: str


@dataclass(frozen=True, kw_only=True)
class ChangeWithdrawn(Payload):
    consortium: str


@dataclass(frozen=True, kw_only=True)
class PolicyPublished(Payload):
    policy: str
    document: JsonObject


@dataclass(frozen=True, kw_only=True)
class Opinion(Payload):
    comment: str
    signed_by: str


@dataclass(frozen=True, kw_only=True)
class OpinionSigned(Payload):
    """A bureau's opinion that closes a stage of a case."""

    case: str
    version: int
    stage: str


@dataclass(frozen=True, kw_only=True)
class StagePassed(OpinionSigned):
    """`review.passed`, `review.recommended`. `score`, `spread` and `scores`: the experts' result, after the last stage."""

    next_stage: str | None
    opinion: Opinion | None = None
    score: str | None = None
    spread: str | None = None
    scores: int | None = None


@dataclass(frozen=True, kw_only=True)
class StageReturned(OpinionSigned):
    """`review.returned`."""

    comment: str
    sections: list[SectionFault]
