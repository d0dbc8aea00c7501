"""The bodies and queries of requests about changes, major matters and successions."""

from __future__ import annotations

from typing import Any, TypedDict

from marshmallow import ValidationError, fields, post_load

from services.contracts.application.list_bounds import at_most, document_ids
from services.contracts.common import Body, Cleaned, Day, Flag, Page, Uscc, code, one_of, text
from services.contracts.labels import codes_of
from services.contracts.payload import JsonObject

KINDS = (
    "name",
    "chief_scientist",
    "key_person",
    "add_member",
    "remove_member",
    "change_tier",
    "lead",
    "dissolution",
    "units",
)


STATUSES = ("awaiting_confirmations", "submitted", "approved", "effective", "refused", "withdrawn")


CAUSES = ("ended", "merged", "death", "authority_act")


WATCH_KINDS = ("conditions", "change_asked", "ground", "deferrals")


WATCH_STATUSES = ("open", "overdue", "settled")


MATTER_KINDS = ("major_project", "breakthrough", "technology_transfer", "academic_event")


TIERS = codes_of("tier")


class NewName(Body):
    name = text(100, required=True)


class NewScientist(Body):
    name = text(60, required=True)
    employer = Uscc(load_default=None, allow_none=True)
    title = text(100, load_default=None, allow_none=True)


class NewPerson(Body):
    """The person who holds a post from now on."""

    post = text(60, required=True)
    name = text(60, required=True)


class AddedUnit(Body):
    organisation = Uscc(required=True)
    tier = one_of(*TIERS, of="tier", required=True)
    role = text(200, load_default=None, allow_none=True)


class RemovedUnit(Body):
    """A member that leaves. `main_task_bearing`: the member has a main part of the task (承担攻关任务主要成员单位), so
    documents of project management are required."""

    organisation = Uscc(required=True)
    main_task_bearing = Flag(load_default=False)


class MovedUnit(Body):
    organisation = Uscc(required=True)
    tier = one_of(*TIERS, of="tier", required=True)


class NewLead(Body):
    """A change of the lead. `former_lead_tier`: the tier in which the former lead stays as a member; without it the former lead
    leaves."""

    lead = Uscc(required=True)
    former_lead_tier = one_of(*TIERS, of="tier", load_default=None, allow_none=True)


class Dissolution(Body):
    pass


class AdjustedUnits(Body):
    """An adjustment of several units in one change. `main_task_bearing`: one of the leaving units has a main part of the task."""

    add = fields.List(fields.Nested(AddedUnit), load_default=list, validate=at_most(100))
    remove = fields.List(Uscc(), load_default=list, validate=at_most(100))
    change_tier = fields.List(fields.Nested(MovedUnit), load_default=list, validate=at_most(100))
    main_task_bearing = Flag(load_default=False)


class ChangedUnit(TypedDict, total=False):
    organisation: str
    tier: str
    role: str | None


class ChangeDetail(ChangedUnit, total=False):
    """The members of every kind of change, as `ChangeReport.detail` lists them by kind."""

    name: str
    employer: str | None
    title: str | None
    post: str
    lead: str
    former_lead_tier: str | None
    main_task_bearing: bool
    add: list[ChangedUnit]
    remove: list[str]
    change_tier: list[ChangedUnit]


_DETAILS: dict[str, type[Body]] = {
    "name": NewName,
    "chief_scientist": NewScientist,
    "key_person": NewPerson,
    "add_member": AddedUnit,
    "remove_member": RemovedUnit,
    "change_tier": MovedUnit,
    "lead": NewLead,
    "dissolution": Dissolution,
    "units": AdjustedUnits,
}


class Unforeseen(Body):
    """The reason why a change could not be reported in advance, and the day on which the lead learned of it. The report is not
    late if it is made within the policy's number of days from that day."""

    cause = one_of(*CAUSES, of="unforeseen_cause", required=True)
    known_on = Day(required=True)


class UnforeseenDict(TypedDict):
    cause: str
    known_on: str


class ChangeReport(Body):
    """A change, reported before it takes effect. `detail` contains the new values, by `kind`: `{"name"}`, `{"name", "employer",
    "title"}`, `{"post", "name"}`, `{"organisation", "tier", "role"}`, `{"organisation", "main_task_bearing"}`, `{"organisation",
    "tier"}`, `{"lead", "former_lead_tier"}`, `{}`, `{"add", "remove", "change_tier"}`. `technical_need` and `task_source` are for
    units that join or move to another tier. For a change of the lead, or of a member with a main task, `reason` is the objective
    one (客观原因)."""

    kind = one_of(*KINDS, of="change_kind", required=True)
    effective_on = Day(required=True)
    detail = Cleaned(load_default=dict)
    reason = text(4000, required=True)
    late_reason = text(4000, load_default=None, allow_none=True)
    technical_need = text(4000, load_default=None, allow_none=True)
    task_source = text(4000, load_default=None, allow_none=True)
    unforeseen = fields.Nested(Unforeseen, load_default=None, allow_none=True)
    documents = document_ids()

    @post_load
    def _fit_detail(self, data: JsonObject, **_: Any) -> JsonObject:
        """Validate `detail` by the schema of its kind and fill in the defaults."""
        try:
            return data | {"detail": _DETAILS[data["kind"]]().load(data["detail"])}
        except ValidationError as error:
            raise ValidationError({"detail": error.messages}) from None


class ChangeReportDict(TypedDict):
    kind: str
    effective_on: str
    detail: ChangeDetail
    reason: str
    late_reason: str | None
    technical_need: str | None
    task_source: str | None
    unforeseen: UnforeseenDict | None
    documents: list[str]


class ChangeConfirmation(Body):
    decision = one_of("confirm", "decline", of="confirmation", required=True)
    reason = text(1000, load_default=None, allow_none=True)


class ChangeSupplement(Body):
    """Documents added to a change that is not decided yet."""

    documents = document_ids()


class ChangeWithdrawal(Body):
    reason = text(1000, required=True)


class UnreportedChange(Body):
    """A change that a bureau found. It took place unreported or, if `change` names a reported change, although that change was
    refused or withdrawn."""

    found_on = Day(required=True)
    text = text(4000, required=True)
    change = code(36, load_default=None, allow_none=True)


class Departure(Body):
    """A member's declaration that it leaves. `leaves_on`: the day on which it leaves, if the member states one."""

    reason = text(2000, required=True)
    leaves_on = Day(load_default=None, allow_none=True)


class DepartureWithdrawal(Body):
    reason = text(1000, required=True)


class MajorMatter(Body):
    """A major matter that the lead reports. `occurred_on`: its day; if it is in the future, the lead applies for the matter in
    advance."""

    kind = one_of(*MATTER_KINDS, of="matter_kind", required=True)
    title = text(200, required=True)
    detail = text(8000, required=True)
    occurred_on = Day(required=True)
    documents = document_ids()


class MajorMatterDict(TypedDict):
    kind: str
    title: str
    detail: str
    occurred_on: str
    documents: list[str]


class Acknowledgement(Body):
    note = text(2000, load_default=None, allow_none=True)


class MatterObjection(Body):
    reason = text(4000, required=True)


class Succession(Body):
    """The succession of an organisation. `successor` takes the organisation's place; `name` is required if the successor is not
    on the platform yet."""

    kind = one_of("renamed", "merged", "recoded", of="succession_kind", required=True)
    successor = Uscc(required=True)
    name = text(200, load_default=None, allow_none=True)
    effective_on = Day(required=True)
    reason = text(2000, required=True)


class SuccessionDict(TypedDict):
    kind: str
    successor: str
    name: str | None
    effective_on: str
    reason: str


class ChangeQuery(Page):
    status = one_of(*STATUSES, of="change_status", load_default=None)


class WatchQuery(Page):
    """The filter of the watch list. Without `status`, it selects the entries that are not settled."""

    status = one_of(*WATCH_STATUSES, of="watch_status", load_default=None)
    kind = one_of(*WATCH_KINDS, of="watch_kind", load_default=None)
    consortium = code(36, load_default=None)
    recommender = code(20, load_default=None)
