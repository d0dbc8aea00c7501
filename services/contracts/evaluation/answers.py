"""The answers of the evaluation service as Python types. The schemas of the same names document each member."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from services.contracts.application.application_requests import GoalDict
from services.contracts.attachment import Attachment
from services.contracts.case_view import ActionAnswerDict, FlowStageAnswerDict
from services.contracts.evaluation.stored import (
    AcceptanceHeld,
    Allowance,
    Amendment,
    AnnualReportDict,
    Cancellation,
    Contact,
    Correction,
    Criterion,
    Deferral,
    ExpertsResult,
    Fact,
    GradeBand,
    MatterReply,
    Period,
    RectificationReported,
    Returned,
    RevocationDecision,
    RoundReportDict,
    SiteVisit,
    StatedView,
)


class Window(TypedDict):
    opens_at: str | None
    closes_at: str | None


class ConsortiumName(TypedDict):
    id: str
    number: str
    name: str


class LeadName(TypedDict):
    uscc: str
    name: str | None


class NoticeName(TypedDict):
    id: str
    title: str
    issued_on: str | None


class EvaluationAnswerDict(TypedDict):
    id: str
    title: str
    status: str
    issued_on: str
    window: Window
    period: Period
    policy: str
    rubric: list[Criterion]
    bands: list[GradeBand]
    caps: dict[str, str]
    caps_at_least_one: NotRequired[bool]
    allow_younger: bool
    min_reviewers: int
    participants: dict[str, int]
    publicity_ends: str | None
    published_on: str | None
    amendments: NotRequired[list[Amendment]]
    cancellation: NotRequired[Cancellation | None]
    contact: NotRequired[Contact | None]
    etag: str


class ParticipantItemDict(TypedDict):
    id: str
    evaluation: str
    title: str
    consortium: ConsortiumName
    lead: LeadName
    recommender: str
    mandatory: bool
    status: str
    stage: str | None
    version: int
    grade: str | None
    score: str | None
    next_round_by: str | None
    next_round_overdue: NotRequired[bool]
    publicity_ends: NotRequired[str | None]
    reason: str | None
    submitted_at: str | None
    updated_at: str
    etag: str


class RoundWarningDict(TypedDict):
    code: str
    pointer: NotRequired[str | None]
    message: dict[str, str]


class RoundName(TypedDict):
    id: str
    title: str


class Likeness(TypedDict):
    """An outcome that another participation claims under the same title, or under the same number from another issuer. `outcome`:
    the position, in this participation's report, of the outcome that resembles it; `by`: title or number. `evaluation` is null
    for an outcome that was used before the platform."""

    outcome: int
    by: str
    kind: str
    identifier: str
    title: str
    issuer: str | None
    consortium: ConsortiumName | None
    evaluation: RoundName | None


class ParticipantAnswerDict(ParticipantItemDict):
    report: RoundReportDict | None
    documents: list[Attachment]
    correction: Correction | None
    deferral: Deferral | None
    experts: ExpertsResult | None
    site_visit: SiteVisit | None
    grade_reason: str | None
    hand_in_until: NotRequired[str | None]
    warnings: NotRequired[list[RoundWarningDict]]
    likenesses: NotRequired[list[Likeness]]
    allowances: NotRequired[list[Allowance]]
    stages: NotRequired[list[FlowStageAnswerDict]]
    actions: NotRequired[list[ActionAnswerDict]]


class PublicGradeDict(TypedDict):
    id: str
    evaluation: NoticeName
    consortium: ConsortiumName
    lead: LeadName
    grade: str
    grade_title: dict[str, str]
    commended: bool
    in_effect: bool
    publicity_ends: str | None
    published_on: str | None
    contact: NotRequired[Contact | None]


class RectificationAnswerDict(TypedDict):
    id: str
    consortium: ConsortiumName
    lead: LeadName
    recommender: str
    evaluation: str
    policy: str
    status: str
    opened_on: str
    due_on: str
    report: RectificationReported | None
    acceptance_from: str | None
    acceptance: AcceptanceHeld | None
    closed_on: str | None
    etag: str
    actions: NotRequired[list[ActionAnswerDict]]


class RevocationAnswerDict(TypedDict):
    id: str
    consortium: ConsortiumName
    lead: LeadName
    recommender: str
    origin: str
    status: str
    policy: str
    grounds: list[str]
    facts: list[Fact]
    reason: str | None
    documents: list[Attachment]
    proposed_on: str
    opened_on: str | None
    statement_due: str | None
    statements: list[StatedView]
    decision: RevocationDecision | None
    etag: str
    actions: NotRequired[list[ActionAnswerDict]]


class MatterAnswerDict(TypedDict):
    id: str
    consortium: str
    recommender: str
    year: int | None
    matter: str
    asked_of: str
    status: str
    raised_at: str
    due_on: str | None
    answers: list[MatterReply]
    result: str | None
    closed_on: str | None
    etag: str
    actions: NotRequired[list[ActionAnswerDict]]


class InspectionAnswerDict(TypedDict):
    id: str
    consortium: str
    recommender: str
    year: int
    inspected_on: str
    result: str
    findings: str
    late: NotRequired[bool]
    under_guidance: bool
    follow_up_on: str | None
    documents: list[Attachment]
    bureau: str
    recorded_at: str


class BoardLineDict(TypedDict):
    consortium: ConsortiumName
    lead: LeadName
    recommender: str
    year: int
    inspected: bool
    inspection: InspectionAnswerDict | None
    under_guidance: bool
    follow_up_overdue: bool


class ConsortiaCounts(TypedDict):
    by_status: dict[str, int]
    by_grade: dict[str, int]
    under_guidance: int
    evaluation_due: int
    not_inspected: int


class ReportCounts(TypedDict):
    due: int
    overdue: int
    by_status: dict[str, int]


class OversightAnswerDict(TypedDict):
    consortia: ConsortiaCounts
    reports: ReportCounts
    coordination: dict[str, int]
    participations: dict[str, int]
    rectifications: dict[str, int]
    revocations: dict[str, int]


class ReportVersion(TypedDict):
    """A submitted version of an annual report."""

    version: int
    submitted_at: str
    report: AnnualReportDict


class AnnualReportItemDict(TypedDict):
    consortium: str
    year: int
    status: str
    late: bool
    due_on: str
    policy: str
    version: int
    opened_at: str
    submitted_at: str | None
    accepted_at: str | None
    etag: str


class AnnualReportAnswerDict(AnnualReportItemDict):
    report: AnnualReportDict | None
    documents: list[Attachment]
    correction: Returned | None
    versions: NotRequired[list[ReportVersion]]
    goals: NotRequired[list[GoalDict]]
    actions: NotRequired[list[ActionAnswerDict]]
