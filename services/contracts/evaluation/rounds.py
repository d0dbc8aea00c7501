"""Evaluation rounds and their participants: requests and answers (A13)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, NotRequired, TypedDict

from marshmallow import ValidationError, fields, validate

from services.contracts.case_view import actions, flow
from services.contracts.common import Answer, Body, Day, FieldMessage, Flag, Moment, Page, code, one_of, page_of, text, whole
from services.contracts.evaluation.stored import Contact, Criterion, GradeBand
from services.contracts.text_fields import email, phone

OUTCOME_KINDS = ("patent", "standard", "paper", "project", "contract", "product", "award", "platform")
ROUND_STATUSES = ("open", "publicised", "published", "cancelled")
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
    "cancelled",
)


def _at_most(count: int) -> validate.Length:
    return validate.Length(max=count, error=FieldMessage("too_many", f"最多 {count} 项。", f"At most {count} entries."))


def _documents() -> fields.List[str]:
    return fields.List(code(120), load_default=list, validate=_at_most(500))


class Points(fields.Field[str]):
    """Points from 0 to 100 with at most four decimals. Clients send a JSON number or a decimal string; the service receives a
    string."""

    def __init__(self, **kwargs: Any) -> None:
        pattern = r"^\d{1,3}(\.\d{1,4})?$"
        super().__init__(metadata={"oneOf": [{"type": "number"}, {"type": "string", "pattern": pattern}]}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        said = str(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else ""
        if not re.fullmatch(r"\d{1,3}(\.\d{1,4})?", said, re.ASCII) or Decimal(said) > 100:
            raise ValidationError(
                FieldMessage("bad_points", "请填写 0 至 100 分，最多四位小数。", "Give 0 to 100 points, at most four decimals.")
            )
        return said


class Share(fields.Field[str]):
    """A share between 0 and 1 as a decimal string, such as "0.20"."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"type": "string", "pattern": r"^[01](\.\d{1,4})?$"}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(r"[01](\.\d{1,4})?", value, re.ASCII) or Decimal(value) > 1:
            raise ValidationError(
                FieldMessage("bad_share", '请填写 0 至 1 的比例，例如 "0.20"。', 'Give a share from 0 to 1, such as "0.20".')
            )
        return value


# Requests and answers about rounds


class Window(Body):
    opens_at = Moment(required=True)
    closes_at = Moment(required=True)


class WindowDict(TypedDict):
    opens_at: str
    closes_at: str


class Period(Body):
    from_ = Day(required=True, data_key="from", attribute="from")
    to = Day(required=True)


PeriodDict = TypedDict("PeriodDict", {"from": str, "to": str})


class RoundCriterion(Body):
    criterion = text(100, required=True)
    weight = whole(0, 10_000, required=True)
    max = whole(0, 10_000, required=True)


class Band(Body):
    """A grade and the lowest points that lead to it."""

    grade = code(20, required=True)
    at_least = whole(0, 100, required=True)


class NoticeContact(Body):
    """The person who answers questions about a round and takes written objections."""

    name = text(60, one_line=True, required=True)
    telephone = phone(required=True)
    address = text(200, one_line=True, load_default=None, allow_none=True)
    email = email(load_default=None, allow_none=True)


class Notice(Body):
    """A new evaluation round. `issued_on` is today. The window for reports lasts at least the policy's number of working days
    from the later of issue and opening; the evaluated period lasts at most the policy's number of years. `bands` and `caps`
    default to the policy's. `caps` are the largest shares of the participants that may get a grade, rounded down, but at least
    one participant if `caps_at_least_one` is true."""

    title = text(200, required=True)
    issued_on = Day(required=True)
    window = fields.Nested(Window, required=True)
    period = fields.Nested(Period, required=True)
    rubric = fields.List(fields.Nested(RoundCriterion), load_default=list, validate=_at_most(50))
    bands = fields.List(fields.Nested(Band), load_default=None, allow_none=True, validate=_at_most(20))
    caps = fields.Dict(keys=code(20), values=Share(), load_default=None, allow_none=True, validate=_at_most(20))
    caps_at_least_one = Flag(load_default=False)
    allow_younger = Flag(load_default=False)
    min_reviewers = whole(1, 99, load_default=3)
    contact = fields.Nested(NoticeContact, load_default=None, allow_none=True)


class NoticeDict(TypedDict):
    title: str
    issued_on: str
    window: WindowDict
    period: PeriodDict
    rubric: list[Criterion]
    bands: list[GradeBand] | None
    caps: dict[str, str] | None
    caps_at_least_one: bool
    allow_younger: bool
    min_reviewers: int
    contact: Contact | None


class NewEnd(Body):
    closes_at = Moment(required=True)


class NewEndDict(TypedDict):
    closes_at: str


class NoticeChange(Body):
    """A change of an evaluation round: a later end of the window, a corrected title, another contact."""

    title = text(200)
    window = fields.Nested(NewEnd)
    contact = fields.Nested(NoticeContact, allow_none=True)
    reason = text(1000, load_default=None, allow_none=True)


class NoticeChangeDict(TypedDict):
    title: NotRequired[str]
    window: NotRequired[NewEndDict]
    contact: NotRequired[Contact | None]
    reason: NotRequired[str | None]


class NoticeCancelled(Body):
    reason = text(4000, required=True)


class RoundQuery(Page):
    status = one_of(*ROUND_STATUSES, of="round_status", load_default=None)


class ParticipantQuery(Page):
    status = one_of(*PARTICIPATION_STATUSES, of="participation_status", load_default=None)
    recommender = code(20, load_default=None)


class EvaluationAnswer(Answer):
    """An evaluation round. `participants`: the number of participants with each status. `amendments`: the changes since the
    issue; `cancellation`: the account that cancelled the round, the time and the reason."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    status = one_of(*ROUND_STATUSES, of="round_status", required=True)
    issued_on = fields.Date(required=True)
    window = fields.Dict(required=True)
    period = fields.Dict(required=True)
    policy = fields.String(required=True)
    rubric = fields.List(fields.Dict(), required=True)
    bands = fields.List(fields.Dict(), required=True)
    caps = fields.Dict(required=True)
    caps_at_least_one = fields.Boolean()
    allow_younger = fields.Boolean(required=True)
    min_reviewers = fields.Integer(required=True)
    participants = fields.Dict(required=True)
    publicity_ends = fields.AwareDateTime(required=True, allow_none=True)
    published_on = fields.Date(required=True, allow_none=True)
    amendments = fields.List(fields.Dict())
    cancellation = fields.Dict(allow_none=True)
    contact = fields.Dict(allow_none=True)
    etag = fields.String(required=True)


# Requests and answers about participations


class Outcome(Body):
    """An outcome of the evaluated period. One outcome can be claimed only once, ever; its number is compared without regard to
    spelling. `issuer`: the issuer of the number of a contract, an award or an internal project, as unified social credit code or
    name; the lead by default."""

    kind = one_of(*OUTCOME_KINDS, of="outcome_kind", required=True)
    identifier = text(200, required=True)
    title = text(300, required=True)
    achieved_on = Day(required=True)
    issuer = text(200, load_default=None, allow_none=True)


ReportSections = Body.from_dict(
    {
        name: text(20_000, shortest=0, allow_none=True, load_default=None)
        for name in ("project_execution", "budget", "management", "cooperation")
    },
    name="ReportSections",
)


class RoundReport(Body):
    """A consortium's report for a round; a draft may be incomplete."""

    sections = fields.Nested(ReportSections, load_default=dict)
    outcomes = fields.List(fields.Nested(Outcome), load_default=list, validate=_at_most(1000))
    documents = _documents()


class OutcomeAllowed(Body):
    """An outcome that a participation may claim although another outcome has the same number, with the reason why the two are
    different outcomes."""

    kind = one_of(*OUTCOME_KINDS, of="outcome_kind", required=True)
    identifier = text(200, required=True)
    issuer = text(200, load_default=None, allow_none=True)
    reason = text(4000, required=True)


class Leaving(Body):
    reason = text(4000, required=True)


class DeferralAsked(Body):
    reason = text(4000, required=True)
    documents = _documents()


class DeferralAnswered(Body):
    outcome = one_of("grant", "refuse", of="deferral_outcome", required=True)
    reason = text(4000, required=True)


class GradeGiven(Body):
    """The grade that the province gives. `score` is in points of 100. A grade or score that differs from the experts' scores and
    the bands requires a `reason`. `objections`: the upheld objections because of which the grade is given again; every one must
    be named."""

    grade = code(20, required=True)
    score = Points(required=True)
    reason = text(4000, load_default=None, allow_none=True)
    objections = fields.List(
        code(36),
        load_default=list,
        validate=validate.Length(max=1000, error=FieldMessage("too_many", "最多 1000 项。", "At most 1000 entries.")),
    )


class ParticipantItem(Answer):
    """A consortium's participation in a round. Grade and score are shown once they are public, to the province earlier.
    `next_round_by`: the day by which the consortium must be evaluated next, never a past day; null if it is evaluated in the next
    round, whenever that is. `next_round_overdue`: the consortium should have been evaluated already. `publicity_ends`: the day
    until which a public grade is not in effect yet."""

    id = fields.String(required=True)
    evaluation = fields.String(required=True)
    title = fields.String(required=True)
    consortium = fields.Dict(required=True)
    lead = fields.Dict(required=True)
    recommender = fields.String(required=True)
    mandatory = fields.Boolean(required=True)
    status = one_of(*PARTICIPATION_STATUSES, of="participation_status", required=True)
    stage = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)
    grade = fields.String(required=True, allow_none=True)
    score = fields.String(required=True, allow_none=True)
    next_round_by = fields.Date(required=True, allow_none=True)
    next_round_overdue = fields.Boolean()
    publicity_ends = fields.AwareDateTime(allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    submitted_at = fields.AwareDateTime(required=True, allow_none=True)
    updated_at = fields.AwareDateTime(required=True)
    etag = fields.String(required=True)


class RoundWarning(Answer):
    """A warning in the answer to an accepted request: another draft report also names the outcome, or the cap of a grade is
    reached."""

    code = fields.String(required=True)
    pointer = fields.String(allow_none=True)
    message = fields.String(required=True)


class ParticipantAnswer(ParticipantItem):
    """One participation with all its data. `hand_in_until`: the last day to submit the report after a refused deferral, if that
    is later than the window's end. `likenesses`: for officials, outcomes of other consortia with the same title or number; they
    prove nothing. `allowances`: outcomes that the province allowed although their number had been refused."""

    report = fields.Dict(required=True, allow_none=True)
    documents = fields.List(fields.Dict(), required=True)
    correction = fields.Dict(required=True, allow_none=True)
    deferral = fields.Dict(required=True, allow_none=True)
    experts = fields.Dict(required=True, allow_none=True)
    site_visit = fields.Dict(required=True, allow_none=True)
    grade_reason = fields.String(required=True, allow_none=True)
    hand_in_until = fields.AwareDateTime(allow_none=True)
    warnings = fields.List(fields.Nested(RoundWarning))
    likenesses = fields.List(fields.Dict())
    allowances = fields.List(fields.Dict())
    stages = flow()
    actions = actions()


EvaluationPage = page_of(EvaluationAnswer)
ParticipantPage = page_of(ParticipantItem)
