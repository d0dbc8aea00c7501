"""Objections during publicity, both to recognitions and to grades: requests and answers."""

from __future__ import annotations

from marshmallow import fields, validate

from services.contracts.common import Answer, Body, Day, FieldMessage, code, one_of, text
from services.contracts.objection_payloads import ObjectionOutcome

OBJECTION_OUTCOMES = tuple(ObjectionOutcome)


class Objector(Body):
    """The author of a written objection. Only the province and auditors can read these data."""

    name = text(200, one_line=True, required=True)
    contact = text(200, load_default=None, allow_none=True)


class WrittenObjection(Body):
    """The province's record of a written objection. `document`: the letter. It is uploaded with the kind `written_objection`,
    under the application or, for an objection to a grade, under the consortium."""

    objector = fields.Nested(Objector, required=True)
    received_on = Day(required=True)
    document = code(120, required=True)


class Objection(Body):
    """A new objection with its reason. `written` is present if the province records an objection that another person wrote."""

    reason = text(4000, required=True)
    written = fields.Nested(WrittenObjection, load_default=None, allow_none=True)


class ObjectionReply(Body):
    """The province's answer to an objection. `also`: other objections with the same content. A dismissal takes effect at once. An
    answer that upholds the objection waits for the confirmation of another chief; the confirmation stops the publicity, and the
    case must be decided or the grade given again."""

    answer = text(4000, required=True)
    outcome = one_of(*OBJECTION_OUTCOMES, of="objection_outcome", load_default="dismissed")
    also = fields.List(
        code(36),
        load_default=list,
        validate=validate.Length(max=100, error=FieldMessage("too_many", "最多 100 项。", "At most 100 entries.")),
    )


class PreparedAnswer(Answer):
    """An answer that waits for its second signature. `objections`: all objections that it answers."""

    answer = fields.String(required=True)
    outcome = one_of(*OBJECTION_OUTCOMES, of="objection_outcome", required=True)
    objections = fields.List(fields.String(), required=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class ObjectionAnswer(Answer):
    """An objection. `by` and `organisation`: the account that filed it; shown to the province, to auditors and to that account.
    `objector`, `received_on` and `document` of a written objection, `prepared` and its `etag` are shown only to the province and
    auditors. `resolved_at`: the time at which a later decision or grade took account of an upheld objection."""

    id = fields.String()
    application = fields.String()
    participation = fields.String()
    reason = fields.String()
    filed_at = fields.AwareDateTime()
    by = fields.String(allow_none=True)
    organisation = fields.String(allow_none=True)
    objector = fields.Dict(allow_none=True)
    received_on = fields.Date(allow_none=True)
    document = fields.Dict(allow_none=True, metadata={"description": "id, kind and filename of the letter"})
    answer = fields.String(allow_none=True)
    outcome = fields.String(allow_none=True)
    answered_at = fields.AwareDateTime(allow_none=True)
    resolved_at = fields.AwareDateTime(allow_none=True)
    prepared = fields.Nested(PreparedAnswer, allow_none=True)
    etag = fields.String(allow_none=True)


class ObjectionsAnswer(Answer):
    items = fields.List(fields.Nested(ObjectionAnswer))
