"""Rounds of evaluation, rectifications and revocations: what is asked, and what is answered."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, validate

from services.contracts.base import Answer, Body, Day, Flag, Moment, Page, Said, code, one_of, page_of, text, whole

OUTCOME_KINDS = ("patent", "standard", "paper", "project", "contract", "product", "award", "platform")
ROUND_STATUSES = ("open", "publicised", "published")
PARTICIPATION_STATUSES = (
    "invited",
    "submitted",
    "returned",
    "graded",
    "published",
    "withdrawn",
    "absent",
    "deferred",
    "declined",
    "ended",
)
RECTIFICATION_STATUSES = ("open", "submitted", "acceptance", "passed", "failed", "ended")
REVOCATION_STATUSES = ("proposed", "dismissed", "open", "revoked", "kept", "ended")


def _at_most(count: int) -> validate.Length:
    return validate.Length(max=count, error=Said("too_many", f"最多 {count} 项。", f"At most {count} entries."))


def _documents() -> fields.List[str]:
    return fields.List(code(120), load_default=list, validate=_at_most(500))


class Points(fields.Field[str]):
    """Points from 0 to 100 with at most four decimals; a JSON number or a decimal string, which it travels as."""

    def __init__(self, **kwargs: Any) -> None:
        pattern = r"^\d{1,3}(\.\d{1,4})?$"
        super().__init__(metadata={"oneOf": [{"type": "number"}, {"type": "string", "pattern": pattern}]}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        said = str(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else ""
        if not re.fullmatch(r"\d{1,3}(\.\d{1,4})?", said, re.ASCII) or Decimal(said) > 100:
            raise ValidationError(
                Said("bad_points", "请填写 0 至 100 分，最多四位小数。", "Give 0 to 100 points, at most four decimals.")
            )
        return said


class Share(fields.Field[str]):
    """A share between 0 and 1 as a decimal string, such as "0.20"."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"type": "string", "pattern": r"^[01](\.\d{1,4})?$"}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(r"[01](\.\d{1,4})?", value, re.ASCII) or Decimal(value) > 1:
            raise ValidationError(
                Said("bad_share", '请填写 0 至 1 的比例，例如 "0.20"。', 'Give a share from 0 to 1, such as "0.20".')
            )
        return value


# Rounds


class Window(Body):
    opens_at = Moment(required=True)
    closes_at = Moment(required=True)


class Period(Body):
    from_ = Day(required=True, data_key="from", attribute="from")
    to = Day(required=True)


class RoundCriterion(Body):
    criterion = text(100, required=True)
    weight = whole(0, 10_000, required=True)
    max = whole(0, 10_000, required=True)


class Band(Body):
    """A grade from so many points on."""

    grade = code(20, required=True)
    at_least = whole(0, 100, required=True)


class Notice(Body):
    """A round of evaluation. `bands` and `caps` are the policy's where the notice has none of its own; `caps` are the largest
    share of the graded that may get a grade."""

    title = text(200, required=True)
    issued_on = Day(required=True)
    window = fields.Nested(Window, required=True)
    period = fields.Nested(Period, required=True)
    rubric = fields.List(fields.Nested(RoundCriterion), load_default=list, validate=_at_most(50))
    bands = fields.List(fields.Nested(Band), load_default=None, allow_none=True, validate=_at_most(20))
    caps = fields.Dict(keys=code(20), values=Share(), load_default=None, allow_none=True, validate=_at_most(20))
    allow_younger = Flag(load_default=False)
    min_reviewers = whole(1, 99, load_default=3)


class RoundQuery(Page):
    status = one_of(*ROUND_STATUSES, load_default=None)


class ParticipantQuery(Page):
    status = one_of(*PARTICIPATION_STATUSES, load_default=None)
    recommender = code(20, load_default=None)


class EvaluationAnswer(Answer):
    """A notice; `participants` counts them by status."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    status = one_of(*ROUND_STATUSES, required=True)
    issued_on = fields.Date(required=True)
    window = fields.Dict(required=True)
    period = fields.Dict(required=True)
    policy = fields.String(required=True)
    rubric = fields.List(fields.Dict(), required=True)
    bands = fields.List(fields.Dict(), required=True)
    caps = fields.Dict(required=True)
    allow_younger = fields.Boolean(required=True)
    min_reviewers = fields.Integer(required=True)
    participants = fields.Dict(required=True)
    publicity_ends = fields.AwareDateTime(required=True, allow_none=True)
    published_on = fields.Date(required=True, allow_none=True)
    etag = fields.String(required=True)


# Participations


class Outcome(Body):
    """An outcome of the period. However its number is written, it counts once, ever."""

    kind = one_of(*OUTCOME_KINDS, required=True)
    identifier = text(200, required=True)
    title = text(300, required=True)
    achieved_on = Day(required=True)


ReportSections = Body.from_dict(
    {
        name: text(20_000, shortest=0, allow_none=True, load_default=None)
        for name in ("project_execution", "budget", "management", "cooperation")
    },
    name="ReportSections",
)


class RoundReport(Body):
    """What a consortium reports for a round; a draft may lack anything."""

    sections = fields.Nested(ReportSections, load_default=dict)
    outcomes = fields.List(fields.Nested(Outcome), load_default=list, validate=_at_most(1000))
    documents = _documents()


class Leaving(Body):
    reason = text(4000, required=True)


class DeferralAsked(Body):
    reason = text(4000, required=True)
    documents = _documents()


class DeferralAnswered(Body):
    outcome = one_of("grant", "refuse", required=True)
    reason = text(4000, required=True)


class GradeGiven(Body):
    """`score` in points of 100. A grade or a score that the experts' scores and the bands do not lead to needs a `reason`."""

    grade = code(20, required=True)
    score = Points(required=True)
    reason = text(4000, load_default=None, allow_none=True)


class ParticipantItem(Answer):
    """A consortium's part in a round; its grade and score once they are public, earlier for the province."""

    id = fields.String(required=True)
    evaluation = fields.String(required=True)
    title = fields.String(required=True)
    consortium = fields.Dict(required=True)
    lead = fields.Dict(required=True)
    recommender = fields.String(required=True)
    mandatory = fields.Boolean(required=True)
    status = one_of(*PARTICIPATION_STATUSES, required=True)
    stage = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)
    grade = fields.String(required=True, allow_none=True)
    score = fields.String(required=True, allow_none=True)
    next_round_by = fields.Date(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    submitted_at = fields.AwareDateTime(required=True, allow_none=True)
    updated_at = fields.AwareDateTime(required=True)
    etag = fields.String(required=True)


class ParticipantAnswer(ParticipantItem):
    report = fields.Dict(required=True, allow_none=True)
    documents = fields.List(fields.Dict(), required=True)
    correction = fields.Dict(required=True, allow_none=True)
    deferral = fields.Dict(required=True, allow_none=True)
    experts = fields.Dict(required=True, allow_none=True)
    site_visit = fields.Dict(required=True, allow_none=True)
    grade_reason = fields.String(required=True, allow_none=True)


# Rectifications


class RectificationReport(Body):
    """What was mended; handing it in asks for acceptance."""

    text = text(20_000, required=True)
    documents = _documents()


class Acceptance(Body):
    outcome = one_of("pass", "fail", required=True)
    reason = text(8000, required=True)
    documents = _documents()


class RectificationQuery(Page):
    status = one_of(*RECTIFICATION_STATUSES, load_default=None)
    consortium = code(36, load_default=None)


class RectificationAnswer(Answer):
    """`due_on`: one year after the grade's publication; `acceptance_from`: since when acceptance may be held."""

    id = fields.String(required=True)
    consortium = fields.Dict(required=True)
    lead = fields.Dict(required=True)
    recommender = fields.String(required=True)
    evaluation = fields.String(required=True)
    policy = fields.String(required=True)
    status = one_of(*RECTIFICATION_STATUSES, required=True)
    opened_on = fields.Date(required=True)
    due_on = fields.Date(required=True)
    report = fields.Dict(required=True, allow_none=True)
    acceptance_from = fields.Date(required=True, allow_none=True)
    acceptance = fields.Dict(required=True, allow_none=True)
    closed_on = fields.Date(required=True, allow_none=True)
    etag = fields.String(required=True)


# Revocations


class RevocationOpened(Body):
    """`grounds` by their citations, A14(1) to A14(8) and A13; `documents` are the evidence."""

    consortium = code(36, required=True)
    grounds = fields.List(code(20), required=True, validate=_at_most(20))
    reason = text(8000, required=True)
    documents = _documents()


class RevocationConfirmed(Body):
    """Whether the province takes up what the platform proposes."""

    outcome = one_of("open", "dismiss", required=True)
    reason = text(8000, required=True)
    documents = _documents()


class Statement(Body):
    text = text(20_000, required=True)
    documents = _documents()


class RevocationDecided(Body):
    outcome = one_of("revoke", "keep", required=True)
    reason = text(8000, required=True)


class RevocationQuery(Page):
    status = one_of(*REVOCATION_STATUSES, load_default=None)
    consortium = code(36, load_default=None)


class RevocationAnswer(Answer):
    """`origin`: province or system; `facts`: what the platform saw; nothing is decided before `statement_due`."""

    id = fields.String(required=True)
    consortium = fields.Dict(required=True)
    lead = fields.Dict(required=True)
    recommender = fields.String(required=True)
    origin = fields.String(required=True)
    status = one_of(*REVOCATION_STATUSES, required=True)
    policy = fields.String(required=True)
    grounds = fields.List(fields.String(), required=True)
    facts = fields.List(fields.Dict(), required=True)
    reason = fields.String(required=True, allow_none=True)
    documents = fields.List(fields.Dict(), required=True)
    proposed_on = fields.Date(required=True)
    opened_on = fields.Date(required=True, allow_none=True)
    statement_due = fields.AwareDateTime(required=True, allow_none=True)
    statements = fields.List(fields.Dict(), required=True)
    decision = fields.Dict(required=True, allow_none=True)
    etag = fields.String(required=True)


EvaluationPage = page_of(EvaluationAnswer)
ParticipantPage = page_of(ParticipantItem)
RectificationPage = page_of(RectificationAnswer)
RevocationPage = page_of(RevocationAnswer)
