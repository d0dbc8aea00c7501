"""The data of the events that the review service publishes, as dataclasses; `events.py` documents each member."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from services.contracts.attachment import Attachment
from services.contracts.payload import ABSENT, Absent, JsonObject, Payload
from services.contracts.review.case_parts import (
    Acknowledged,
    Call,
    GivenWaiver,
    ListReference,
    Organisation,
    Question,
    Reply,
    ReviewFinding,
    SectionFault,
)

# Defined outside the classes, because inside a class with a member called `list` the word `list` means that member.
Waivers = list[GivenWaiver]
Acknowledgements = list[Acknowledged]
Ids = list[str]


@dataclass(frozen=True, kw_only=True)
class CaseEvent(Payload):
    """The header of every event about a case. The function `announce` sets it."""

    case: str = field(init=False)
    version: int = field(init=False)
    application: str | None = field(init=False, default=None)
    article: str = field(init=False)


@dataclass(frozen=True, kw_only=True)
class Difference(Payload):
    members: list[str]
    reason: str


@dataclass(frozen=True, kw_only=True)
class SignedOpinion(Payload):
    id: str
    outcome: str | None = None
    main_task_bearing: list[str] | None
    comment: str
    signed_by: str
    drafted_by: str | None
    answers: dict[str, Reply]
    waivers: list[GivenWaiver]
    differs: Difference | None = None
    acting_for: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReviewOpened(CaseEvent):
    kind: str
    stage: str
    due_on: date
    title: str
    round: int


@dataclass(frozen=True, kw_only=True)
class CaseAssigned(CaseEvent):
    account: str
    stage: str


@dataclass(frozen=True, kw_only=True)
class ScoreResult(CaseEvent):
    """The result of the scores that count, as points out of 100 in decimal strings; part of an event after which no more scores
    are awaited."""

    score: str | None = None
    spread: str | None = None
    scores: int | None = None


@dataclass(frozen=True, kw_only=True)
class StageLeft(ScoreResult):
    """The members that `review.passed` and `review.recommended` have in common."""

    stage: str
    next_stage: str | None
    opinion: SignedOpinion | None = None


@dataclass(frozen=True, kw_only=True)
class ReviewPassed(StageLeft):
    due_on: date | Absent | None = ABSENT


@dataclass(frozen=True, kw_only=True)
class ReviewRecommended(CaseEvent):
    """The data of `review.recommended`. It contains the material of the opening event unchanged: the producer adds these members
    to that JSON."""

    stage: str
    next_stage: str
    outcome: str
    opinion: SignedOpinion
    kind: str
    title: str
    field: str
    units: list[str]
    call: Call | None
    policy: str
    pipeline: list[JsonObject]
    questions: list[Question]
    waivable: list[str]
    findings: list[ReviewFinding]
    documents: list[Attachment]
    lead: Organisation
    content: JsonObject | None = None
    unit_names: dict[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class ReviewRejected(CaseEvent):
    stage: str
    comment: str
    signed_by: str
    differs: Difference | None = None
    acting_for: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReviewReturned(ReviewRejected):
    sections: list[SectionFault]


@dataclass(frozen=True, kw_only=True)
class CaseHandedOver(CaseEvent):
    stage: str
    title: str
    to_bureau: str


@dataclass(frozen=True, kw_only=True)
class ReviewCorrected(CaseEvent):
    opinion: str
    corrects: str
    correction: SignedOpinion


@dataclass(frozen=True, kw_only=True)
class ReviewDecided(CaseEvent):
    outcome: str
    reason: str
    waivers: Waivers
    signed_by: str
    amount: str | None
    knowingly: bool | None = None
    acknowledgements: Acknowledgements | None = None
    rank: int | Absent | None = ABSENT
    places: int | Absent | None = ABSENT
    ahead: Ids | None = None
    beyond_places: bool | None = None
    objections: Ids | None = None
    list: ListReference | None = None
    differs: Difference | None = None
    acting_for: str | None = None


@dataclass(frozen=True, kw_only=True)
class DecisionRowPart(Payload):
    review: str
    outcome: str
    reason: str
    waivers: Waivers = field(default_factory=list)
    acknowledgements: Acknowledgements = field(default_factory=list)
    amount: str | None
    objections: Ids = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class DecisionListDrafted(Payload):
    list: ListReference
    call: str
    title: str
    cases: int
    article: str = field(init=False)


@dataclass(frozen=True, kw_only=True)
class PanelReaders(Payload):
    """The members of `panel.appointed` that a service needs to decide which reviewers may read the documents of this version."""

    version: int
    experts: list[str]
    third_party: str | None
    #: The accounts that declared to have no interest. Earlier releases do not send this member.
    declared: list[str] | None = None

    @property
    def readers(self) -> list[str]:
        """Return the reviewers that can read the documents. If the event comes from an earlier release, all reviewers of the
        panel can."""
        if self.declared is not None:
            return self.declared
        return [*self.experts, *([self.third_party] if self.third_party else [])]


@dataclass(frozen=True, kw_only=True)
class PanelAppointed(CaseEvent):
    experts: list[str]
    third_party: str | None
    #: Earlier releases send neither `awaited` nor `declared`.
    awaited: list[str] | None = None
    declared: list[str] | None = None
    due_on: date


@dataclass(frozen=True, kw_only=True)
class ReviewerDeclared(CaseEvent):
    seat: str
    account: str


@dataclass(frozen=True, kw_only=True)
class ScoreSubmitted(CaseEvent):
    submitted: int
    of: int


@dataclass(frozen=True, kw_only=True)
class ScoreVoided(ScoreResult):
    seat: str
    account: str
    reason: str
    title: str
    submitted: int
    of: int
    closed: bool
    next_stage: str | None


@dataclass(frozen=True, kw_only=True)
class ConflictFound(CaseEvent):
    seat: str
    account: str
    reason: str
    unit: str
    scored: bool
    title: str


@dataclass(frozen=True, kw_only=True)
class DeploymentReported(Payload):
    version: str
    waiting: int
    lag_seconds: int
    unpublished: int
    publishing_lag_seconds: int
    parked: int
    at: datetime
