"""The answers about a case as Python types; `responses.py` and `inbox.py` document each member."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from services.contracts.application.application_responses import DiffAnswerDict
from services.contracts.attachment import Attachment
from services.contracts.bilingual import Bilingual
from services.contracts.case_view import ActionAnswerDict
from services.contracts.payload import JsonObject
from services.contracts.review.case_parts import (
    Acknowledged,
    Criterion,
    GivenWaiver,
    ListReference,
    Organisation,
    Question,
    Recommendation,
    Reply,
    ReviewFinding,
    SectionFault,
    SignedDifference,
    UnmetReason,
    UpheldObjectionDict,
)
from services.contracts.review.panel_answers import SeatedPanelAnswerDict
from services.contracts.review_expansion import ExpandedDict


class OwnScore(TypedDict):
    """A reviewer's own score of a case."""

    scores: dict[str, float]
    comment: str
    submitted_at: str


class ReviewItemDict(TypedDict):
    id: str
    subject: str
    version: int
    round: int
    kind: str
    title: str
    stage: str
    status: str
    bureau: str
    recommender: str
    call: str | None
    assigned_to: str | None
    due_on: str
    overdue: bool
    working_days_left: NotRequired[int | None]
    opened_at: str


class ReviewLineDict(ReviewItemDict):
    lead: Organisation | None
    draft_by: str | None
    draft_by_name: NotRequired[str | None]
    assigned_to_name: NotRequired[str | None]


class ReviewCountsDict(TypedDict):
    draft: int
    signature: int
    scores: int
    decision: int
    returned: int
    overdue: int
    settled: int


class StageAnswerDict(TypedDict):
    stage: str
    level: str
    citation: str
    four_eyes: bool
    optional: bool
    due_days: int
    questions: list[str]
    outcomes: list[str]
    state: str


class UnmetAnswerDict(TypedDict):
    question: str
    text: Bilingual
    answers: list[UnmetReason]


class OpinionAnswerDict(TypedDict):
    id: str
    round: int
    version: int
    stage: str
    outcome: str
    comment: str
    sections: list[SectionFault]
    answers: dict[str, Reply]
    waivers: list[GivenWaiver]
    signed: bool
    by: str
    at: str
    drafted_by: str | None
    corrects: str | None
    void: str | None
    corrected_by: NotRequired[str | None]
    main_task_bearing: NotRequired[list[str] | None]
    acknowledgements: NotRequired[list[Acknowledged]]
    amount: NotRequired[str | None]
    knowingly: NotRequired[bool | None]
    etag: NotRequired[str]
    differs: NotRequired[SignedDifference | None]
    acting_for: NotRequired[str | None]


class WhereItStandsDict(TypedDict):
    id: str
    status: str
    stage: str


class OpinionGivenAnswerDict(OpinionAnswerDict):
    review: WhereItStandsDict


class DecisionAnswerDict(TypedDict):
    id: str
    outcome: str
    reason: str
    waivers: list[GivenWaiver]
    amount: str | None
    acknowledgements: NotRequired[list[Acknowledged]]
    rank: NotRequired[int | None]
    places: NotRequired[int | None]
    ahead: NotRequired[list[str]]
    beyond_places: NotRequired[bool]
    knowingly: NotRequired[bool]
    objections: NotRequired[list[str]]
    list: NotRequired[ListReference]


class DifferenceToldDict(TypedDict):
    members: list[str]
    reason: str


class DecisionTakenAnswerDict(DecisionAnswerDict):
    differs: NotRequired[DifferenceToldDict]
    acting_for: NotRequired[str]
    case: str
    status: str
    signed_by: str


class PastDecisionAnswerDict(DecisionAnswerDict):
    round: int
    version: int
    by: str
    at: str
    drafted_by: str | None
    differs: NotRequired[SignedDifference | None]
    acting_for: NotRequired[str | None]
    void: str | None


class RoundAnswerDict(TypedDict):
    round: int
    version: int
    opened_at: str
    changed: list[str]


class DeclarationAnswerDict(TypedDict):
    declared_at: str | None
    text: Bilingual


class ReviewAnswerDict(ReviewItemDict):
    field: str
    lead: Organisation
    units: list[str]
    unit_names: NotRequired[dict[str, str | None]]
    policy: str
    questions: list[Question]
    documents: list[Attachment]
    rubric: list[Criterion]
    report: JsonObject | None
    period: JsonObject | None
    likenesses: NotRequired[list[JsonObject]]
    leaving: NotRequired[list[Organisation]]
    findings: list[ReviewFinding]
    waivers: NotRequired[list[GivenWaiver]]
    waivable: NotRequired[list[str]]
    unmet: NotRequired[list[UnmetAnswerDict]]
    objections: NotRequired[list[UpheldObjectionDict]]
    stages: NotRequired[list[StageAnswerDict]]
    opinions: NotRequired[list[OpinionAnswerDict]]
    people: NotRequired[dict[str, str]]
    decisions: NotRequired[list[PastDecisionAnswerDict]]
    recommendation: NotRequired[Recommendation | None]
    panel: NotRequired[SeatedPanelAnswerDict | None]
    rounds: NotRequired[list[RoundAnswerDict]]
    content: NotRequired[JsonObject | None]
    difference: NotRequired[DiffAnswerDict | None]
    own_score: NotRequired[OwnScore | None]
    declaration: NotRequired[DeclarationAnswerDict]
    actions: NotRequired[list[ActionAnswerDict]]
    etag: NotRequired[str]
    expanded: NotRequired[ExpandedDict]


class ScoringClosedAnswerDict(WhereItStandsDict):
    submitted: int
    of: int


class ScoreVoidedAnswerDict(WhereItStandsDict):
    seat: str
    submitted: int
    of: int
    needed: int
    replacement_needed: bool


class AssignmentAnswerDict(WhereItStandsDict):
    assigned_to: str


class RowErrorAnswerDict(TypedDict):
    code: str
    message: Bilingual


class AssignmentRowAnswerDict(TypedDict):
    id: str
    done: bool
    error: RowErrorAnswerDict | None
    assigned_to: NotRequired[str]
    stage: NotRequired[str]
    status: NotRequired[str]


class AssignmentsAnswerDict(TypedDict):
    items: list[AssignmentRowAnswerDict]
