"""The events of the watch list and of grounds for revocation: one schema and one example each."""

from __future__ import annotations

from functools import partial

from marshmallow import fields

from services.contracts.application.event_parts import (
    UNIT,
    ConsortiumData,
    consortium_example,
)
from services.contracts.application.payloads import AskClosed, ChangeAsked, ConsortiumWatched, GroundArisen, GroundCeased
from services.contracts.common import EventType


class GroundData(ConsortiumData):
    """A ground for revocation exists. `source` identifies the subject from which the ground follows.

    `confirmed`: the province knew of the ground when it approved a change nevertheless. `documents`: the documents of that
    decision, which are the evidence. `found_on`: the day on which a bureau found the ground; absent if the platform found it.
    """

    ground = fields.String(required=True)
    reason = fields.String(required=True)
    said = fields.String(required=True, allow_none=True)
    source = fields.String(required=True, allow_none=True)
    confirmed = fields.Boolean(required=True)
    documents = fields.List(fields.Dict())
    found_on = fields.Date()


class CeasedData(ConsortiumData):
    """The cause of a ground for revocation, its `source`, no longer exists. `outcome`: cured, withdrawn or ended."""

    ground = fields.String(required=True)
    source = fields.String(required=True)
    outcome = fields.String(required=True)


class WatchedData(ConsortiumData):
    """A consortium's rules were evaluated again because of `trigger`. `rules`: those that fail today; `failing`: their titles;
    both are empty if none fails."""

    watch = fields.String(required=True)
    trigger = fields.String(required=True)
    rules = fields.List(fields.String(), required=True)
    findings = fields.List(fields.Dict(), required=True)
    failing = fields.Dict(required=True, allow_none=True)
    status = fields.String(required=True)


class AskedData(ConsortiumData):
    """The lead was asked to report a change by `due_on`.

    `cause`: why the lead was asked. `organisation`: the unit concerned, if the cause concerns a unit. `failing`: the rules that
    fail, if they are the cause.
    """

    watch = fields.String(required=True)
    cause = fields.String(required=True)
    organisation = fields.Dict(required=True, allow_none=True)
    failing = fields.Dict(required=True, allow_none=True)
    due_on = fields.Date(required=True)


class AskClosedData(ConsortiumData):
    """A request to the lead to report a change was closed.

    `outcome`: cured, withdrawn, ended, or overdue, which leads to ground 1. `reason`: why it is overdue or was withdrawn.
    """

    watch = fields.String(required=True)
    cause = fields.String(required=True)
    organisation = fields.Dict(required=True, allow_none=True)
    outcome = fields.String(required=True)
    reason = fields.String()


_CHANGE = "01980000-0000-7000-8000-000000000041"


_asked = consortium_example | {
    "watch": "01980000-0000-7000-8000-000000000043",
    "cause": "unit_ended",
    "organisation": UNIT,
}


_event = partial(EventType, "application")


EVENTS: dict[str, EventType] = {
    "ground.arisen": _event(
        GroundData,
        consortium_example
        | {
            "ground": "A14(1)",
            "reason": "reported_late",
            "said": "成员单位突然注销。",
            "source": f"change/{_CHANGE}",
            "confirmed": False,
            "documents": [],
            "article": "A14(1)",
        },
        GroundArisen,
    ),
    "ground.ceased": _event(
        CeasedData,
        consortium_example | {"ground": "A14(4)", "source": "integrity/1", "outcome": "cured", "article": "A14(4)"},
        GroundCeased,
    ),
    "consortium.watched": _event(
        WatchedData,
        consortium_example
        | {
            "watch": "01980000-0000-7000-8000-000000000044",
            "trigger": "succeeded",
            "rules": ["C4"],
            "findings": [],
            "failing": {"zh": "企业的比例", "en": "Share of enterprises"},
            "status": "open",
        },
        ConsortiumWatched,
    ),
    "change.asked": _event(AskedData, _asked | {"failing": None, "due_on": "2027-01-29"}, ChangeAsked),
    "change.ask_closed": _event(AskClosedData, _asked | {"outcome": "overdue", "reason": "nothing_reported"}, AskClosed),
}
