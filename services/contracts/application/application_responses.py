"""The answers about formation applications. These schemas document them; the gateway passes them on unchanged."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from marshmallow import fields

from services.contracts.application.application_requests import STATUSES, ChiefScientistDict, GoalDict, SpecialCaseBasis
from services.contracts.application.call_responses import CallPaper, CallPaperDict
from services.contracts.case_view import ActionAnswerDict, FlowStageAnswerDict, actions, flow
from services.contracts.common import Answer, one_of
from services.contracts.findings import StoredFinding
from services.contracts.organisation_name import OrganisationName


class MemberAnswer(Answer):
    """A member with its confirmation. `confirmation.stands` is false if the terms have changed since the member confirmed
    them."""

    organisation = fields.String()
    name = fields.String(allow_none=True)
    registered = fields.Boolean()
    tier = fields.String(allow_none=True)
    role = fields.String(allow_none=True)
    confirmation = fields.Dict(allow_none=True)


class MemberConfirmation(TypedDict):
    decision: str
    stands: bool
    reason: str | None
    at: str | None


class MemberAnswerDict(TypedDict):
    organisation: str
    tier: str | None
    role: str | None
    name: str | None
    registered: bool
    confirmation: MemberConfirmation | None


class PromiseAnswer(Answer):
    """The research-integrity promise that a submission makes, in the policy's words, with the account that made it last and the
    time."""

    text = fields.String()
    signed_by = fields.String(allow_none=True)
    signed_at = fields.AwareDateTime(allow_none=True)


class PromiseAnswerDict(TypedDict):
    text: dict[str, str]
    signed_by: str | None
    signed_at: str | None


class CallOfApplication(Answer):
    """The facts of a call that a client needs to fill in an application."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    closes_at = fields.AwareDateTime(required=True)
    fields_ = fields.List(fields.String(), data_key="fields", attribute="fields", required=True)
    required_documents = fields.List(fields.Nested(CallPaper), required=True)


class CallOfApplicationDict(TypedDict):
    id: str
    title: str
    closes_at: str
    fields: list[str]
    required_documents: list[CallPaperDict]


class ApplicationAnswer(Answer):
    """An application. `version` counts submissions (0: none yet). Readers other than the parties see the last submitted version.
    `call`, `stages` (the flow chart) and `actions` are present only when one application is read."""

    id = fields.String()
    channel = fields.String()
    call_id = fields.String(allow_none=True)
    call = fields.Nested(CallOfApplication, allow_none=True, metadata={"description": "null in a special case, and to experts"})
    policy = fields.String()
    status = one_of(*STATUSES, of="application_status")
    stage = fields.String(allow_none=True)
    round = fields.Integer()
    version = fields.Integer()
    name = fields.String(allow_none=True)
    field = fields.String(allow_none=True)
    industry_chain = fields.String(allow_none=True)
    research_direction = fields.String(allow_none=True)
    lead = fields.String(allow_none=True)
    lead_name = fields.String(allow_none=True)
    recommender = fields.String(allow_none=True)
    chief_scientist = fields.Dict(allow_none=True)
    members = fields.List(fields.Nested(MemberAnswer))
    operating_systems = fields.Dict()
    goals = fields.List(fields.Dict())
    documents = fields.List(fields.Raw())
    handed_in = fields.List(fields.Dict(), metadata={"description": "the documents of the version submitted"})
    promise = fields.Nested(PromiseAnswer, allow_none=True)
    basis = fields.Dict(allow_none=True)
    agreement_version = fields.String()
    verdict = fields.Dict(allow_none=True)
    correction = fields.Dict(allow_none=True)
    decision = fields.Dict(allow_none=True)
    publicity = fields.Dict(allow_none=True)
    reason = fields.String(allow_none=True)
    consortium = fields.String(allow_none=True)
    created_at = fields.AwareDateTime()
    submitted_at = fields.AwareDateTime(allow_none=True)
    updated_at = fields.AwareDateTime()
    etag = fields.String()
    stages = flow()
    actions = actions()


class Waiver(TypedDict):
    """A waived rule. Decisions of earlier releases store neither title nor article."""

    rule: str
    reason: str
    by: NotRequired[str]
    title: NotRequired[dict[str, str]]
    citation: NotRequired[str]


class DecisionList(TypedDict):
    """The decision list of which a decision is part. All decisions of a list are made public together. `on`: the day of the
    list."""

    id: str
    title: str
    on: str


#: An extension of the correction window: its former end, the reason and the instant.
Extension = TypedDict("Extension", {"from": str | None, "reason": str, "at": str})


class Decision(TypedDict):
    """The province's decision on an application. `on`: its day. `ends_on`: the last day of the publicity period that the decision
    began. The other members mean what they mean in `review.decided`."""

    reason: str
    waivers: list[Waiver]
    on: str
    acknowledgements: NotRequired[list[dict[str, str]]]
    signed_by: NotRequired[str]
    acting_for: NotRequired[str]
    amount: NotRequired[str | None]
    rank: NotRequired[int | None]
    places: NotRequired[int | None]
    objections: NotRequired[list[str]]
    list: NotRequired[DecisionList]
    ends_on: NotRequired[str]


class ReturnedCase(TypedDict):
    """The return of an application: the stage, the bureau that returned it (`by`), and the comments on its sections."""

    stage: str
    by: str
    comment: str
    sections: list[dict[str, str]]
    extended: NotRequired[Extension]


class Correction(ReturnedCase):
    due_at: str | None


class SubmittedVerdict(TypedDict):
    version: int
    eligible: bool
    policy: str
    findings: list[StoredFinding]


class PublicityPeriod(TypedDict):
    ends_on: str


class ApplicationAnswerDict(TypedDict):
    id: str
    channel: str
    call_id: str | None
    call: NotRequired[CallOfApplicationDict | None]
    policy: str
    status: str
    stage: str | None
    round: int
    version: int
    name: str | None
    field: str | None
    industry_chain: str | None
    research_direction: str | None
    lead: str | None
    lead_name: str | None
    recommender: str | None
    chief_scientist: ChiefScientistDict | None
    members: list[MemberAnswerDict]
    operating_systems: dict[str, str | None]
    goals: list[GoalDict]
    documents: list[str]
    handed_in: list[dict[str, str]]
    promise: NotRequired[PromiseAnswerDict | None]
    basis: SpecialCaseBasis | None
    agreement_version: str
    verdict: SubmittedVerdict | None
    correction: Correction | None
    decision: Decision | None
    publicity: PublicityPeriod | None
    reason: str | None
    consortium: str | None
    created_at: str
    submitted_at: str | None
    updated_at: str
    etag: str
    stages: NotRequired[list[FlowStageAnswerDict]]
    actions: NotRequired[list[ActionAnswerDict]]


class RemindedAnswer(Answer):
    """The answer to a reminder. `reminded`: the members that were reminded, each with uscc and name."""

    reminded = fields.List(fields.Dict(), required=True)


class RemindedAnswerDict(TypedDict):
    reminded: list[OrganisationName]


class ApplicationItem(Answer):
    id = fields.String()
    name = fields.String(allow_none=True)
    field = fields.String(allow_none=True)
    channel = fields.String()
    call_id = fields.String(allow_none=True)
    status = fields.String()
    stage = fields.String(allow_none=True)
    version = fields.Integer()
    lead = fields.Dict()
    recommender = fields.String(allow_none=True)
    submitted_at = fields.AwareDateTime(allow_none=True)
    updated_at = fields.AwareDateTime()


class ApplicationItemDict(TypedDict):
    id: str
    name: str | None
    field: str | None
    channel: str
    call_id: str | None
    status: str
    stage: str | None
    version: int
    lead: OrganisationName
    recommender: str | None
    submitted_at: str | None
    updated_at: str


class VersionAnswer(Answer):
    version = fields.Integer()
    round = fields.Integer()
    submitted_at = fields.AwareDateTime()
    submitted_by = fields.String(allow_none=True)
    policy = fields.String()
    eligible = fields.Boolean()
    agreement_version = fields.String()
    changed = fields.List(fields.String())


class VersionAnswerDict(TypedDict):
    version: int
    round: int
    submitted_at: str
    submitted_by: str | None
    policy: str
    eligible: bool
    agreement_version: str
    changed: list[str]


class VersionsAnswer(Answer):
    items = fields.List(fields.Nested(VersionAnswer))


class VersionsAnswerDict(TypedDict):
    items: list[VersionAnswerDict]


class DiffAnswer(Answer):
    """The differences between two versions, section by section. `path` is a JSON pointer, in which members are identified by
    their code."""

    from_ = fields.Integer(data_key="from", attribute="from")
    to = fields.Integer()
    sections = fields.List(fields.Dict())


class ValueChange(TypedDict):
    """A changed value. `path` is a JSON pointer in its section; `change` is added, removed or changed."""

    path: str
    change: str
    before: object
    after: object


class SectionChanges(TypedDict):
    section: str
    changes: list[ValueChange]


DiffAnswerDict = TypedDict("DiffAnswerDict", {"from": int, "to": int, "sections": list[SectionChanges]})


class TimelineAnswer(Answer):
    id = fields.String()
    at = fields.AwareDateTime()
    type = fields.String()
    subject = fields.String()
    article = fields.String(allow_none=True)
    actor = fields.Dict()
    detail = fields.Dict()


class TimelineActor(TypedDict):
    """The actor of a step. The account is null for readers who may not know it."""

    username: str | None
    role: str | None
    bureau: str | None
    organisation: str | None
    acting_for: NotRequired[str]


class TimelineAnswerDict(TypedDict):
    id: str
    at: str
    type: str
    subject: str
    article: str | None
    actor: TimelineActor
    detail: dict[str, object]
