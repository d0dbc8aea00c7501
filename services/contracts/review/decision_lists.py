"""Lists of a call's decisions: requests and answers."""

from __future__ import annotations

from marshmallow import fields, validate

from services.contracts.common import Answer, Body, Citation, FieldMessage, code, one_of, text
from services.contracts.review.requests import DecisionTaken
from services.contracts.review.responses import UnmetAnswer, WaiverAnswer

LIST_STATUSES = ("draft", "signed", "withdrawn")
ROW_RESULTS = ("approved", "declined", "refused")


class DecisionRow(DecisionTaken):
    """A row of a decision list: the decision proposed for one case of the call that is at its decision stage."""

    class Meta:
        exclude = ("differs_reason", "knowingly")

    review = code(60, required=True)


class DecisionListDraft(Body):
    """The decisions of a call that are to be signed, numbered and made public together."""

    title = text(200, one_line=True, required=True)
    rows = fields.List(
        fields.Nested(DecisionRow),
        required=True,
        validate=validate.Length(1, 300, error=FieldMessage("wrong_number", "须有 1 至 300 项。", "1 to 300 entries.")),
    )


class RowResult(Answer):
    """The result of one row of a decision list. If the case could not be decided as the row says, `refused` gives the reason, and
    the case is no longer on the list."""

    review = fields.String(required=True)
    status = one_of(*ROW_RESULTS, of="decision_row_result", required=True)
    code = fields.String(required=True, allow_none=True)
    why = fields.String(required=True, allow_none=True)


class CaseStanding(Answer):
    """The rank of a case among the cases of its call; null if it was not scored."""

    rank = fields.Integer(required=True, allow_none=True)
    normalised_rank = fields.Integer(required=True, allow_none=True)
    aggregate = fields.Float(required=True, allow_none=True)
    spread = fields.Float(required=True, allow_none=True)


class UnsatisfiedRule(Answer):
    """A rule that fails or lacks evidence. `waivable`: the decision may waive it. `status` is `waived`, with a `reason`, if an
    opinion signed earlier waived it."""

    rule = fields.String(required=True)
    title = fields.String(allow_none=True, metadata={"description": "null in findings of earlier releases"})
    citation = Citation(required=True)
    severity = fields.String(required=True)
    status = fields.String(required=True)
    message = fields.String(required=True)
    reason = fields.String(allow_none=True)
    waivable = fields.Boolean(required=True)


class UpheldObjection(Answer):
    """An upheld objection that an approval must name, with its answer."""

    id = fields.String(required=True)
    reason = fields.String(required=True)
    answer = fields.String(required=True)


class MoneyAnswer(Answer):
    """Sums of money as decimal strings, in yuan."""

    asked = fields.String(allow_none=True)
    ceiling = fields.String(allow_none=True)


class ToDecide(Answer):
    """A case with the facts that the decider must read before signing. `waived`: the waivers in effect; `unmet`: the conditions
    that reviewers answered "not met", which an approval must acknowledge."""

    review = fields.String(required=True)
    subject = fields.String(required=True)
    title = fields.String(required=True)
    lead = fields.Dict(required=True)
    standing = fields.Nested(CaseStanding, required=True)
    unsatisfied = fields.List(fields.Nested(UnsatisfiedRule), required=True)
    waived = fields.List(fields.Nested(WaiverAnswer), required=True)
    unmet = fields.List(fields.Nested(UnmetAnswer), required=True)
    upheld = fields.List(fields.Nested(UpheldObjection), required=True)
    money = fields.Nested(MoneyAnswer, required=True, allow_none=True)


class CandidateForDecision(ToDecide):
    """A case that can be added to a decision list. `listed`: the unsigned list that contains it already."""

    listed = fields.String(required=True, allow_none=True)


class DecisionCandidates(Answer):
    items = fields.List(fields.Nested(CandidateForDecision), required=True)


class DecisionRowAnswer(ToDecide):
    """A row of a decision list, with the officer's draft and proposal on which it rests."""

    outcome = one_of("approve", "decline", of="decision_outcome", required=True)
    reason = fields.String(required=True)
    waivers = fields.List(fields.Dict(), required=True)
    acknowledgements = fields.List(fields.Dict(), required=True)
    objections = fields.List(fields.String(), required=True)
    amount = fields.String(required=True, allow_none=True)
    draft = fields.String(required=True)
    result = fields.Nested(RowResult, required=True, allow_none=True)


class DecisionListAnswer(Answer):
    """A decision list. `decided_on`: the day of all its decisions. A chief signs exactly the list that was read, identified by
    its `etag`."""

    id = fields.String(required=True)
    call = fields.String(required=True)
    title = fields.String(required=True)
    status = one_of(*LIST_STATUSES, of="decision_list_status", required=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    signed_by = fields.String(required=True, allow_none=True)
    decided_on = fields.Date(required=True, allow_none=True)
    rows = fields.List(fields.Nested(DecisionRowAnswer), required=True)
    etag = fields.String(required=True)


class DecisionListsAnswer(Answer):
    items = fields.List(fields.Nested(DecisionListAnswer), required=True)
