"""The events of changes: one schema and one example each."""

from __future__ import annotations

from functools import partial

from marshmallow import fields

from services.contracts.application.event_parts import (
    LEAD,
    UNIT,
    ConsortiumData,
    consortium_example,
)
from services.contracts.application.register_payloads import (
    ChangeAnswered,
    ChangeEnded,
    ChangeHandedOver,
    ChangeHeld,
    ChangeOpinionVoid,
    ChangeReported,
    ChangeRequested,
    ChangeStagePassed,
    ChangeSupplemented,
    DocumentsAsked,
)
from services.contracts.common import EventType
from services.contracts.review.event_schemas import DifferenceData
from services.contracts.review.review_request import ReviewRequestData


class ChangeData(ConsortiumData):
    """The fields of every event about a change. `what` is the kind of change."""

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
    """A change is sent to review. The event contains all data that a bureau needs to open its case, as `application.submitted`
    does, and the report itself."""

    approvable_knowingly = fields.Boolean(required=True)
    report = fields.Dict(required=True)
    related_units = fields.List(fields.String())
    handed_over = fields.Integer()
    leaving = fields.List(fields.Dict())
    main_member_documents = fields.List(fields.Dict())


class StageData(ChangeData):
    """A change passed a stage. `outcome`: the recommender's opinion, for the change (`pass`) or against it (`reject`). `differs`:
    how the signed opinion differs from the officer's draft."""

    stage = fields.String(required=True)
    next_stage = fields.String(required=True)
    outcome = fields.String()
    differs = fields.Nested(DifferenceData)


class DocumentsAskedData(ChangeData):
    """The recommender judges that a leaving member has a main task. `lacking`: the documents that the lead must add, in both
    languages."""

    lacking = fields.Dict(required=True)


class SupplementedData(ChangeData):
    """The lead added documents to a change. `documents`: all documents that the change has now."""

    documents = fields.List(fields.Dict(), required=True)


class ChangeHeldData(ChangeData):
    """The province's approval of a change had no effect, and the province decides again. `findings`: today's findings; `lacking`:
    the missing documents."""

    findings = fields.List(fields.Dict(), required=True)
    documents = fields.List(fields.Dict(), required=True)
    lacking = fields.Dict(required=True, allow_none=True)


class EndedData(ChangeData):
    """A change was withdrawn, approved or refused. `differs`: how the signed decision differs from the officer's draft."""

    reason = fields.String(required=True)
    outcome = fields.String()
    comment = fields.String()
    knowingly = fields.Boolean()
    differs = fields.Nested(DifferenceData)


class ChangeVoidData(ChangeData):
    case = fields.String(required=True)
    reason = fields.String(required=True)


class ChangeHandedOverData(ChangeData):
    """A change is handed over to the new recommender, where it continues as this `version`. `why` and `reason` as in
    `consortium.handed_over`."""

    from_bureau = fields.String(required=True)
    to_bureau = fields.String(required=True)
    handed_over = fields.Integer(required=True)
    why = fields.String()
    reason = fields.String(allow_none=True)


_CHANGE = "01980000-0000-7000-8000-000000000041"


_change = consortium_example | {"change": _CHANGE, "what": "add_member", "effective_on": "2026-12-01", "version": 1}


_stage = {"citation": "A12", "optional": False, "due_days": 10, "questions": []}


_handed_over = {"from_bureau": "450200", "to_bureau": "450300", "handed_over": 1}


_event = partial(EventType, "application")


EVENTS: dict[str, EventType] = {
    "change.reported": _event(
        ReportedData,
        _change | {"joining": [UNIT], "moving": [], "new_lead": None, "confirm_by": "2026-12-01", "late": False},
        ChangeReported,
    ),
    "change.answered": _event(
        AnsweredData, _change | {"organisation": UNIT, "decision": "confirm", "reason": None}, ChangeAnswered
    ),
    "change.requested": _event(
        RequestedData,
        _change
        | {
            "round": 1,
            "kind": "change",
            "title": "广西糖业创新联合体 · 增加成员单位",
            "field": "糖业",
            "units": [LEAD["uscc"], UNIT["uscc"]],
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
            "report": {
                "detail": {"organisation": UNIT["uscc"], "tier": "core"},
                "reason": "补强中试能力。",
                "late": False,
            },
            "related_units": [LEAD["uscc"]],
            "handed_over": 0,
            "leaving": [],
            "main_member_documents": [],
        },
        ChangeRequested,
    ),
    "change.stage_passed": _event(
        StageData, _change | {"stage": "recommendation", "next_stage": "decision", "outcome": "pass"}, ChangeStagePassed
    ),
    "change.documents_asked": _event(
        DocumentsAskedData,
        _change | {"lacking": {"zh": "科技计划项目变更材料", "en": "change documents under project management"}},
        DocumentsAsked,
    ),
    "change.supplemented": _event(SupplementedData, _change | {"documents": []}, ChangeSupplemented),
    "change.held": _event(ChangeHeldData, _change | {"findings": [], "documents": [], "lacking": None}, ChangeHeld),
    "change.withdrawn": _event(EndedData, _change | {"reason": "withdrawn", "comment": "方案调整。"}, ChangeEnded),
    "change.approved": _event(EndedData, _change | {"reason": "同意。", "outcome": "approve", "knowingly": False}, ChangeEnded),
    "change.refused": _event(EndedData, _change | {"reason": "任务来源未落实。", "outcome": "refuse"}, ChangeEnded),
    "change.opinion_void": _event(
        ChangeVoidData,
        _change | {"case": "450200-01980000-0000-7000-8000-000000000005", "reason": "withdrawn"},
        ChangeOpinionVoid,
    ),
    "change.handed_over": _event(ChangeHandedOverData, _change | _handed_over | {"version": 2}, ChangeHandedOver),
}
