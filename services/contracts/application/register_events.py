"""The events of the register: entries, their changes and their end; one schema and one example each."""

from __future__ import annotations

from functools import partial

from marshmallow import fields

from services.contracts.application.event_parts import (
    APPLICATION,
    CONSORTIUM,
    LEAD,
    MEMBER,
    TITLE,
    UNIT,
    UNITS,
    ConsortiumData,
    Data,
    LeadName,
    consortium_example,
)
from services.contracts.application.payloads import ConsortiumChanged, ConsortiumHandedOver
from services.contracts.application.register_payloads import ConsortiumRecognised, ConsortiumRevoked, MatterEvent
from services.contracts.common import EventData, EventType


class GradeBefore(EventData):
    """A grade of an evaluation that took place before the consortium was imported. `issued_on`: the day of that evaluation's
    notice."""

    grade = fields.String(required=True)
    issued_on = fields.Date(required=True)
    published_on = fields.Date(required=True)


class DeferralBefore(EventData):
    """A deferral that was granted before the consortium was imported. `issued_on`: the day of the notice that it is about."""

    issued_on = fields.Date(required=True)
    reason = fields.String(required=True)


class OutcomeBefore(EventData):
    """An outcome that was used in an evaluation before the consortium was imported."""

    kind = fields.String(required=True)
    identifier = fields.String(required=True)
    title = fields.String(required=True)
    issuer = fields.String(allow_none=True)


class History(EventData):
    """The history of an imported consortium (A16): grades, deferrals and outcomes."""

    grades = fields.List(fields.Nested(GradeBefore), required=True)
    deferrals = fields.List(fields.Nested(DeferralBefore))
    outcomes = fields.List(fields.Nested(OutcomeBefore), required=True)


class RecognisedData(Data):
    """A consortium enters the register: it was recognised on the platform, or imported with its `history`. `related_units` (the
    chief scientist's employer) count as units for conflicts of interest."""

    consortium = fields.String(required=True)
    number = fields.String(required=True)
    name = fields.String(required=True)
    field = fields.String(required=True)
    application = fields.String(required=True, allow_none=True)
    recognised_on = fields.Date(required=True)
    lead = fields.Nested(LeadName, required=True)
    units = fields.List(fields.Dict(), required=True)
    recommender = fields.String(required=True)
    policy = fields.String(required=True)
    next_round_by = fields.Date()
    imported = fields.Boolean(required=True)
    related_units = fields.List(fields.String())
    goals = fields.List(fields.Dict())
    history = fields.Nested(History)


class RevokedData(Data):
    """A recognition has ended. The consortium's entitlements and quotas end with it (A14)."""

    consortium = fields.String(required=True)
    number = fields.String(required=True)
    name = fields.String(required=True)
    lead = fields.Nested(LeadName, required=True)
    units = fields.List(fields.String(), required=True)
    grounds = fields.List(fields.String(), required=True)
    revoked_on = fields.Date(required=True)


class ChangedData(ConsortiumData):
    """The register's entry of a consortium changed: the event contains the new entry. `kind` is the kind of the change.
    `related_units` as in `consortium.recognised`."""

    field = fields.String(required=True)
    status = fields.String(required=True)
    kind = fields.String(required=True)
    units = fields.List(fields.Dict(), required=True)
    related_units = fields.List(fields.String())
    recommender = fields.String(required=True)
    effective_on = fields.Date(required=True)
    change = fields.String(required=True, allow_none=True)


class HandedOverData(ConsortiumData):
    """Another bureau became a consortium's recommender.

    `why`: the lead moved to another city (move), or the province decided so (decision). `handed_over`: how often the recommender
    has changed so far.
    """

    from_bureau = fields.String(required=True)
    to_bureau = fields.String(required=True)
    handed_over = fields.Integer(required=True)
    why = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)


class MatterEventData(ConsortiumData):
    """A major matter was filed or answered. `planned`: the lead applied for it in advance; `answer_by` is then the day for which
    it is planned."""

    matter = fields.String(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    occurred_on = fields.Date()
    note = fields.String(allow_none=True)
    planned = fields.Boolean()
    answer_by = fields.Date(allow_none=True)
    reason = fields.String()


_CHANGE = "01980000-0000-7000-8000-000000000041"


_matter = consortium_example | {
    "matter": "01980000-0000-7000-8000-000000000042",
    "kind": "breakthrough",
    "title": "甘蔗脱毒健康种苗技术取得突破",
}


_handed_over = {"from_bureau": "450200", "to_bureau": "450300", "handed_over": 1}


_event = partial(EventType, "application")


EVENTS: dict[str, EventType] = {
    "consortium.recognised": _event(
        RecognisedData,
        {
            "consortium": CONSORTIUM,
            "number": "GXCX-2026-0001",
            "name": TITLE,
            "field": "糖业",
            "application": APPLICATION,
            "recognised_on": "2026-06-09",
            "lead": LEAD,
            "units": [LEAD | {"tier": None}, {"uscc": MEMBER["uscc"], "name": MEMBER["name"], "tier": "core"}],
            "recommender": "450200",
            "policy": "guangxi_trial@1",
            "next_round_by": "2029-06-09",
            "imported": False,
            "related_units": [],
            "goals": [
                {
                    "kind": "core_technology",
                    "statement": "突破甘蔗良种繁育技术。",
                    "indicators": [{"name": "新品种", "target": "3", "unit": "个", "due": "2027-12-31"}],
                }
            ],
            "article": "A6(2)",
        },
        ConsortiumRecognised,
    ),
    "consortium.revoked": _event(
        RevokedData,
        {
            "consortium": CONSORTIUM,
            "number": "GXCX-2026-0001",
            "name": TITLE,
            "lead": LEAD,
            "units": UNITS,
            "grounds": ["A14(2)"],
            "revoked_on": "2026-12-17",
            "article": "A14(2)",
        },
        ConsortiumRevoked,
    ),
    "consortium.changed": _event(
        ChangedData,
        consortium_example
        | {
            "field": "糖业",
            "status": "active",
            "kind": "add_member",
            "units": [LEAD | {"tier": None}, UNIT | {"tier": "core"}],
            "related_units": [],
            "recommender": "450200",
            "effective_on": "2026-12-01",
            "change": _CHANGE,
        },
        ConsortiumChanged,
    ),
    "consortium.handed_over": _event(
        HandedOverData,
        consortium_example | _handed_over | {"why": "move", "reason": None, "article": "A11"},
        ConsortiumHandedOver,
    ),
    "matter.filed": _event(
        MatterEventData, _matter | {"occurred_on": "2026-11-01", "planned": True, "answer_by": "2026-11-01"}, MatterEvent
    ),
    "matter.acknowledged": _event(MatterEventData, _matter | {"note": "祝贺。"}, MatterEvent),
    "matter.objected": _event(MatterEventData, _matter | {"reason": "与国家有关规定不符，请调整方案。"}, MatterEvent),
}
