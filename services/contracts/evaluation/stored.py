"""The JSON that the evaluation service stores in columns, with its members. Days and instants are ISO text."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from services.contracts.attachment import Attachment
from services.contracts.review.case_parts import SectionFault

Period = TypedDict("Period", {"from": str | None, "to": str | None})


class Criterion(TypedDict):
    """A criterion of a round's rubric. `max`: the most points."""

    criterion: str
    weight: int
    max: int


class ConsortiumUnit(TypedDict):
    """A unit of a consortium; the lead has no tier."""

    uscc: str
    name: str | None
    tier: str | None


class NamedOutcome(TypedDict):
    """An outcome by its number. `issuer`: the issuer of the number if it is not the lead."""

    kind: str
    identifier: str
    title: str
    issuer: NotRequired[str | None]


class OutcomeDict(NamedOutcome):
    """An outcome as a report lists it."""

    achieved_on: str


class ClaimedOutcome(TypedDict):
    """An outcome in the form in which its claim stores it. `consortium`: the id of the consortium that used it."""

    kind: str
    identifier: str
    title: str
    issuer: str | None
    achieved_on: str | None
    consortium: str


class ReportTexts(TypedDict, total=False):
    """The sections of a report for a round."""

    project_execution: str | None
    budget: str | None
    management: str | None
    cooperation: str | None


class RoundReportDict(TypedDict, total=False):
    """A report for a round, in the form in which a request sends it and in which it is stored. It is empty until the lead writes
    it."""

    sections: ReportTexts
    outcomes: list[OutcomeDict]
    documents: list[str]


class AnnualTexts(TypedDict, total=False):
    """The sections of an annual report."""

    systems: str | None
    core_technology: str | None
    transfer: str | None
    application: str | None
    problems: str | None
    next_year: str | None


class IndicatorReportedDict(TypedDict):
    goal: int
    indicator: int
    actual: str


class MatterAskedDict(TypedDict):
    matter: str
    asked_of: str


class AnnualReportDict(TypedDict, total=False):
    """An annual report, in the form in which a request sends it and in which it is stored. It is empty until the lead writes
    it."""

    sections: AnnualTexts
    indicators: list[IndicatorReportedDict]
    coordination: list[MatterAskedDict]
    documents: list[str]


class GradeBand(TypedDict):
    """A grade and the lowest points that lead to it."""

    grade: str
    at_least: int


class Contact(TypedDict):
    """The person who answers questions about a round."""

    name: str
    telephone: str
    address: NotRequired[str | None]
    email: NotRequired[str | None]


class BeforeAmendment(TypedDict):
    title: str
    closes_at: str
    contact: Contact | None


class Amendment(TypedDict):
    """A change of a notice. `before`: the former values of the changed members."""

    at: str
    by: str
    reason: str | None
    before: BeforeAmendment


class Cancellation(TypedDict):
    """The cancellation of a notice. `on`: its day."""

    reason: str
    by: str
    on: str


class Returned(TypedDict):
    """The return of a report for correction. `by`: the bureau that returned it."""

    stage: str
    by: str
    comment: str
    sections: list[SectionFault]
    extended: NotRequired[dict[str, str | None]]


class Correction(Returned):
    due_at: str | None


class DeferralRequest(TypedDict):
    reason: str
    documents: list[Attachment]
    asked_at: str
    asked_by: str


class DeferralAnswer(TypedDict):
    """The answer to a request for a deferral. `status`: granted or refused."""

    status: str
    answer: str
    answered_at: str
    answered_by: str


class Deferral(DeferralRequest):
    """A request for a deferral. `status`: pending until the request is answered, then granted or refused."""

    status: str
    answer: NotRequired[str | None]
    answered_at: NotRequired[str | None]
    answered_by: NotRequired[str | None]


class SiteVisit(TypedDict):
    comment: str
    signed_by: str
    at: str


class ExpertsResult(TypedDict):
    """The experts' result, in points of 100 as decimal strings."""

    score: str | None
    spread: str | None
    scores: int


class Allowance(TypedDict):
    """An outcome that the province allowed although another outcome has the same number."""

    identifier: str
    reason: str
    allowed_by: str
    allowed_at: str


class RectificationReported(TypedDict):
    text: str
    documents: list[Attachment]
    submitted_at: str
    submitted_by: str


class AcceptanceHeld(TypedDict):
    """The result of an acceptance. `on`: its day."""

    outcome: str
    reason: str
    documents: list[Attachment]
    by: str
    on: str


class VoidFact(TypedDict):
    reason: str
    on: str


class FoundFact(TypedDict):
    """A fact that proves a ground. `source`: the subject from which the fact follows; `said`: the words of the account that
    caused it."""

    fact: str
    source: str | None
    evaluation: str | None
    said: str | None
    found_on: NotRequired[str]


class Fact(FoundFact):
    """A fact of a revocation case. `on`: the day on which the fact was added; `void`: why the fact no longer counts."""

    ground: str
    on: str
    void: NotRequired[VoidFact]


class StatedView(TypedDict):
    """A statement of the consortium in a revocation case."""

    text: str
    documents: list[Attachment]
    at: str
    by: str


class RevocationDecision(TypedDict):
    """The decision on a revocation case. `outcome`: revoke, keep or dismiss. `by`: the account that decided, None if the case
    became void. `on`: the day of the decision."""

    outcome: str
    reason: str
    by: str | None
    on: str


class MatterReply(TypedDict):
    text: str
    by: str
    bureau: str | None
    at: str
