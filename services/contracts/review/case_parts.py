"""Parts of a review case as they are stored, sent and answered."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from services.contracts.attachment import Attachment
from services.contracts.bilingual import Bilingual
from services.contracts.findings import StoredFinding
from services.contracts.payload import JsonObject


class Organisation(TypedDict):
    """An organisation by its unified social credit code. `name` is None if no account registered it."""

    uscc: str
    name: str | None


class Criterion(TypedDict):
    """A criterion of a rubric. `max`: the most points."""

    criterion: str
    weight: float
    max: float


class Call(TypedDict):
    """The call or evaluation round in which cases are ranked. `places`: how many can be approved, None for no limit."""

    id: str
    title: str
    rubric: list[Criterion] | None
    min_reviewers: int | None
    places: int | None


class Question(TypedDict):
    """A qualitative condition, to which the opinions of the named `stages` must give an answer."""

    id: str
    citation: str
    text: Bilingual
    stages: list[str]


class Reply(TypedDict):
    """The answer that an opinion gives to a qualitative condition."""

    met: bool
    reason: str


class SectionFault(TypedDict):
    """The faults of one section of the submission, in an opinion that returns the submission."""

    section: str
    comment: str


class GivenWaiver(TypedDict):
    """A waiver. `by`: the account that signed the waiver, once it is in force."""

    rule: str
    reason: str
    by: NotRequired[str]


class Acknowledged(TypedDict):
    """A condition answered "not met" that a decision acknowledges. `text` is the text of the question."""

    question: str
    reason: str
    text: NotRequired[Bilingual]


class UnmetReason(TypedDict):
    """The stage whose opinion answered that a condition is not met, and the reason."""

    stage: str
    reason: str


class WantedDocument(TypedDict):
    """A kind of document that a case needs, with its name."""

    kind: str
    label: Bilingual


class ReviewFinding(StoredFinding):
    """A finding of a case under review. `failed_before`: the rule fails without the change as well. `rechecked_on`: the day of
    the evaluation that replaced an earlier finding."""

    failed_before: NotRequired[bool]
    rechecked_on: NotRequired[str]


class ListReference(TypedDict):
    """The decision list of which an approval is part. `on`: the day of the list, None before the list is signed."""

    id: str
    title: str
    on: str | None


class SignedDifference(TypedDict):
    """The members in which a signed opinion differs from the officer's draft, and the reason. `draft`: the id of the draft."""

    draft: str
    members: list[str]
    reason: str


class UpheldObjectionDict(TypedDict):
    id: str
    reason: str
    answer: str


class MoneyAnswerDict(TypedDict):
    asked: NotRequired[str | None]
    ceiling: NotRequired[str | None]


class Recommendation(TypedDict):
    """The recommender's signed opinion, as the province's case stores it. `corrections`: later signed corrections of it."""

    id: str
    outcome: NotRequired[str]
    main_task_bearing: NotRequired[list[str] | None]
    comment: str
    signed_by: str
    drafted_by: str | None
    answers: NotRequired[dict[str, Reply]]
    waivers: NotRequired[list[GivenWaiver]]
    acting_for: NotRequired[str]
    bureau: NotRequired[str]
    at: NotRequired[str]
    corrections: NotRequired[list[Recommendation]]


class Material(TypedDict):
    """The data of an opening event that describes the subject under review. It is stored with unknown members, so that an older
    deployment passes them on to a newer one. Each kind of case has its own optional members."""

    kind: str
    title: str
    field: str
    version: int
    units: list[str]
    lead: Organisation
    call: Call | None
    policy: str
    pipeline: list[JsonObject]
    questions: list[Question]
    waivable: list[str]
    findings: list[ReviewFinding]
    documents: list[Attachment]
    stage: NotRequired[str]
    round: NotRequired[int]
    changed: NotRequired[list[str]]
    rank_first: NotRequired[bool]
    related_units: NotRequired[list[str]]
    opened_by: NotRequired[list[str]]
    approvable_knowingly: NotRequired[bool]
    leaving: NotRequired[list[Organisation]]
    main_member_documents: NotRequired[list[WantedDocument]]
    handed_over: NotRequired[int]
    objections: NotRequired[list[UpheldObjectionDict]]
    money: NotRequired[MoneyAnswerDict | None]
    report: NotRequired[JsonObject | None]
    period: NotRequired[JsonObject | None]
    likenesses: NotRequired[list[JsonObject]]
    content: NotRequired[JsonObject]
    unit_names: NotRequired[dict[str, str | None]]


class ProposedDecision(TypedDict):
    """A row of a decision list as it is stored. `draft` and `etag` name the opinion in which the officer proposes the
    decision."""

    review: str
    draft: str
    etag: str
    outcome: str
    reason: str
    waivers: list[GivenWaiver]
    acknowledgements: list[Acknowledged]
    amount: str | None
    objections: list[str]


class Expertise(TypedDict):
    """An expert's interests, organisations by credit code, and fields."""

    employer: str | None
    former_employers: list[str]
    fields: list[str]
    declared_interests: list[str]


class Pool(TypedDict):
    """The usernames of the experts among whom a draw chooses. The experts of the case's field come first."""

    of_field: list[str]
    others: list[str]
