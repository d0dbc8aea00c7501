"""The answers about panels, scores and rankings as Python types; `responses.py` documents each member."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from services.contracts.bilingual import Bilingual
from services.contracts.review.case_parts import (
    Organisation,
    Pool,
)


class ReviewerScore(TypedDict):
    """One reviewer's score. An anonymous ranking has `reviewer`, a number, in place of `seat` and `account`."""

    seat: NotRequired[str]
    account: NotRequired[str]
    reviewer: NotRequired[str]
    scores: dict[str, float]
    comment: str
    total: float
    outlier: NotRequired[bool]


class VoidedScore(TypedDict):
    """A score that no longer counts. An anonymous ranking has neither reason nor comment, which may name the reviewer."""

    total: float
    by: str | None
    at: str | None
    reason: NotRequired[str | None]
    seat: NotRequired[str]
    account: NotRequired[str]
    scores: NotRequired[dict[str, float]]
    comment: NotRequired[str]


class ExcludedAnswerDict(TypedDict):
    expert: str
    reason: str
    unit: str | None
    message: Bilingual


class PanelAnswerDict(TypedDict):
    seed: str | None
    experts: list[str]
    third_party: str | None
    excluded: list[ExcludedAnswerDict]
    due_on: str


class CandidateAnswerDict(TypedDict):
    expert: str
    name: NotRequired[str | None]
    employer: str | None
    fields: list[str]
    of_field: bool
    seated: bool
    open_cases: int


class ExcludedCandidateAnswerDict(ExcludedAnswerDict):
    name: NotRequired[str | None]


class ThirdPartyCandidateAnswerDict(TypedDict):
    account: str
    name: NotRequired[str | None]
    organisation: str | None
    seated: bool
    excluded: ExcludedAnswerDict | None


class CandidatesAnswerDict(TypedDict):
    needed: int
    field: str | None
    candidates: list[CandidateAnswerDict]
    excluded: list[ExcludedCandidateAnswerDict]
    third_parties: list[ThirdPartyCandidateAnswerDict]


class ConflictAnswerDict(TypedDict):
    reason: str
    unit: str
    message: Bilingual


class SeatAnswerDict(TypedDict):
    id: str
    declared_at: NotRequired[str | None]
    replaces: str | None
    ended_by: str | None
    ended_at: str | None
    void: str | None
    conflict: ConflictAnswerDict | None
    account: str
    name: NotRequired[str | None]
    employer: NotRequired[str | None]
    kind: str
    state: str
    reason: str | None
    assigned_at: str
    submitted: bool


class DrawAnswerDict(TypedDict):
    seed: str | None
    pool: Pool | None
    drawn: list[str]
    experts: list[str]
    third_party: str | None
    excluded: list[ExcludedAnswerDict]
    reason: str | None
    by: str
    at: str


class SeatedPanelAnswerDict(TypedDict):
    seats: list[SeatAnswerDict]
    draws: list[DrawAnswerDict]
    submitted: int
    of: int
    closed_at: str | None


class DeclaredAnswerDict(TypedDict):
    id: str
    seat: str
    declared_at: str


class RecusalAnswerDict(TypedDict):
    id: str
    recused: str


class ScoresAnswerDict(TypedDict):
    id: str
    scores: dict[str, float]
    comment: str
    submitted_at: str
    scoring_closed: bool


class RankedAnswerDict(TypedDict):
    id: str
    subject: str
    title: str
    status: str
    aggregate: float
    method: str
    spread: float
    outliers: list[str]
    rank_first: NotRequired[bool]
    rank: int | None
    normalised: float
    normalised_rank: int | None


class TotalAnswerDict(TypedDict):
    points: float
    outlier: bool


class RankedInCallAnswerDict(RankedAnswerDict):
    lead: Organisation
    totals: list[TotalAnswerDict]


class CallRankingAnswerDict(TypedDict):
    call: str
    title: str
    places: int | None
    approved: int
    pending: int
    items: list[RankedInCallAnswerDict]


class CaseRankingAnswerDict(TypedDict):
    id: str
    closed: bool
    submitted: int
    of: int
    ranked: NotRequired[int]
    subject: NotRequired[str]
    title: NotRequired[str]
    status: NotRequired[str]
    aggregate: NotRequired[float]
    method: NotRequired[str]
    spread: NotRequired[float]
    outliers: NotRequired[list[str]]
    rank_first: NotRequired[bool]
    rank: NotRequired[int | None]
    normalised: NotRequired[float]
    normalised_rank: NotRequired[int | None]
    scores: NotRequired[list[ReviewerScore]]
    voided: NotRequired[list[VoidedScore]]
