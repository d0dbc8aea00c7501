"""The events of changes, major matters and successions: one schema and one example each."""

from __future__ import annotations

from functools import partial
from typing import Any

from marshmallow import fields

from services.contracts.common import EventData, EventType
from services.contracts.consortium_reference import ConsortiumReferenceData
from services.contracts.review.review_request import ReviewRequestData


class _Data(EventData):
    article = fields.String()


class _Register(ConsortiumReferenceData, _Data):
    """An event about a consortium of the register."""


class ChangeData(_Register):
    """`what` is the kind of change."""

    change = fields.String(required=True)
    what = fields.String(required=True)
    effective_on = fields.Date(required=True)
    version = fields.Integer(required=True)


class ReportedData(ChangeData):
    """A change was reported, and units are asked to confirm it.

    The units are those that join, members that move to another tier (`moving`), and a member that is to become the lead.
    `confirm_by`: the day before which they must answer, if any unit is asked.
    """

    joining = fields.List(fields.Dict(), required=True)
    moving = fields.List(fields.Dict())
    new_lead = fields.Dict(allow_none=True)
    confirm_by = fields.Date(allow_none=True)
    late = fields.Boolean(required=True)


class AnsweredData(ChangeData):
    organisation = fields.Dict(required=True)
    decision = fields.String(required=True)
    reason = fields.String(allow_none=True)


class RequestedData(ReviewRequestData, ChangeData):
    """All data that a bureau needs to open its case, as in `application.submitted`, and the report itself."""

    approvable_knowingly = fields.Boolean(required=True)
    report = fields.Dict(required=True)
    related_units = fields.List(fields.String())
    handed_over = fields.Integer()
    leaving = fields.List(fields.Dict())
    main_member_documents = fields.List(fields.Dict())


class StageData(ChangeData):
    """`outcome`: the recommender's opinion, for the change (`pass`) or against it (`reject`)."""

    stage = fields.String(required=True)
    next_stage = fields.String(required=True)
    outcome = fields.String()


class DocumentsAskedData(ChangeData):
    """The recommender judges that a leaving member has a main task. `lacking`: the documents that the lead must add, in both
    languages."""

    lacking = fields.Dict(required=True)


class SupplementedData(ChangeData):
    """`documents`: all documents of the change by now."""

    documents = fields.List(fields.Dict(), required=True)


class ChangeHeldData(ChangeData):
    """The approval had no effect, and the province decides again. `findings`: the present ones; `lacking`: the missing
    documents."""

    findings = fields.List(fields.Dict(), required=True)
    documents = fields.List(fields.Dict(), required=True)
    lacking = fields.Dict(required=True, allow_none=True)


class EndedData(ChangeData):
    reason = fields.String(required=True)
    outcome = fields.String()
    comment = fields.String()
    knowingly = fields.Boolean()


class ChangeVoidData(ChangeData):
    case = fields.String(required=True)
    reason = fields.String(required=True)


class ChangedData(_Register):
    """The present entry in the register; `kind` is the kind of the change."""

    field = fields.String(required=True)
    status = fields.String(required=True)
    kind = fields.String(required=True)
    units = fields.List(fields.Dict(), required=True)
    recommender = fields.String(required=True)
    effective_on = fields.Date(required=True)
    change = fields.String(required=True, allow_none=True)


class GroundData(_Register):
    """A ground for revocation exists; `source` identifies the facts on which it rests.

    `confirmed`: the province knew of it and decided nevertheless. `documents`: the documents of that decision, which are the
    evidence. `found_on`: the day on which a bureau found it; absent if the platform found it.
    """

    ground = fields.String(required=True)
    reason = fields.String(required=True)
    said = fields.String(required=True, allow_none=True)
    source = fields.String(required=True, allow_none=True)
    confirmed = fields.Boolean(required=True)
    documents = fields.List(fields.Dict())
    found_on = fields.Date()


class CeasedData(_Register):
    """The facts on which a ground rested, its `source`, no longer exist. `outcome`: cured, withdrawn or ended."""

    ground = fields.String(required=True)
    source = fields.String(required=True)
    outcome = fields.String(required=True)


class WatchedData(_Register):
    """A consortium's rules were evaluated again after `trigger`. `rules`: those that fail now; `failing`: their titles; empty if
    none fails."""

    watch = fields.String(required=True)
    trigger = fields.String(required=True)
    rules = fields.List(fields.String(), required=True)
    findings = fields.List(fields.Dict(), required=True)
    failing = fields.Dict(required=True, allow_none=True)
    status = fields.String(required=True)


class AskedData(_Register):
    """The lead must report a change by `due_on`.

    `cause`: the reason. `organisation`: the unit concerned, if the cause concerns one. `failing`: the rules that fail, if they
    are the cause.
    """

    watch = fields.String(required=True)
    cause = fields.String(required=True)
    organisation = fields.Dict(required=True, allow_none=True)
    failing = fields.Dict(required=True, allow_none=True)
    due_on = fields.Date(required=True)


class AskClosedData(_Register):
    """A request to report a change was closed.

    `outcome`: cured, withdrawn, ended, or overdue, which leads to ground 1. `reason`: the reason why it is overdue or was
    withdrawn.
    """

    watch = fields.String(required=True)
    cause = fields.String(required=True)
    organisation = fields.Dict(required=True, allow_none=True)
    outcome = fields.String(required=True)
    reason = fields.String()


class RecordData(_Data):
    """An integrity record was entered, or repaired on the basis of `documents`: shortened or withdrawn (`kind`)."""

    record = fields.String(required=True)
    uscc = fields.String(required=True)
    penalty_until = fields.Date(required=True, allow_none=True)
    kind = fields.String()
    documents = fields.List(fields.String())


class HandedOverData(_Register):
    """A consortium has a new recommender.

    `why`: its lead moved (move), or the province decided so (decision). `handed_over`: the number of hand-overs so far.
    """

    from_bureau = fields.String(required=True)
    to_bureau = fields.String(required=True)
    handed_over = fields.Integer(required=True)
    why = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)


class ChangeHandedOverData(ChangeData):
    """A change continues at the new recommender, as this `version`."""

    from_bureau = fields.String(required=True)
    to_bureau = fields.String(required=True)
    handed_over = fields.Integer(required=True)


class MatterEventData(_Register):
    """`planned`: the lead applies for the matter in advance, and `answer_by` is the day for which it is planned."""

    matter = fields.String(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    occurred_on = fields.Date()
    note = fields.String(allow_none=True)
    planned = fields.Boolean()
    answer_by = fields.Date(allow_none=True)
    reason = fields.String()


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


_asked = _register | {"watch": "01980000-0000-7000-8000-000000000043", "cause": "unit_ended", "organisation": _MEMBER}
_record = {
    "record": "01980000-0000-7000-8000-000000000045",
    "uscc": _MEMBER["uscc"],
    "penalty_until": "2026-12-31",
    "article": "A14(4)",
}


_handed_over = {"from_bureau": "450200", "to_bureau": "450300", "handed_over": 1}


_event = partial(EventType, "application")


EVENTS: dict[str, EventType] = {
    "change.reported": _event(
        ReportedData,
        _change | {"joining": [_MEMBER], "moving": [], "new_lead": None, "confirm_by": "2026-12-01", "late": False},
    ),
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
            "related_units": [_LEAD["uscc"]],
            "handed_over": 0,
            "leaving": [],
            "main_member_documents": [],
        },
    ),
    "change.stage_passed": _event(StageData, _change | {"stage": "recommendation", "next_stage": "decision", "outcome": "pass"}),
    "change.documents_asked": _event(
        DocumentsAskedData,
        _change | {"lacking": {"zh": "科技计划项目变更材料", "en": "change documents under project management"}},
    ),
    "change.supplemented": _event(SupplementedData, _change | {"documents": []}),
    "change.held": _event(ChangeHeldData, _change | {"findings": [], "documents": [], "lacking": None}),
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
            "documents": [],
            "article": "A14(1)",
        },
    ),
    "consortium.handed_over": _event(
        HandedOverData, _register | _handed_over | {"why": "move", "reason": None, "article": "A11"}
    ),
    "change.handed_over": _event(ChangeHandedOverData, _change | _handed_over | {"version": 2}),
    "ground.ceased": _event(
        CeasedData, _register | {"ground": "A14(4)", "source": "integrity/1", "outcome": "cured", "article": "A14(4)"}
    ),
    "consortium.watched": _event(
        WatchedData,
        _register
        | {
            "watch": "01980000-0000-7000-8000-000000000044",
            "trigger": "succeeded",
            "rules": ["C4"],
            "findings": [],
            "failing": {"zh": "企业的比例", "en": "Share of enterprises"},
            "status": "open",
        },
    ),
    "change.asked": _event(AskedData, _asked | {"failing": None, "due_on": "2027-01-29"}),
    "change.ask_closed": _event(AskClosedData, _asked | {"outcome": "overdue", "reason": "nothing_reported"}),
    "integrity.recorded": _event(RecordData, _record),
    "integrity.repaired": _event(RecordData, _record | {"kind": "shortened"}),
    "matter.filed": _event(MatterEventData, _matter | {"occurred_on": "2026-11-01", "planned": True, "answer_by": "2026-11-01"}),
    "matter.acknowledged": _event(MatterEventData, _matter | {"note": "祝贺。"}),
    "matter.objected": _event(MatterEventData, _matter | {"reason": "与国家有关规定不符，请调整方案。"}),
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
