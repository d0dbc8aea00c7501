"""The retention of documents and legal holds: requests, answers and events."""

from __future__ import annotations

from marshmallow import fields, validate

from services.contracts import document_payloads as payloads
from services.contracts.common import Answer, Body, Day, EventData, EventType, Page, code, page_of, text
from services.contracts.payload import JsonObject

RULES = ("consortium", "application", "draft")
KINDS = (*RULES, "organisation")


class HoldPlaced(Body):
    """A new legal hold, placed on a `subject` (application/<id>, consortium/<id>, organisation/<uscc>) or on a `document`. In
    both cases the whole case file is kept."""

    subject = code(100, load_default=None, allow_none=True)
    document = code(150, load_default=None, allow_none=True)
    reason = text(2000, required=True)


class HoldLifted(Body):
    reason = text(2000, required=True)


class HoldQuery(Page):
    """The filter of the list of legal holds. `standing` true selects those that are not lifted."""

    subject = code(100, load_default=None)
    standing = fields.Boolean(truthy={"true"}, falsy={"false"}, load_default=None)


class HoldAnswer(Answer):
    id = fields.String(required=True)
    subject = fields.String(required=True)
    document = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    placed_by = fields.String(required=True)
    placed_at = fields.AwareDateTime(required=True)
    lifted_by = fields.String(required=True, allow_none=True)
    lifted_at = fields.AwareDateTime(required=True, allow_none=True)
    lift_reason = fields.String(required=True, allow_none=True)


class RecordQuery(Page):
    """The filter of the list of case files. `due_by` selects files that are still kept although their term is over by this day;
    `held` selects those with or without a legal hold."""

    due_by = Day(load_default=None)
    held = fields.Boolean(truthy={"true"}, falsy={"false"}, load_default=None)


class RecordAnswer(Answer):
    """The documents of one subject and how long they are kept. `file`: the subject whose end begins the retention term; `rule`:
    the rule of the `policy` that sets the term; `due_on`: the first day on which the documents may be deleted, null while the
    subject has not ended; `documents`: the present number of documents."""

    subject = fields.String(required=True)
    title = fields.String(required=True, allow_none=True)
    file = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS), metadata={"x-vocabulary": "retention_rule"})
    policy = fields.String(required=True, allow_none=True)
    rule = fields.String(required=True, allow_none=True)
    why = fields.String(required=True, allow_none=True)
    ended_on = fields.Date(required=True, allow_none=True)
    due_on = fields.Date(required=True, allow_none=True)
    held = fields.Boolean(required=True)
    documents = fields.Integer(required=True)
    disposed_on = fields.Date(required=True, allow_none=True)
    disposed = fields.Integer(required=True)


HoldPage = page_of(HoldAnswer)
RecordPage = page_of(RecordAnswer)


# Events about retention


class RecordClosed(EventData):
    """The subject of a case file has ended; `due_on` is the first day on which the file may be deleted, null if there is none."""

    subject = fields.String(required=True)
    title = fields.String(required=True, allow_none=True)
    why = fields.String(required=True)
    rule = fields.String(required=True, allow_none=True)
    policy = fields.String(required=True)
    ended_on = fields.Date(required=True)
    due_on = fields.Date(required=True, allow_none=True)


class RecordDue(EventData):
    """The documents of an application that was never submitted will be deleted on this day, unless its lead continues it.

    The data only get additional fields in later releases, so consumers ignore unknown ones.
    """

    subject = fields.String(required=True)
    due_on = fields.Date(required=True)
    lead = fields.Dict(required=True)


class RecordDisposed(RecordClosed):
    """The documents of a case file were deleted; every system that keeps copies must delete them too."""

    disposed_on = fields.Date(required=True)
    documents = fields.List(fields.Dict(), required=True)


class HoldChanged(EventData):
    """A legal hold (法律保全) on a case file was placed or lifted. While a hold is active, every service keeps what it has
    about the case beyond its retention term."""

    hold = fields.String(required=True)
    subject = fields.String(required=True)


_SUBJECT = "application/019e0d6e-7a10-7cc0-8000-0000000000a1"
_closed: JsonObject = {
    "subject": _SUBJECT,
    "title": "广西糖业创新联合体",
    "why": "application.declined",
    "rule": "application",
    "policy": "guangxi_trial@1",
    "ended_on": "2026-06-01",
    "due_on": "2036-06-01",
}
_held = {"hold": "019e0d6e-7a10-7cc0-8000-0000000000e1", "subject": "consortium/019e0d6e-7a10-7cc0-8000-0000000000c1"}
EVENTS = {
    "hold.placed": EventType("documents", HoldChanged, _held, payloads.HoldChanged),
    "hold.lifted": EventType("documents", HoldChanged, _held, payloads.HoldChanged),
    "record.closed": EventType("documents", RecordClosed, _closed, payloads.RecordClosed),
    "record.due": EventType(
        "documents",
        RecordDue,
        {"subject": _SUBJECT, "due_on": "2028-06-01", "lead": {"uscc": "9145020098MA369042"}},
        payloads.RecordDue,
    ),
    "record.disposed": EventType(
        "documents",
        RecordDisposed,
        _closed
        | {
            "disposed_on": "2036-06-01",
            "documents": [
                {
                    "document": "application.019e0d6e-7a10-7cc0-8000-0000000000a1.019e0d6e-7a10-7cc0-8000-0000000000d1",
                    "kind": "agreement",
                    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                }
            ],
        },
        payloads.RecordDisposed,
    ),
}
