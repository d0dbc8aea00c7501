"""The events of rectifications and revocations: one schema and one example each."""

from __future__ import annotations

from functools import partial

from marshmallow import fields

from services.contracts.common import EventType
from services.contracts.evaluation.payloads import (
    RectificationEvent,
    RevocationDecided,
    RevocationDismissed,
    RevocationEvent,
    RevocationOpened,
    RevocationProposed,
)
from services.contracts.evaluation.subjects import CONSORTIUM, PARTICIPATION, UNITS, ConsortiumData


class RectificationData(ConsortiumData):
    rectification = fields.String(required=True)
    due_on = fields.Date(required=True)
    status = fields.String(required=True)
    units = fields.List(fields.String(), required=True)
    outcome = fields.String()
    reason = fields.String()


class RevocationData(ConsortiumData):
    revocation = fields.String(required=True)
    grounds = fields.List(fields.String(), required=True)
    status = fields.String(required=True)
    units = fields.List(fields.String(), required=True)


class ProposedData(RevocationData):
    ground = fields.String(required=True)
    fact = fields.Dict(required=True)


class RevocationOpenedData(RevocationData):
    reason = fields.String(required=True)
    statement_due = fields.AwareDateTime(required=True)
    statement_due_on = fields.Date(required=True)


class DismissedData(RevocationData):
    """A revocation case was dismissed. `restored`: the consortium is active again, because its failed rectification does not end
    its recognition."""

    reason = fields.String(required=True)
    restored = fields.Boolean()


class RevocationDecidedData(RevocationData):
    """A revocation case was decided. `restored` as in `revocation.dismissed`, if the decision keeps the recognition."""

    restored = fields.Boolean()
    outcome = fields.String(required=True)
    reason = fields.String(required=True)
    decided_on = fields.Date(required=True)


_rectification = (
    CONSORTIUM | UNITS | {"rectification": "01980000-0000-7000-8000-000000000023", "due_on": "2027-12-01", "status": "open"}
)
_revocation = (
    CONSORTIUM
    | UNITS
    | {"revocation": "01980000-0000-7000-8000-000000000024", "grounds": ["A14(2)"], "status": "open", "article": "A14(2)"}
)
_event = partial(EventType, "evaluation")


EVENTS: dict[str, EventType] = {
    "rectification.opened": _event(RectificationData, _rectification, RectificationEvent),
    "rectification.submitted": _event(RectificationData, _rectification | {"status": "submitted"}, RectificationEvent),
    "rectification.due": _event(RectificationData, _rectification | {"status": "acceptance"}, RectificationEvent),
    "rectification.closed": _event(
        RectificationData,
        _rectification | {"status": "passed", "outcome": "pass", "reason": "整改到位。"},
        RectificationEvent,
    ),
    "revocation.proposed": _event(
        ProposedData,
        _revocation
        | {
            "status": "proposed",
            "ground": "A14(2)",
            "fact": {
                "ground": "A14(2)",
                "fact": "absent",
                "source": f"participation/{PARTICIPATION}",
                "evaluation": "2026 年度创新联合体绩效评估",
                "said": None,
                "on": "2026-11-01",
            },
        },
        RevocationProposed,
    ),
    "revocation.opened": _event(
        RevocationOpenedData,
        _revocation
        | {
            "reason": "无正当理由未参加评估。",
            "statement_due": "2026-12-16T15:59:59.999999+00:00",
            "statement_due_on": "2026-12-16",
        },
        RevocationOpened,
    ),
    "revocation.dismissed": _event(
        DismissedData, _revocation | {"status": "dismissed", "reason": "经核实有正当理由。"}, RevocationDismissed
    ),
    "revocation.stated": _event(RevocationData, _revocation, RevocationEvent),
    "revocation.decided": _event(
        RevocationDecidedData,
        _revocation | {"status": "revoked", "outcome": "revoke", "reason": "事实清楚，予以取消。", "decided_on": "2026-12-17"},
        RevocationDecided,
    ),
}
