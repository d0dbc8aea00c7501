"""Grades in public: objections to them, and the public page (A13)."""

from __future__ import annotations

from marshmallow import fields, validate

from services.contracts.base import Answer, Body, Page, Said, code, one_of, page_of, text

OBJECTION_OUTCOMES = ("dismissed", "upheld")


class Objector(Body):
    """The author of a written objection, as the province records it; only the province and auditors read it."""

    name = text(200, required=True)
    contact = text(200, load_default=None, allow_none=True)


class GradeObjection(Body):
    """An objection to a public grade, with its reason. `objector`: for written objections, which the province records."""

    reason = text(4000, required=True)
    objector = fields.Nested(Objector, load_default=None, allow_none=True)


class GradeObjectionAnswered(Body):
    """The province's answer; `also`: other objections to the same grade that say the same."""

    answer = text(4000, required=True)
    outcome = one_of(*OBJECTION_OUTCOMES, of="objection_outcome", load_default="dismissed")
    also = fields.List(
        code(36),
        load_default=list,
        validate=validate.Length(max=100, error=Said("too_many", "最多 100 项。", "At most 100 entries.")),
    )


class GradeObjectionAnswer(Answer):
    """An objection. Who filed it is told to the province, to auditors and to who filed it."""

    id = fields.String(required=True)
    reason = fields.String(required=True)
    filed_at = fields.AwareDateTime(required=True)
    filed_by = fields.String(required=True, allow_none=True)
    organisation = fields.String(required=True, allow_none=True)
    objector = fields.Dict(required=True, allow_none=True)
    outcome = one_of(*OBJECTION_OUTCOMES, of="objection_outcome", required=True, allow_none=True)
    answer = fields.String(required=True, allow_none=True)
    answered_at = fields.AwareDateTime(required=True, allow_none=True)


class GradeObjections(Answer):
    items = fields.List(fields.Nested(GradeObjectionAnswer), required=True)


class PublicGradeQuery(Page):
    evaluation = code(36, load_default=None)
    grade = code(20, load_default=None)
    in_effect = fields.Boolean(
        load_default=None, metadata={"description": "only grades in effect, or only those in their publicity period"}
    )


class PublicGrade(Answer):
    """A public grade. In its publicity period (`in_effect` false, until `publicity_ends`) objections are taken, of anybody at the
    `contact`; a commended consortium is praised in public (通报表扬)."""

    id = fields.String(required=True)
    evaluation = fields.Dict(required=True)
    consortium = fields.Dict(required=True)
    lead = fields.Dict(required=True)
    grade = fields.String(required=True)
    grade_title = fields.String(required=True)
    commended = fields.Boolean(required=True)
    in_effect = fields.Boolean(required=True)
    publicity_ends = fields.AwareDateTime(required=True, allow_none=True)
    published_on = fields.Date(required=True, allow_none=True)
    contact = fields.Dict(allow_none=True)


PublicGradePage = page_of(PublicGrade)
