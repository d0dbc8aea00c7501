"""The answers about decision lists as Python types; `decision_lists.py` documents each member."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from services.contracts.bilingual import Bilingual
from services.contracts.review.answers import UnmetAnswerDict
from services.contracts.review.case_parts import (
    Acknowledged,
    GivenWaiver,
    MoneyAnswerDict,
    Organisation,
    UpheldObjectionDict,
)


class RowResultDict(TypedDict):
    review: str
    status: str
    code: str | None
    why: Bilingual | None


class CaseStandingDict(TypedDict):
    rank: int | None
    normalised_rank: int | None
    aggregate: float | None
    spread: float | None


class UnsatisfiedRuleDict(TypedDict):
    rule: str
    title: NotRequired[Bilingual | None]
    citation: str
    severity: str
    status: str
    message: Bilingual
    reason: NotRequired[str | None]
    waivable: bool


class ToDecideDict(TypedDict):
    review: str
    subject: str
    title: str
    lead: Organisation
    standing: CaseStandingDict
    unsatisfied: list[UnsatisfiedRuleDict]
    waived: list[GivenWaiver]
    unmet: list[UnmetAnswerDict]
    upheld: list[UpheldObjectionDict]
    money: MoneyAnswerDict | None


class CandidateForDecisionDict(ToDecideDict):
    listed: str | None


class DecisionCandidatesDict(TypedDict):
    items: list[CandidateForDecisionDict]


class DecisionRowAnswerDict(ToDecideDict):
    outcome: str
    reason: str
    waivers: list[GivenWaiver]
    acknowledgements: list[Acknowledged]
    objections: list[str]
    amount: str | None
    draft: str
    result: RowResultDict | None


class DecisionListAnswerDict(TypedDict):
    id: str
    call: str
    title: str
    status: str
    by: str
    at: str
    signed_by: str | None
    decided_on: str | None
    rows: list[DecisionRowAnswerDict]
    etag: str


class DecisionListsAnswerDict(TypedDict):
    items: list[DecisionListAnswerDict]
