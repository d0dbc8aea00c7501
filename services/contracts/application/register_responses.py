"""The answers about the register, for its parties, bureaus and the public. These schemas document them; the gateway passes them
on unchanged."""

from __future__ import annotations

from typing import TypedDict, final

from marshmallow import fields

from services.contracts.application.application_requests import ChiefScientistDict
from services.contracts.application.application_responses import DecisionList, Waiver
from services.contracts.application.call_requests import CallContactDict
from services.contracts.application.imports import ImportedHistoryDict
from services.contracts.common import Answer, page_of
from services.contracts.evaluation.duties import OversightAnswer
from services.contracts.evaluation.grades import PublicGrade
from services.contracts.organisation_name import OrganisationName, PublicUnit


class PublicityItem(Answer):
    """A consortium in the publicity period before its recognition, as shown to the public. `waivers`: the waived rules, each with
    title, article and reason. The reason is public because people object to an exception by its reason."""

    application = fields.String()
    call = fields.String(allow_none=True)
    name = fields.String()
    field = fields.String()
    lead = fields.Dict()
    units = fields.List(fields.Dict())
    recommender = fields.String()
    ends_on = fields.Date()
    waivers = fields.List(fields.Dict())
    list = fields.Dict(allow_none=True, metadata={"description": "id, title and day of the list of decisions that it is part of"})
    contact = fields.Dict(
        allow_none=True, metadata={"description": "name, telephone, address, email: where anybody may object in writing"}
    )


class PublicityItemDict(TypedDict):
    application: str
    call: str | None
    name: str
    field: str
    lead: OrganisationName
    units: list[OrganisationName]
    recommender: str
    ends_on: str
    waivers: list[Waiver]
    list: DecisionList | None
    contact: CallContactDict | None


class PublicityPage(page_of(PublicityItem, counted=True)):  # type: ignore[misc]
    """One page of the public list of consortia in publicity. `grades`: the evaluation grades in their publicity period. Only the
    first page contains them, at most 200; the complete list is at /public/evaluations?in_effect=false."""

    grades = fields.List(fields.Nested(PublicGrade), required=True)


class ConsortiumItem(Answer):
    id = fields.String()
    number = fields.String()
    name = fields.String()
    field = fields.String()
    status = fields.String()
    recognised_on = fields.Date()
    recommender = fields.String()
    lead = fields.Dict()
    last_grade = fields.String(allow_none=True)


class ConsortiumItemDict(TypedDict):
    id: str
    number: str
    name: str
    field: str
    status: str
    recognised_on: str
    recommender: str
    lead: OrganisationName
    last_grade: str | None


class PublicConsortiumAnswer(ConsortiumItem):
    """A consortium as shown to the public. `units`: uscc, name and tier (null for the lead), the lead first."""

    graded_on = fields.Date(allow_none=True)
    units = fields.List(fields.Dict())


class PublicConsortiumAnswerDict(ConsortiumItemDict):
    graded_on: str | None
    units: list[PublicUnit]


class PublicCounts(Answer):
    bureau = fields.String(required=True)
    consortia = fields.Integer(required=True)
    units = fields.Integer(required=True)
    enterprises = fields.Integer(required=True)


class PublicCountsDict(TypedDict):
    bureau: str
    consortia: int
    units: int
    enterprises: int


class PublicStatistics(Answer):
    """Public counts of the register on a day. `by_status` counts all consortia; the other counts include only active and
    rectifying ones. `by_recommender`: by the bureau that recommended; `by_city`: by the city in which the lead is registered."""

    as_of = fields.Date(required=True)
    consortia = fields.Integer(required=True)
    units = fields.Integer(required=True)
    enterprises = fields.Integer(required=True)
    in_guangxi = fields.Integer(required=True)
    by_status = fields.Dict(fields.String(), fields.Integer(), required=True)
    by_grade = fields.Dict(fields.String(), fields.Integer(), required=True)
    by_recommender = fields.List(fields.Nested(PublicCounts), required=True)
    by_city = fields.List(fields.Nested(PublicCounts), required=True)


class PublicStatisticsDict(TypedDict):
    as_of: str
    consortia: int
    units: int
    enterprises: int
    in_guangxi: int
    by_status: dict[str, int]
    by_grade: dict[str, int]
    by_recommender: list[PublicCountsDict]
    by_city: list[PublicCountsDict]


class ConsortiumAnswer(ConsortiumItem):
    imported = fields.Boolean()
    policy = fields.String()
    application = fields.String(allow_none=True)
    units = fields.List(fields.Dict())
    under_guidance = fields.Boolean()
    people = fields.Dict()
    pending_changes = fields.List(fields.Dict())
    asked = fields.List(fields.Dict(), metadata={"description": "what the lead has to report, and until when"})
    proposal = fields.Dict(
        allow_none=True,
        metadata={"description": "province and auditors: what was entered of a consortium of the plan of 2021, by whom"},
    )
    etag = fields.String()


class RegisteredUnit(PublicUnit):
    role: str | None


class People(TypedDict, total=False):
    """The chief scientist, and the other key people by their posts."""

    chief_scientist: ChiefScientistDict | None
    key_people: dict[str, str]


class PendingChange(TypedDict):
    id: str
    kind: str
    status: str
    late: bool
    effective_on: str


class AskedReport(TypedDict):
    """A report that the lead of a consortium was asked for."""

    id: str
    cause: str
    organisation: OrganisationName | None
    rules: list[str]
    note: str | None
    status: str
    asked_on: str
    due_on: str | None


class ProposalEntry(TypedDict):
    """The data entered for a consortium of the plan of 2021, and the answer of the second person."""

    research_direction: str | None
    history: ImportedHistoryDict
    by: str
    at: str
    answered_by: str | None
    answered_at: str | None
    reason: str | None
    documents: list[dict[str, str]]


@final
class ProposedConsortium(TypedDict):
    """A proposed consortium of the plan of 2021 that waits for its confirmation, or was refused. It has no number yet."""

    id: str
    name: str
    field: str
    status: str
    recognised_on: str
    recommender: str
    lead: OrganisationName
    last_grade: None
    imported: bool
    units: list[RegisteredUnit]
    proposal: ProposalEntry
    etag: str


class ConsortiumAnswerDict(ConsortiumItemDict):
    imported: bool
    policy: str
    application: str | None
    units: list[RegisteredUnit]
    under_guidance: bool
    people: People
    pending_changes: list[PendingChange]
    asked: list[AskedReport]
    proposal: ProposalEntry | None
    etag: str


class DashboardAnswer(Answer):
    bureau = fields.String(allow_none=True)
    applications = fields.Dict()
    corrections = fields.Dict()
    consortia = fields.Dict()
    changes = fields.Dict()
    verifications = fields.Dict(metadata={"description": "waiting: organisations that declare what no bureau has verified"})
    watch_list = fields.Dict()
    quotas = fields.Dict()
    oversight = fields.Nested(OversightAnswer)


class ApplicationCounts(TypedDict):
    by_status: dict[str, int]
    by_stage: dict[str, int]
    by_age: dict[str, dict[str, int]]
    by_recommender: dict[str, int]


class CorrectionCounts(TypedDict):
    waiting: int
    overdue: int


class ConsortiumCounts(TypedDict):
    by_status: dict[str, int]
    by_recommender: dict[str, int]
    by_grade: dict[str, int]


class VerificationCounts(TypedDict):
    waiting: int


class QuotaCounts(TypedDict):
    organisations_at_limit: int
    support: dict[str, int]


class ApplicationDashboard(TypedDict):
    """The part of the dashboard that the application service answers; the gateway adds the part of the evaluation service."""

    bureau: str | None
    applications: ApplicationCounts
    corrections: CorrectionCounts
    consortia: ConsortiumCounts
    verifications: VerificationCounts
    watch_list: dict[str, int]
    changes: dict[str, int]
    quotas: QuotaCounts
