"""Changes, major matters and successions: what is asked, answered and told."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from services.contracts.base import Answer, Body, Day, EventType, Flag, Page, Said, Uscc, one_of, page_of, text

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
MATTER_KINDS = ("major_project", "breakthrough", "technology_transfer", "academic_event")
TIERS = ("core", "close", "general")


def _at_most(count: int) -> validate.Length:
    return validate.Length(max=count, error=Said("too_many", f"最多 {count} 项。", f"At most {count} entries."))


def _documents() -> fields.List[str]:
    return fields.List(text(120), load_default=list, validate=_at_most(500))


class NewName(Body):
    name = text(100, required=True)


class NewScientist(Body):
    name = text(60, required=True)
    employer = Uscc(load_default=None, allow_none=True)
    title = text(100, load_default=None, allow_none=True)


class NewPerson(Body):
    """Who holds a post now."""

    post = text(60, required=True)
    name = text(60, required=True)


class AddedUnit(Body):
    organisation = Uscc(required=True)
    tier = one_of(*TIERS, required=True)
    role = text(200, load_default=None, allow_none=True)


class RemovedUnit(Body):
    """`main_task_bearing`: it bears a main part of the task (承担攻关任务主要成员单位): papers of project management."""

    organisation = Uscc(required=True)
    main_task_bearing = Flag(load_default=False)


class MovedUnit(Body):
    organisation = Uscc(required=True)
    tier = one_of(*TIERS, required=True)


class NewLead(Body):
    """`former_lead_tier`: where the former lead stays as a member; it leaves where this is missing."""

    lead = Uscc(required=True)
    former_lead_tier = one_of(*TIERS, load_default=None, allow_none=True)


class Dissolution(Body):
    pass


class AdjustedUnits(Body):
    """`main_task_bearing`: one of those that leave bears a main part of the task."""

    add = fields.List(fields.Nested(AddedUnit), load_default=list, validate=_at_most(100))
    remove = fields.List(Uscc(), load_default=list, validate=_at_most(100))
    change_tier = fields.List(fields.Nested(MovedUnit), load_default=list, validate=_at_most(100))
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


class ChangeReport(Body):
    """A change before it takes effect. `detail` names the new values, by `kind`: `{"name"}`, `{"name", "employer", "title"}`,
    `{"post", "name"}`, `{"organisation", "tier", "role"}`, `{"organisation", "main_task_bearing"}`, `{"organisation", "tier"}`,
    `{"lead", "former_lead_tier"}`, `{}`, `{"add", "remove", "change_tier"}`."""

    kind = one_of(*KINDS, required=True)
    effective_on = Day(required=True)
    detail = fields.Dict(keys=fields.String(), load_default=dict)
    reason = text(4000, required=True)
    late_reason = text(4000, load_default=None, allow_none=True)
    technical_need = text(4000, load_default=None, allow_none=True)
    task_source = text(4000, load_default=None, allow_none=True)
    documents = _documents()

    @post_load
    def _fit_detail(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The detail of a kind has that kind's shape; its defaults are filled in."""
        try:
            return data | {"detail": _DETAILS[data["kind"]]().load(data["detail"])}
        except ValidationError as error:
            raise ValidationError({"detail": error.messages}) from None


class ChangeConfirmation(Body):
    decision = one_of("confirm", "decline", required=True)
    reason = text(1000, load_default=None, allow_none=True)


class ChangeWithdrawal(Body):
    reason = text(1000, required=True)


class UnreportedChange(Body):
    """What a bureau found: a change that took place unreported, or (`change`) although it was refused."""

    found_on = Day(required=True)
    text = text(4000, required=True)
    change = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=36))


class MajorMatter(Body):
    kind = one_of(*MATTER_KINDS, required=True)
    title = text(200, required=True)
    detail = text(8000, required=True)
    occurred_on = Day(required=True)
    documents = _documents()


class Acknowledgement(Body):
    note = text(2000, load_default=None, allow_none=True)


class Succession(Body):
    """`successor` takes the organisation's place; `name` where it is not on the platform yet."""

    kind = one_of("renamed", "merged", "recoded", required=True)
    successor = Uscc(required=True)
    name = text(200, load_default=None, allow_none=True)
    effective_on = Day(required=True)
    reason = text(2000, required=True)


class ChangeQuery(Page):
    status = one_of(*STATUSES, load_default=None)


class ChangeAnswer(Answer):
    """`findings`: article 5 recomputed on what is `proposed`; `late`: reported too late."""

    id = fields.String(required=True)
    consortium = fields.String(required=True)
    kind = one_of(*KINDS, required=True)
    status = one_of(*STATUSES, required=True)
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
    etag = fields.String(required=True)


class UnreportedAnswer(Answer):
    consortium = fields.String(required=True)
    change = fields.String(required=True, allow_none=True)
    found_on = fields.Date(required=True)
    text = fields.String(required=True)
    ground = fields.String(required=True)


class MajorMatterAnswer(Answer):
    id = fields.String(required=True)
    consortium = fields.String(required=True)
    kind = one_of(*MATTER_KINDS, required=True)
    title = fields.String(required=True)
    detail = fields.String(required=True)
    occurred_on = fields.Date(required=True)
    documents = fields.List(fields.Dict(), required=True)
    filed_at = fields.AwareDateTime(required=True)
    acknowledged = fields.Dict(required=True, allow_none=True)


class SuccessionAnswer(Answer):
    predecessor = fields.String(required=True)
    successor = fields.String(required=True)
    kind = fields.String(required=True)
    effective_on = fields.Date(required=True)
    reason = fields.String(required=True)
    consortia = fields.List(fields.String(), required=True)


ChangePage = page_of(ChangeAnswer)
MajorMatterPage = page_of(MajorMatterAnswer)


# Events


class _Data(Schema):
    """A schema is only ever added to, so readers pass over what they do not know."""

    class Meta:
        unknown = EXCLUDE

    article = fields.String()


class _Register(_Data):
    consortium = fields.String(required=True)
    number = fields.String(required=True)
    name = fields.String(required=True)
    lead = fields.Dict(required=True)


class ChangeData(_Register):
    """`what` is the kind of change."""

    change = fields.String(required=True)
    what = fields.String(required=True)
    effective_on = fields.Date(required=True)
    version = fields.Integer(required=True)


class ReportedData(ChangeData):
    """`confirm_by`: the day before which those who join answer, where somebody joins."""

    joining = fields.List(fields.Dict(), required=True)
    confirm_by = fields.Date(allow_none=True)
    late = fields.Boolean(required=True)


class AnsweredData(ChangeData):
    organisation = fields.Dict(required=True)
    decision = fields.String(required=True)
    reason = fields.String(allow_none=True)


class RequestedData(ChangeData):
    """All a bureau needs to open its case, as `application.submitted` says it, and the report itself."""

    round = fields.Integer(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    field = fields.String(required=True)
    units = fields.List(fields.String(), required=True)
    call = fields.Dict(required=True, allow_none=True)
    policy = fields.String(required=True)
    stage = fields.String(required=True)
    pipeline = fields.List(fields.Dict(), required=True)
    questions = fields.List(fields.Dict(), required=True)
    waivable = fields.List(fields.String(), required=True)
    findings = fields.List(fields.Dict(), required=True)
    documents = fields.List(fields.Dict(), required=True)
    approvable_knowingly = fields.Boolean(required=True)
    report = fields.Dict(required=True)


class StageData(ChangeData):
    stage = fields.String(required=True)
    next_stage = fields.String(required=True)


class EndedData(ChangeData):
    reason = fields.String(required=True)
    outcome = fields.String()
    comment = fields.String()
    knowingly = fields.Boolean()


class ChangeVoidData(ChangeData):
    case = fields.String(required=True)
    reason = fields.String(required=True)


class ChangedData(_Register):
    """The register's entry as it is now; `kind` says what changed."""

    field = fields.String(required=True)
    status = fields.String(required=True)
    kind = fields.String(required=True)
    units = fields.List(fields.Dict(), required=True)
    recommender = fields.String(required=True)
    effective_on = fields.Date(required=True)
    change = fields.String(required=True, allow_none=True)


class GroundData(_Register):
    """`confirmed`: the province knew and decided so all the same."""

    ground = fields.String(required=True)
    reason = fields.String(required=True)
    said = fields.String(required=True, allow_none=True)
    source = fields.String(required=True, allow_none=True)
    confirmed = fields.Boolean(required=True)


class MatterEventData(_Register):
    matter = fields.String(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    occurred_on = fields.Date()
    note = fields.String(allow_none=True)


class SucceededData(_Data):
    predecessor = fields.String(required=True)
    successor = fields.String(required=True)
    kind = fields.String(required=True)
    effective_on = fields.Date(required=True)
    consortia = fields.List(fields.String(), required=True)


_LEAD = {"uscc": "9145020098MA369042", "name": "柳州桂博一号科技股份有限公司"}
_MEMBER = {"uscc": "9145010035MA46841F", "name": "南宁澜瑞六号科技股份有限公司"}
_register: dict[str, Any] = {
    "consortium": "01980000-0000-7000-8000-000000000002",
    "number": "GXCX-2026-0001",
    "name": "广西糖业创新联合体",
    "lead": _LEAD,
    "article": "A12",
}
_CHANGE = "01980000-0000-7000-8000-000000000041"
_change = _register | {"change": _CHANGE, "what": "add_member", "effective_on": "2026-12-01", "version": 1}
_stage = {"citation": "A12", "optional": False, "due_days": 10, "questions": []}
_matter = _register | {
    "matter": "01980000-0000-7000-8000-000000000042",
    "kind": "breakthrough",
    "title": "甘蔗脱毒健康种苗技术取得突破",
}


def _event(data: type[Schema], example: dict[str, Any]) -> EventType:
    return EventType("application", data, example)


EVENTS: dict[str, EventType] = {
    "change.reported": _event(ReportedData, _change | {"joining": [_MEMBER], "confirm_by": "2026-12-01", "late": False}),
    "change.answered": _event(AnsweredData, _change | {"organisation": _MEMBER, "decision": "confirm", "reason": None}),
    "change.requested": _event(
        RequestedData,
        _change
        | {
            "round": 1,
            "kind": "change",
            "title": "广西糖业创新联合体 · 增加成员单位",
            "field": "糖业",
            "units": [_LEAD["uscc"], _MEMBER["uscc"]],
            "call": None,
            "policy": "guangxi_trial@1",
            "stage": "recommendation",
            "pipeline": [
                _stage | {"name": "recommendation", "level": "recommender", "four_eyes": True, "outcomes": ["pass", "reject"]},
                _stage | {"name": "decision", "level": "province", "four_eyes": False, "outcomes": ["approve", "decline"]},
            ],
            "questions": [],
            "waivable": ["C1", "L2"],
            "findings": [],
            "documents": [],
            "approvable_knowingly": True,
            "report": {"detail": {"organisation": _MEMBER["uscc"], "tier": "core"}, "reason": "补强中试能力。", "late": False},
        },
    ),
    "change.stage_passed": _event(StageData, _change | {"stage": "recommendation", "next_stage": "decision"}),
    "change.withdrawn": _event(EndedData, _change | {"reason": "withdrawn", "comment": "方案调整。"}),
    "change.approved": _event(EndedData, _change | {"reason": "同意。", "outcome": "approve", "knowingly": False}),
    "change.refused": _event(EndedData, _change | {"reason": "任务来源未落实。", "outcome": "refuse"}),
    "change.opinion_void": _event(
        ChangeVoidData, _change | {"case": "450200-01980000-0000-7000-8000-000000000005", "reason": "withdrawn"}
    ),
    "consortium.changed": _event(
        ChangedData,
        _register
        | {
            "field": "糖业",
            "status": "active",
            "kind": "add_member",
            "units": [_LEAD | {"tier": None}, _MEMBER | {"tier": "core"}],
            "recommender": "450200",
            "effective_on": "2026-12-01",
            "change": _CHANGE,
        },
    ),
    "ground.arisen": _event(
        GroundData,
        _register
        | {
            "ground": "A14(1)",
            "reason": "reported_late",
            "said": "成员单位突然注销。",
            "source": f"change/{_CHANGE}",
            "confirmed": False,
            "article": "A14(1)",
        },
    ),
    "matter.filed": _event(MatterEventData, _matter | {"occurred_on": "2026-11-01"}),
    "matter.acknowledged": _event(MatterEventData, _matter | {"note": "祝贺。"}),
    "organisation.succeeded": _event(
        SucceededData,
        {
            "predecessor": _MEMBER["uscc"],
            "successor": "9145010035MA46842E",
            "kind": "merged",
            "effective_on": "2026-11-01",
            "consortia": ["01980000-0000-7000-8000-000000000002"],
            "article": "A12",
        },
    ),
}
