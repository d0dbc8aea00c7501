"""The public list of evaluation grades (A13)."""

from __future__ import annotations

from marshmallow import fields

from services.contracts.common import Answer, Page, code, page_of


class PublicGradeQuery(Page):
    evaluation = code(36, load_default=None)
    grade = code(20, load_default=None)
    in_effect = fields.Boolean(
        load_default=None, metadata={"description": "only grades in effect, or only those in their publicity period"}
    )


class PublicGrade(Answer):
    """A grade shown to the public. During its publicity period (`in_effect` false, until `publicity_ends`) any person may object
    through the `contact`. A commended consortium is praised in public (通报表扬)."""

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
