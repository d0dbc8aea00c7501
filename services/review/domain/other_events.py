"""The members that the review service reads from the events of other services. One payload class serves every event type that has
its members."""

from __future__ import annotations

from dataclasses import dataclass

from services.contracts.attachment import Attachment
from services.contracts.payload import Payload
from services.contracts.review.case_parts import Expertise, ReviewFinding, UpheldObjectionDict


@dataclass(frozen=True, kw_only=True)
class SubjectEnded(Payload):
    """`application.withdrawn`, `participation.absent` and the like."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class OpinionVoid(Payload):
    """`application.opinion_void` and the like. `seat`: the seat whose score was voided too late; absent if the event is about an
    opinion."""

    case: str
    reason: str
    seat: str | None = None


@dataclass(frozen=True, kw_only=True)
class SubjectHandedOver(Payload):
    """`change.handed_over` and the like."""

    from_bureau: str
    to_bureau: str


@dataclass(frozen=True, kw_only=True)
class GradePublished(Payload):
    """`grade.publicised`, `evaluation.published`."""

    participation: str


@dataclass(frozen=True, kw_only=True)
class GradeObjectionAnswered(GradePublished):
    outcome: str


@dataclass(frozen=True, kw_only=True)
class RecognitionHeld(Payload):
    findings: list[ReviewFinding]
    objections: list[UpheldObjectionDict] | None = None


@dataclass(frozen=True, kw_only=True)
class Rechecked(Payload):
    version: int
    findings: list[ReviewFinding]


@dataclass(frozen=True, kw_only=True)
class ChangeSupplemented(Payload):
    documents: list[Attachment]


@dataclass(frozen=True, kw_only=True)
class ChangeHeld(ChangeSupplemented):
    findings: list[ReviewFinding]


@dataclass(frozen=True, kw_only=True)
class AccountChanged(Payload):
    roles: list[str]
    bureau: str | None
    organisation: str | None
    active: bool
    expert: Expertise | None
    term_until: str | None = None
