"""Changes, major matters and successions: requests, answers and events."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load

from services.contracts.application.list_bounds import at_most, document_ids
from services.contracts.case_view import actions, flow
from services.contracts.common import Answer, Body, Cleaned, Day, Flag, Page, Uscc, code, one_of, page_of, text
from services.contracts.labels import codes_of

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
    """The person who holds a post after the change."""

    post = text(60, required=True)
    name = text(60, required=True)


class AddedUnit(Body):
    organisation = Uscc(required=True)
    tier = one_of(*TIERS, of="tier", required=True)
    role = text(200, load_default=None, allow_none=True)


class RemovedUnit(Body):
    """A member that leaves. `main_task_bearing`: it has a main part of the task (承担攻关任务主要成员单位), so documents of
    project management are required."""

    organisation = Uscc(required=True)
    main_task_bearing = Flag(load_default=False)


class MovedUnit(Body):
    organisation = Uscc(required=True)
    tier = one_of(*TIERS, of="tier", required=True)


class NewLead(Body):
    """A change of the lead. `former_lead_tier`: the tier in which the former lead stays as a member. Without it the former lead
    leaves."""

    lead = Uscc(required=True)
    former_lead_tier = one_of(*TIERS, of="tier", load_default=None, allow_none=True)


class Dissolution(Body):
    pass


class AdjustedUnits(Body):
    """A change of several units at once. `main_task_bearing`: one of the leaving units has a main part of the task."""

    add = fields.List(fields.Nested(AddedUnit), load_default=list, validate=at_most(100))
    remove = fields.List(Uscc(), load_default=list, validate=at_most(100))
    change_tier = fields.List(fields.Nested(MovedUnit), load_default=list, validate=at_most(100))
    main_task_bearing = Flag(load_default=False)


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
    """A change that could not be reported in advance, and the day on which it became known. Its report is not late within the
    policy's number of days from that day."""

    cause = one_of(*CAUSES, of="unforeseen_cause", required=True)
    known_on = Day(required=True)


class ChangeReport(Body):
    """The lead's report of a change, before the change takes effect. `detail` contains the new values and depends on `kind`:
    `{"name"}`, `{"name", "employer", "title"}`, `{"post", "name"}`, `{"organisation", "tier", "role"}`, `{"organisation",
    "main_task_bearing"}`, `{"organisation", "tier"}`, `{"lead", "former_lead_tier"}`, `{}`, `{"add", "remove", "change_tier"}`.
    `technical_need` and `task_source` are for units that join or move to another tier. For a change of the lead, or of a member
    with a main task, `reason` must be the objective one (客观原因)."""

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
    def _fit_detail(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Validate `detail` by the schema of the change's kind, and fill in the defaults."""
        try:
            return data | {"detail": _DETAILS[data["kind"]]().load(data["detail"])}
        except ValidationError as error:
            raise ValidationError({"detail": error.messages}) from None


class ChangeConfirmation(Body):
    decision = one_of("confirm", "decline", of="confirmation", required=True)
    reason = text(1000, load_default=None, allow_none=True)


class ChangeSupplement(Body):
    """Documents that the lead adds to a change that is not decided yet."""

    documents = document_ids()


class ChangeWithdrawal(Body):
    reason = text(1000, required=True)


class UnreportedChange(Body):
    """A change that a bureau discovered: it took place without a report or, if `change` names a refused change, although it was
    refused."""

    found_on = Day(required=True)
    text = text(4000, required=True)
    change = code(36, load_default=None, allow_none=True)


class Departure(Body):
    """A member declares that it leaves."""

    reason = text(2000, required=True)
    leaves_on = Day(load_default=None, allow_none=True)


class DepartureWithdrawal(Body):
    reason = text(1000, required=True)


class MajorMatter(Body):
    """A major matter that the lead files. If `occurred_on` is in the future, the lead applies for the matter in advance."""

    kind = one_of(*MATTER_KINDS, of="matter_kind", required=True)
    title = text(200, required=True)
    detail = text(8000, required=True)
    occurred_on = Day(required=True)
    documents = document_ids()


class Acknowledgement(Body):
    note = text(2000, load_default=None, allow_none=True)


class MatterObjection(Body):
    reason = text(4000, required=True)


class Succession(Body):
    """The replacement of an organisation by its `successor`. `name` is required if the successor is not on the platform yet."""

    kind = one_of("renamed", "merged", "recoded", of="succession_kind", required=True)
    successor = Uscc(required=True)
    name = text(200, load_default=None, allow_none=True)
    effective_on = Day(required=True)
    reason = text(2000, required=True)


class ChangeQuery(Page):
    status = one_of(*STATUSES, of="change_status", load_default=None)


class WatchQuery(Page):
    """The filter of the watch list. Without `status`, it selects the entries that are not settled."""

    status = one_of(*WATCH_STATUSES, of="watch_status", load_default=None)
    kind = one_of(*WATCH_KINDS, of="watch_kind", load_default=None)
    consortium = code(36, load_default=None)
    recommender = code(20, load_default=None)


class WatchAnswer(Answer):
    """An entry of the watch list, of one of four kinds. `conditions`: rules that fail now (`findings`). `change_asked`: a change
    that the lead must report by `due_on`. `ground`: a ground of revocation proposed because of the lead's own integrity record or
    end (`cause`). `deferrals`: the consortium had several deferrals in a row."""

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


class ChangeAnswer(Answer):
    """A change. `findings`: article 5 evaluated on the `proposed` units, with `failed_before` if the rule fails, or lacks the
    same evidence, without the change too. `late`: the report came too late. `signatories`: the units that must sign the
    supplementary agreement. `recommendation`: the recommender's opinion, for (`pass`) or against (`reject`). `main_task_bearing`:
    a leaving member has a main task, in the recommender's opinion or by the lead's statement. In `confirmations`, `as` states
    what each unit was asked to confirm: joins, leads or tier. `stages` (the flow chart) and `actions` are present only when one
    change is read."""

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


class UnreportedAnswer(Answer):
    consortium = fields.String(required=True)
    change = fields.String(required=True, allow_none=True)
    found_on = fields.Date(required=True)
    text = fields.String(required=True)
    ground = fields.String(required=True)


class MajorMatterAnswer(Answer):
    """A major matter. `planned`: its day was in the future when it was filed; the province may object to such a matter.
    `objection`: by, at, reason."""

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


class SuccessionAnswer(Answer):
    predecessor = fields.String(required=True)
    successor = fields.String(required=True)
    kind = fields.String(required=True)
    effective_on = fields.Date(required=True)
    reason = fields.String(required=True)
    consortia = fields.List(fields.String(), required=True)


ChangePage = page_of(ChangeAnswer)
MajorMatterPage = page_of(MajorMatterAnswer)
WatchPage = page_of(WatchAnswer)
