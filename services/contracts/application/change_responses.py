"""The answers about changes, the watch list, major matters and successions."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from marshmallow import fields

from services.contracts.application.application_responses import Waiver
from services.contracts.application.change_requests import (
    KINDS,
    MATTER_KINDS,
    STATUSES,
    WATCH_KINDS,
    WATCH_STATUSES,
    ChangeDetail,
    UnforeseenDict,
)
from services.contracts.case_view import ActionAnswerDict, FlowStageAnswerDict, actions, flow
from services.contracts.common import Answer, one_of, page_of
from services.contracts.findings import StoredFinding
from services.contracts.organisation_name import OrganisationName


class WatchAnswer(Answer):
    """An entry of the watch list. `conditions`: rules that fail now (`findings`); `change_asked`: a change that the lead must
    report until `due_on`; `ground`: a ground of revocation that is proposed because of the lead's own integrity record or its end
    (`cause`); `deferrals`: several deferrals in a row."""

    id = fields.String(required=True)
    kind = one_of(*WATCH_KINDS, of="watch_kind", required=True)
    cause = fields.String(required=True)
    status = one_of(*WATCH_STATUSES, of="watch_status", required=True)
    consortium = fields.Dict(required=True)
    organisation = fields.Dict(required=True, allow_none=True)
    findings = fields.List(fields.Dict(), required=True)
    note = fields.String(required=True, allow_none=True)
    opened_on = fields.Date(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    settled_on = fields.Date(required=True, allow_none=True)
    outcome = one_of("cured", "withdrawn", "ended", of="watch_outcome", required=True, allow_none=True)


class WatchedConsortium(TypedDict):
    id: str
    number: str
    name: str
    lead: OrganisationName
    recommender: str


class WatchAnswerDict(TypedDict):
    id: str
    kind: str
    cause: str
    status: str
    consortium: WatchedConsortium
    organisation: OrganisationName | None
    findings: list[StoredFinding]
    note: str | None
    opened_on: str
    due_on: str | None
    settled_on: str | None
    outcome: str | None


class ChangeAnswer(Answer):
    """A change. `findings`: the rules of article 5 evaluated on the `proposed` units, with `failed_before` if the rule fails
    without the change too. `late`: the report was too late. `signatories`: the units that must sign the supplementary agreement.
    `recommendation`: the recommender's opinion, for (`pass`) or against (`reject`). `main_task_bearing`: a leaving member has a
    main task, according to that opinion or to the lead. `confirmations` state in `as` what each unit was asked to confirm: joins,
    leads or tier. `stages` (the flow chart) and `actions` are present only when one change is read."""

    id = fields.String(required=True)
    consortium = fields.String(required=True)
    kind = one_of(*KINDS, of="change_kind", required=True)
    status = one_of(*STATUSES, of="change_status", required=True)
    stage = fields.String(required=True, allow_none=True)
    effective_on = fields.Date(required=True)
    reported_on = fields.Date(required=True)
    late = fields.Boolean(required=True)
    late_reason = fields.String(required=True, allow_none=True)
    detail = fields.Dict(required=True)
    reason = fields.String(required=True)
    technical_need = fields.String(required=True, allow_none=True)
    task_source = fields.String(required=True, allow_none=True)
    documents = fields.List(fields.Dict(), required=True)
    proposed = fields.Dict(required=True)
    confirmations = fields.List(fields.Dict(), required=True)
    findings = fields.List(fields.Dict(), required=True)
    policy = fields.String(required=True)
    decision = fields.Dict(required=True, allow_none=True)
    took_effect_on = fields.Date(required=True, allow_none=True)
    unforeseen = fields.Dict(required=True, allow_none=True)
    signatories = fields.List(fields.String(), required=True)
    main_task_bearing = fields.Boolean(required=True)
    recommendation = fields.Dict(required=True, allow_none=True)
    version = fields.Integer(required=True)
    etag = fields.String(required=True)
    stages = flow()
    actions = actions()


class ProposedMember(TypedDict):
    organisation: str
    tier: str | None
    role: str | None


class ProposedUnits(TypedDict):
    """The lead and the members after a change."""

    lead: str
    members: list[ProposedMember]


class Recommendation(TypedDict):
    """The recommender's opinion, for (`pass`) or against (`reject`). `main_task_bearing`: the leaving members that have a main
    task according to it."""

    outcome: str
    comment: str | None
    main_task_bearing: list[str] | None
    by: str
    on: str


#: A unit that must confirm a change. `as`: its part in the change (joins, leads or tier).
AskedUnit = TypedDict("AskedUnit", {"organisation": str, "as": str})
#: The answer of a unit that was asked to confirm a change.
UnitConfirmation = TypedDict(
    "UnitConfirmation",
    {"organisation": str, "decision": str | None, "reason": str | None, "at": str | None, "as": str},
)


class ChangeDecision(TypedDict):
    """The decision on a change. A refusal by a bureau that runs an earlier release has no `waivers`."""

    outcome: str
    reason: str
    by: str
    on: str
    waivers: NotRequired[list[Waiver]]
    knowingly: NotRequired[bool]


class ChangeFinding(StoredFinding):
    """A finding on a change. `failed_before`: the rule fails without the change too."""

    failed_before: NotRequired[bool]


class ChangeAnswerDict(TypedDict):
    id: str
    consortium: str
    kind: str
    status: str
    stage: str | None
    effective_on: str
    reported_on: str
    late: bool
    late_reason: str | None
    detail: ChangeDetail
    reason: str
    technical_need: str | None
    task_source: str | None
    documents: list[dict[str, str]]
    proposed: ProposedUnits
    confirmations: list[UnitConfirmation]
    findings: list[ChangeFinding]
    policy: str
    decision: ChangeDecision | None
    took_effect_on: str | None
    unforeseen: UnforeseenDict | None
    signatories: list[str]
    main_task_bearing: bool
    recommendation: Recommendation | None
    version: int
    etag: str
    stages: NotRequired[list[FlowStageAnswerDict]]
    actions: NotRequired[list[ActionAnswerDict]]


class UnreportedAnswer(Answer):
    consortium = fields.String(required=True)
    change = fields.String(required=True, allow_none=True)
    found_on = fields.Date(required=True)
    text = fields.String(required=True)
    ground = fields.String(required=True)


class UnreportedAnswerDict(TypedDict):
    consortium: str
    change: str | None
    found_on: str
    text: str
    ground: str


class MajorMatterAnswer(Answer):
    """A major matter. `planned`: the day of the matter was in the future when it was filed; the province may object to such a
    matter. `objection`: the account that objected (`by`), the time (`at`) and the reason."""

    id = fields.String(required=True)
    consortium = fields.String(required=True)
    kind = one_of(*MATTER_KINDS, of="matter_kind", required=True)
    title = fields.String(required=True)
    detail = fields.String(required=True)
    occurred_on = fields.Date(required=True)
    documents = fields.List(fields.Dict(), required=True)
    filed_at = fields.AwareDateTime(required=True)
    acknowledged = fields.Dict(required=True, allow_none=True)
    planned = fields.Boolean(required=True)
    status = one_of("reported", "applied_for", "acknowledged", "objected", of="matter_status", required=True)
    objection = fields.Dict(required=True, allow_none=True)


class MatterAcknowledged(TypedDict):
    by: str
    at: str
    note: str | None


class MatterObjected(TypedDict):
    by: str
    at: str
    reason: str


class MajorMatterAnswerDict(TypedDict):
    id: str
    consortium: str
    kind: str
    title: str
    detail: str
    occurred_on: str
    documents: list[dict[str, str]]
    filed_at: str
    acknowledged: MatterAcknowledged | None
    planned: bool
    status: str
    objection: MatterObjected | None


class SuccessionAnswer(Answer):
    predecessor = fields.String(required=True)
    successor = fields.String(required=True)
    kind = fields.String(required=True)
    effective_on = fields.Date(required=True)
    reason = fields.String(required=True)
    consortia = fields.List(fields.String(), required=True)


class SuccessionAnswerDict(TypedDict):
    predecessor: str
    successor: str
    kind: str
    effective_on: str
    reason: str
    consortia: list[str]


ChangePage = page_of(ChangeAnswer)


MajorMatterPage = page_of(MajorMatterAnswer)


WatchPage = page_of(WatchAnswer)
