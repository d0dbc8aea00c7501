"""The bodies and queries of requests to the review service: opinions, panels, scores, decisions."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, validate

from services.contracts.common import (
    Body,
    Codes,
    FieldMessage,
    Flag,
    Money,
    Page,
    Uscc,
    code,
    one_of,
    search_words,
    secret,
    text,
    whole,
)
from services.contracts.labels import LABELS
from services.contracts.review.events import EVENTS

__all__ = ["EVENTS"]

STATUSES = ("open", "returned", "passed", "rejected", "approved", "declined", "withdrawn", "void", "handed_over")
MOST_POINTS = 1_000_000


def _at_most(count: int) -> validate.Length:
    return validate.Length(max=count, error=FieldMessage("too_many", f"最多 {count} 项。", f"At most {count} entries."))


def _between(least: int, most: int) -> validate.Length:
    message = FieldMessage("list_length", f"请填写 {least} 至 {most} 项。", f"Give {least} to {most} items.")
    return validate.Length(least, most, error=message)


def _promised() -> Flag:
    return Flag(required=True, validate=_require_promise)


def _require_promise(promise: bool) -> None:
    if not promise:
        zh, en = "须作出这一承诺；不能承诺的，请回避。", "This has to be promised; recuse yourself where you cannot."
        raise ValidationError(FieldMessage("promise_required", zh, en))


class Points(fields.Field[str]):
    """A score: a JSON number of zero or more with at most four decimals. It is passed on as an exact decimal string."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"type": "number", "minimum": 0, "maximum": MOST_POINTS}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        fits = not isinstance(value, bool) and isinstance(value, int | float) and math.isfinite(value)
        if not fits or not 0 <= value <= MOST_POINTS or Decimal(str(value)) != round(Decimal(str(value)), 4):
            raise ValidationError(
                FieldMessage(
                    "bad_score", "请填写不小于零的数，最多四位小数。", "Give a number from zero on with at most four decimals."
                )
            )
        return f"{Decimal(str(value)):f}"


class Section(Body):
    """A section of the application and its faults, stated when it is returned."""

    section = text(100, required=True)
    comment = text(4000, required=True)


#: The note on the reason of a waiver in the API's document. A waiver is an exception in the province's discretion. Its reason is
#: public, because people object to an exception by its reason.
PUBLIC_REASON = "In a formation or special case it is published with the decision: write no names, contacts or figures."


class Waiver(Body):
    """An in-principle rule that is waived, and the reason."""

    rule = code(20, required=True)
    reason = text(2000, required=True, metadata={"description": PUBLIC_REASON})


class AcknowledgedCondition(Body):
    """A condition that a reviewer answered "not met", and the reason why the decision approves nevertheless."""

    question = code(20, required=True)
    reason = text(2000, required=True)


class QuestionAnswer(Body):
    """A reviewer's answer to a qualitative condition."""

    met = Flag(required=True)
    reason = text(2000, required=True)


class OpinionGiven(Body):
    """An opinion at the case's present stage. An officer's opinion is a draft, a chief's is signed. `sections` belong to a
    return, `answers` to a pass, `acknowledgements` to an officer's draft of the decision. `corrects`: the signed opinion that
    this opinion replaces. `main_task_bearing`: for a change by which members leave, the leaving members that have a main task in
    the recommender's judgement. `differs_reason`: why a chief signs something other than the draft that was read. `draft`: set by
    an officer who may also sign (an acting chief) in order to draft, so that another chief signs. `amount` (yuan) and `knowingly`
    belong to an officer's draft that proposes to approve: the amount of support, and whether a change is approved although a
    mandatory rule fails."""

    stage = code(40, required=True)
    outcome = one_of("pass", "return", "reject", of="opinion_outcome", required=True)
    comment = text(8000, required=True)
    sections = fields.List(fields.Nested(Section), load_default=list, validate=_at_most(100))
    waivers = fields.List(fields.Nested(Waiver), load_default=list, validate=_at_most(50))
    answers = fields.Dict(keys=code(20), values=fields.Nested(QuestionAnswer), load_default=dict, validate=_at_most(100))
    corrects = code(36, load_default=None, allow_none=True)
    main_task_bearing = fields.List(Uscc(), load_default=None, allow_none=True, validate=_at_most(300))
    acknowledgements = fields.List(fields.Nested(AcknowledgedCondition), load_default=list, validate=_at_most(100))
    amount = Money(load_default=None, allow_none=True)
    knowingly = Flag(load_default=None, allow_none=True)
    differs_reason = text(2000, load_default=None, allow_none=True)
    draft = Flag(load_default=False)


class PanelWanted(Body):
    """The panel that the province wants: `size` experts, of whom some are named and the rest drawn by lot; or a third party
    instead. Drawing again requires a `reason`."""

    size = whole(1, 99, load_default=None, allow_none=True)
    experts = fields.List(code(120), load_default=list, validate=_at_most(99))
    third_party = code(120, load_default=None, allow_none=True)
    reason = text(2000, load_default=None, allow_none=True)


class Recusal(Body):
    reason = text(2000, required=True)


class DeclarationMade(Body):
    """A reviewer's declaration. It promises two things: `no_interest` in any unit of the case, and `confidentiality`."""

    no_interest = _promised()
    confidentiality = _promised()


class ScoresGiven(Body):
    """One reviewer's scores, one for every criterion of the rubric. Sent again before scoring closes, they replace the earlier
    scores."""

    scores = fields.Dict(keys=secret(100), values=Points(), required=True, validate=_at_most(50))
    comment = text(8000, required=True)


class ScoreVoiding(Body):
    """The reason for voiding a score: the interest that arose or was found. It is recorded and shown to the reviewer."""

    reason = text(2000, required=True)


class Replacement(Body):
    """A replacement for a panel member. The named expert takes the seat; without a name, an expert is drawn by lot."""

    expert = code(120, load_default=None, allow_none=True)


class ReviewExpansion(Body):
    """The additional parts that the answer about a case shall contain, separated by commas."""

    expand = Codes(*LABELS["review_expansion"], of="review_expansion", load_default=None)


class RankingQuery(Body):
    """The query of a case's ranking. `anonymous`: scores and outliers show a number within the case instead of the reviewer's
    account."""

    anonymous = fields.Boolean(truthy={"true"}, falsy={"false"}, load_default=False)


class ScoringClosing(Body):
    """The reason why scoring ends before all reviewers have scored."""

    reason = text(2000, required=True)


class DecisionTaken(Body):
    """The decision and its reason. An approval names in `acknowledgements` each condition that a reviewer answered "not met".
    `reason` must explain an approval out of rank order or beyond the call's places. `amount` is in yuan. `knowingly`: a change is
    approved although a mandatory rule fails, which opens ground 1 of article 14. `differs_reason`: why the decision differs from
    the officer's draft that was read. `objections`: every upheld objection that stops the recognition; an approval must name
    them, and begins another publicity period."""

    outcome = one_of("approve", "decline", of="decision_outcome", required=True)
    reason = text(8000, required=True)
    waivers = fields.List(fields.Nested(Waiver), load_default=list, validate=_at_most(50))
    amount = Money(load_default=None, allow_none=True)
    knowingly = Flag(load_default=False)
    acknowledgements = fields.List(fields.Nested(AcknowledgedCondition), load_default=list, validate=_at_most(100))
    objections = fields.List(code(36), load_default=list, validate=_at_most(1000))
    differs_reason = text(2000, load_default=None, allow_none=True)


class Assignment(Body):
    """The account to which a case is assigned: an active officer or chief of the case's own bureau."""

    account = code(120, required=True)


class Assignments(Body):
    """Several cases that are assigned to one person of the bureau. Each case has its own result."""

    account = code(120, required=True)
    reviews = fields.List(code(60), required=True, validate=_between(1, 200))


class ReviewQuery(Page):
    """The filters of the inbox. `status` is one or several, joined by commas; `overdue` selects open cases whose due date has
    passed; `awaiting` selects open cases by their next step; `q` is a part of the title. `mine`: cases that are assigned to the
    reader or to no account. `sort`: by due date with the open cases first, or by the time of opening. `id` names one or several
    cases."""

    stage = code(40, load_default=None)
    status = Codes(*STATUSES, of="review_status", load_default=None)
    bureau = code(20, load_default=None)
    overdue = fields.Boolean(truthy={"true"}, falsy={"false"}, load_default=None)
    kind = one_of(*LABELS["case_kind"], of="case_kind", load_default=None)
    call = code(60, load_default=None)
    assigned_to = code(120, load_default=None)
    awaiting = one_of(*LABELS["awaiting"], of="awaiting", load_default=None)
    q = search_words(100, load_default=None)
    mine = fields.Boolean(truthy={"true"}, falsy={"false"}, load_default=None)
    sort = one_of(*LABELS["review_order"], of="review_order", load_default=None)
    chosen = fields.List(code(60), data_key="id", attribute="chosen", load_default=None, validate=_between(1, 200))
