"""Annual reports, coordination items and inspections: requests and answers."""

from __future__ import annotations

from typing import TypedDict

from marshmallow import fields, validate

from services.contracts.case_view import actions
from services.contracts.common import (
    Answer,
    Body,
    Day,
    FieldMessage,
    Flag,
    Page,
    code,
    one_of,
    page_of,
    text,
    whole,
    year,
)

REPORT_STATUSES = ("due", "overdue", "submitted", "returned", "accepted", "ended")
ITEM_STATUSES = ("open", "answered", "closed", "withdrawn")
RESULTS = ("good", "fair", "weak")


def _at_most(count: int) -> validate.Length:
    return validate.Length(max=count, error=FieldMessage("too_many", f"最多 {count} 项。", f"At most {count} entries."))


def _documents() -> fields.List[str]:
    return fields.List(code(120), load_default=list, validate=_at_most(500))


# Requests and answers about annual reports

AnnualSections = Body.from_dict(
    {
        name: text(20_000, shortest=0, allow_none=True, load_default=None)
        for name in ("systems", "core_technology", "transfer", "application", "problems", "next_year")
    },
    name="AnnualSections",
)


class IndicatorReported(Body):
    """The value reached for one indicator of a goal. Goal and indicator are identified by their position in the application,
    counted from 0."""

    goal = whole(0, 1000, required=True)
    indicator = whole(0, 1000, required=True)
    actual = text(200, required=True)


class MatterAsked(Body):
    matter = text(4000, required=True)
    asked_of = code(20, required=True)


class AnnualReport(Body):
    """The annual report of one year; a draft may be incomplete. `coordination`: the matters in which the lead asks the
    authorities for help."""

    sections = fields.Nested(AnnualSections, load_default=dict)
    indicators = fields.List(fields.Nested(IndicatorReported), load_default=list, validate=_at_most(1000))
    coordination = fields.List(fields.Nested(MatterAsked), load_default=list, validate=_at_most(100))
    documents = _documents()


class Reopening(Body):
    reason = text(4000, required=True)


class AnnualReportItem(Answer):
    """An annual report that a consortium owes for one year. `overdue`: its due day has passed and no report was submitted.
    `late`: the report was first submitted after the due day. `ended`: the consortium no longer exists, so it owes the report no
    longer."""

    consortium = fields.String(required=True)
    year = fields.Integer(required=True)
    status = one_of(*REPORT_STATUSES, of="report_status", required=True)
    late = fields.Boolean(required=True)
    due_on = fields.Date(required=True)
    policy = fields.String(required=True)
    version = fields.Integer(required=True)
    opened_at = fields.AwareDateTime(required=True)
    submitted_at = fields.AwareDateTime(required=True, allow_none=True)
    accepted_at = fields.AwareDateTime(required=True, allow_none=True)
    etag = fields.String(required=True)


class AnnualReportAnswer(AnnualReportItem):
    report = fields.Dict(required=True, allow_none=True)
    documents = fields.List(fields.Dict(), required=True)
    correction = fields.Dict(required=True, allow_none=True)
    versions = fields.List(fields.Dict())
    goals = fields.List(fields.Dict())
    actions = actions()


AnnualReportPage = page_of(AnnualReportItem)

# Requests and answers about coordination items


class MatterRaised(Body):
    consortium = code(36, required=True)
    matter = text(4000, required=True)
    asked_of = code(20, required=True)
    due_on = Day(load_default=None, allow_none=True)


class MatterAnswered(Body):
    text = text(8000, required=True)


class MatterClosed(Body):
    result = text(8000, required=True)


class MatterQuery(Page):
    status = one_of(*ITEM_STATUSES, of="coordination_status", load_default=None)
    asked_of = code(20, load_default=None)
    consortium = code(36, load_default=None)


class MatterAnswer(Answer):
    """A matter in which a consortium asks the authorities for help. `year`: the year of the annual report that names it;
    `asked_of`: the bureau that must answer it."""

    id = fields.String(required=True)
    consortium = fields.String(required=True)
    recommender = fields.String(required=True)
    year = fields.Integer(required=True, allow_none=True)
    matter = fields.String(required=True)
    asked_of = fields.String(required=True)
    status = one_of(*ITEM_STATUSES, of="coordination_status", required=True)
    raised_at = fields.AwareDateTime(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    answers = fields.List(fields.Dict(), required=True)
    result = fields.String(required=True, allow_none=True)
    closed_on = fields.Date(required=True, allow_none=True)
    etag = fields.String(required=True)
    actions = actions()


MatterPage = page_of(MatterAnswer)

# Requests and answers about inspections


class InspectionRecord(Body):
    """The result of an inspection by the recommender. `under_guidance`: whether the consortium is under closer guidance from now
    on, with the day of the next inspection; required if the result is weak."""

    consortium = code(36, required=True)
    inspected_on = Day(required=True)
    result = one_of(*RESULTS, of="inspection_result", required=True)
    findings = text(20_000, required=True)
    under_guidance = Flag(load_default=False)
    follow_up_on = Day(load_default=None, allow_none=True)
    documents = _documents()


class InspectionRecordDict(TypedDict):
    consortium: str
    inspected_on: str
    result: str
    findings: str
    under_guidance: bool
    follow_up_on: str | None
    documents: list[str]


class InspectionQuery(Page):
    consortium = code(36, load_default=None)
    year = year(load_default=None)
    result = one_of(*RESULTS, of="inspection_result", load_default=None)


class BoardQuery(Page):
    """The filter of the inspection board. `inspected` false selects the consortia that are not inspected yet."""

    year = year(load_default=None)
    bureau = code(20, load_default=None)
    inspected = fields.Boolean(truthy={"true"}, falsy={"false"}, load_default=None)


class InspectionAnswer(Answer):
    """An inspection. `late`: the inspection was filed after the end of its year."""

    id = fields.String(required=True)
    consortium = fields.String(required=True)
    recommender = fields.String(required=True)
    year = fields.Integer(required=True)
    inspected_on = fields.Date(required=True)
    result = one_of(*RESULTS, of="inspection_result", required=True)
    findings = fields.String(required=True)
    late = fields.Boolean()
    under_guidance = fields.Boolean(required=True)
    follow_up_on = fields.Date(required=True, allow_none=True)
    documents = fields.List(fields.Dict(), required=True)
    bureau = fields.String(required=True)
    recorded_at = fields.AwareDateTime(required=True)


class BoardLine(Answer):
    """One consortium on the inspection board of a year. `inspection` is its last inspection of that year."""

    consortium = fields.Dict(required=True)
    lead = fields.Dict(required=True)
    recommender = fields.String(required=True)
    year = fields.Integer(required=True)
    inspected = fields.Boolean(required=True)
    inspection = fields.Nested(InspectionAnswer, required=True, allow_none=True)
    under_guidance = fields.Boolean(required=True)
    follow_up_overdue = fields.Boolean(required=True)


InspectionPage = page_of(InspectionAnswer)
BoardPage = page_of(BoardLine)


class OversightAnswer(Answer):
    """An overview for the bureau that asks: its waiting and late tasks, and the state of its consortia."""

    consortia = fields.Dict(required=True)
    reports = fields.Dict(required=True)
    coordination = fields.Dict(required=True)
    participations = fields.Dict(required=True)
    rectifications = fields.Dict(required=True)
    revocations = fields.Dict(required=True)
