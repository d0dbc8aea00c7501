"""The evaluation service as others see it."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from services.contracts.base import Answer, Citation, EventType, page_of
from services.contracts.evaluation_round_events import EVENTS as ROUND_EVENTS


class AnnualReportAnswer(Answer):
    """One year's report that a consortium owes; `overdue` once its day has passed."""

    consortium = fields.String(required=True)
    year = fields.Integer(required=True)
    status = fields.String(required=True, validate=validate.OneOf(("due", "overdue")))
    due_on = fields.Date(required=True)
    policy = fields.String(required=True)
    opened_at = fields.AwareDateTime(required=True)


AnnualReportPage = page_of(AnnualReportAnswer)


class _Lead(Schema):
    class Meta:
        unknown = EXCLUDE

    uscc = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)


class ReportDue(Schema):
    """A schema is only ever added to, so readers pass over what they do not know."""

    class Meta:
        unknown = EXCLUDE

    consortium = fields.String(required=True)
    name = fields.String(required=True)
    year = fields.Integer(required=True)
    due_on = fields.Date(required=True)
    lead = fields.Nested(_Lead, required=True)
    article = Citation()


EVENTS = ROUND_EVENTS | {
    "report.due": EventType(
        "evaluation",
        ReportDue,
        {
            "consortium": "01980000-0000-7000-8000-000000000002",
            "name": "广西糖业创新联合体",
            "year": 2026,
            "due_on": "2026-12-31",
            "lead": {"uscc": "9145020098MA369042", "name": "柳州桂博一号科技股份有限公司"},
            "article": "A12",
        },
    )
}
