"""The answers of the review service. The schemas only document them: the gateway passes the answers on unchanged."""

from __future__ import annotations

from marshmallow import fields

from services.contracts.application.application_responses import DiffAnswer
from services.contracts.case_view import actions
from services.contracts.common import Answer, Citation, one_of
from services.contracts.labels import LABELS
from services.contracts.review.inbox import ReviewItem
from services.contracts.review.panel_responses import SeatedPanelAnswer
from services.contracts.review_expansion import Expanded

OPINION_MEMBERS = tuple(LABELS["opinion_member"])


class WaiverAnswer(Answer):
    rule = fields.String(required=True)
    reason = fields.String(required=True)
    by = fields.String()


class StageAnswer(Answer):
    """A stage of the policy's pipeline. `state` is done, pending or current, or says how the case ended at this stage."""

    stage = fields.String(required=True)
    level = fields.String(required=True)
    citation = Citation(required=True)
    four_eyes = fields.Boolean(required=True)
    optional = fields.Boolean(required=True)
    due_days = fields.Integer(required=True, metadata={"description": "working days"})
    questions = fields.List(fields.String(), required=True)
    outcomes = fields.List(fields.String(), required=True)
    state = fields.String(required=True)


class DifferenceAnswer(Answer):
    """The difference between a chief's signed opinion and the officer's draft: the fields that differ, and the reason."""

    draft = fields.String(required=True)
    members = fields.List(one_of(*OPINION_MEMBERS, of="opinion_member"), required=True)
    reason = fields.String(required=True)


class AcknowledgementAnswer(Answer):
    """A condition that a reviewer answered "not met" and that the decision acknowledges. `text` is the text of the question."""

    question = fields.String(required=True)
    reason = fields.String(required=True)
    text = fields.String()


class UnmetAnswer(Answer):
    """A condition that reviewers answered "not met", with the stage and the reason."""

    question = fields.String(required=True)
    text = fields.String(required=True)
    answers = fields.List(fields.Dict(), required=True)


class OpinionAnswer(Answer):
    """An opinion. `void`: why the opinion has no effect; `corrected_by`: the opinion that replaced it. `etag` identifies a draft;
    the chief's signature sends it in If-Match. `differs`: how the signed opinion differs from the officer's draft. `amount`
    (yuan) and `knowingly`: what a draft of the decision proposes; each is null if the draft does not state it."""

    id = fields.String(required=True)
    round = fields.Integer(required=True)
    version = fields.Integer(required=True)
    stage = fields.String(required=True)
    outcome = fields.String(required=True)
    comment = fields.String(required=True)
    sections = fields.List(fields.Dict(), required=True)
    answers = fields.Dict(required=True)
    waivers = fields.List(fields.Nested(WaiverAnswer), required=True)
    signed = fields.Boolean(required=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    drafted_by = fields.String(required=True, allow_none=True)
    corrects = fields.String(required=True, allow_none=True)
    void = fields.String(required=True, allow_none=True)
    corrected_by = fields.String(allow_none=True)
    main_task_bearing = fields.List(fields.String(), allow_none=True)
    acknowledgements = fields.List(fields.Nested(AcknowledgementAnswer))
    amount = fields.String(allow_none=True)
    knowingly = fields.Boolean(allow_none=True)
    etag = fields.String()
    differs = fields.Nested(DifferenceAnswer, allow_none=True)
    acting_for = fields.String(allow_none=True, metadata={"description": "the chief in whose name an acting chief signed"})


class WhereItStands(Answer):
    id = fields.String(required=True)
    status = fields.String(required=True)
    stage = fields.String(required=True)


class OpinionGivenAnswer(OpinionAnswer):
    """The answer to an opinion: the opinion, and in `review` the present state of the case."""

    review = fields.Nested(WhereItStands, required=True)


class DecisionAnswer(Answer):
    """A decision. `ahead`: better ranked cases of the call that were undecided at the time; `beyond_places`: all places of the
    call were taken already."""

    id = fields.String(required=True)
    outcome = fields.String(required=True)
    reason = fields.String(required=True)
    waivers = fields.List(fields.Nested(WaiverAnswer), required=True)
    amount = fields.String(required=True, allow_none=True)
    acknowledgements = fields.List(fields.Nested(AcknowledgementAnswer))
    rank = fields.Integer(allow_none=True)
    places = fields.Integer(allow_none=True)
    ahead = fields.List(fields.String())
    beyond_places = fields.Boolean()
    knowingly = fields.Boolean(metadata={"description": "of a change: whether it is approved although a mandatory rule fails"})
    objections = fields.List(fields.String(), metadata={"description": "upheld objections that it takes account of"})
    list = fields.Dict(metadata={"description": "id, title and day of the list that it was signed with"})


class DifferenceTold(Answer):
    """How a decision differs from the officer's draft: the fields that differ, and the reason."""

    members = fields.List(one_of(*OPINION_MEMBERS, of="opinion_member"), required=True)
    reason = fields.String(required=True)


class DecisionTakenAnswer(DecisionAnswer):
    differs = fields.Nested(DifferenceTold)
    acting_for = fields.String(metadata={"description": "the chief in whose name an acting chief signed"})
    case = fields.String(required=True)
    status = fields.String(required=True)
    signed_by = fields.String(required=True)


class PastDecisionAnswer(DecisionAnswer):
    round = fields.Integer(required=True)
    version = fields.Integer(required=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    drafted_by = fields.String(required=True, allow_none=True)
    differs = fields.Nested(DifferenceAnswer, allow_none=True)
    acting_for = fields.String(allow_none=True, metadata={"description": "the chief in whose name an acting chief signed"})
    void = fields.String(required=True, allow_none=True)


class RoundAnswer(Answer):
    round = fields.Integer(required=True)
    version = fields.Integer(required=True)
    opened_at = fields.AwareDateTime(required=True)
    changed = fields.List(fields.String(), required=True)


class DeclarationAnswer(Answer):
    """A reviewer's declaration of no interest and of confidentiality. Until it is made (`declared_at` null), the reviewer cannot
    read the documents."""

    declared_at = fields.AwareDateTime(required=True, allow_none=True)
    text = fields.String(required=True)


class ReviewAnswer(ReviewItem):
    """A case. Its bureau and auditors see all fields; an assigned reviewer sees only the material and `own_score`. `likenesses`:
    outcomes of other consortia with the same title or number as an outcome reported in this case; they prove nothing."""

    field = fields.String(required=True)
    lead = fields.Dict(required=True)
    units = fields.List(fields.String(), required=True)
    unit_names = fields.Dict(
        keys=fields.String(),
        values=fields.String(allow_none=True),
        metadata={"description": "what the units are called, by code; a unit that is not registered is left out"},
    )
    policy = fields.String(required=True)
    round = fields.Integer(required=True)
    questions = fields.List(fields.Dict(), required=True)
    documents = fields.List(fields.Dict(), required=True)
    rubric = fields.List(fields.Dict(), required=True)
    report = fields.Dict(required=True, allow_none=True)
    period = fields.Dict(required=True, allow_none=True)
    likenesses = fields.List(fields.Dict())
    leaving = fields.List(
        fields.Dict(),
        metadata={"description": "of a change by which members leave: their uscc and name (`main_task_bearing` judges them)"},
    )
    findings = fields.List(fields.Dict(), required=True)
    waivers = fields.List(fields.Nested(WaiverAnswer))
    waivable = fields.List(fields.String())
    unmet = fields.List(fields.Nested(UnmetAnswer))
    objections = fields.List(
        fields.Dict(), metadata={"description": "id, reason and answer of the upheld objections that an approval has to name"}
    )
    stages = fields.List(fields.Nested(StageAnswer))
    opinions = fields.List(fields.Nested(OpinionAnswer))
    people = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "what the officers and chiefs of the case are called, by account; erased ones are left out"},
    )
    decisions = fields.List(fields.Nested(PastDecisionAnswer))
    recommendation = fields.Dict(allow_none=True)
    panel = fields.Nested(SeatedPanelAnswer, allow_none=True)
    rounds = fields.List(fields.Nested(RoundAnswer))
    content = fields.Dict(allow_none=True, metadata={"description": "an application's content, frozen at its submission"})
    difference = fields.Nested(DiffAnswer, allow_none=True, metadata={"description": "changes since the round before"})
    own_score = fields.Dict(allow_none=True)
    declaration = fields.Nested(
        DeclarationAnswer, metadata={"description": "to a reviewer: until it is made, lead and units alone are shown"}
    )
    actions = actions()
    etag = fields.String(metadata={"description": "changes with all that is shown of the case, but for days left"})
    expanded = fields.Nested(Expanded, metadata={"description": "what `expand` asked for"})


class DeclaredAnswer(Answer):
    id = fields.String(required=True)
    seat = fields.String(required=True)
    declared_at = fields.AwareDateTime(required=True)


class RecusalAnswer(Answer):
    id = fields.String(required=True)
    recused = fields.String(required=True)


class ScoresAnswer(Answer):
    id = fields.String(required=True)
    scores = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)
    comment = fields.String(required=True)
    submitted_at = fields.AwareDateTime(required=True)
    scoring_closed = fields.Boolean(required=True)


class ScoringClosedAnswer(WhereItStands):
    submitted = fields.Integer(required=True)
    of = fields.Integer(required=True)


class ScoreVoidedAnswer(WhereItStands):
    """The answer to the voiding of a score. `submitted` scores remain, of `of` reviewers. `replacement_needed`: fewer remain than
    the call requires (`needed`), so the decision waits for a replacement."""

    seat = fields.String(required=True)
    submitted = fields.Integer(required=True)
    of = fields.Integer(required=True)
    needed = fields.Integer(required=True)
    replacement_needed = fields.Boolean(required=True)


class AssignmentAnswer(WhereItStands):
    assigned_to = fields.String(required=True)


class RowErrorAnswer(Answer):
    code = fields.String(required=True)
    message = fields.String(required=True)


class AssignmentRowAnswer(Answer):
    """The result of an assignment for one case. `error`: why this case was not assigned, although others were. `stage` and
    `status` are present if it was assigned."""

    id = fields.String(required=True)
    done = fields.Boolean(required=True)
    error = fields.Nested(RowErrorAnswer, required=True, allow_none=True)
    assigned_to = fields.String()
    stage = fields.String()
    status = fields.String()


class AssignmentsAnswer(Answer):
    items = fields.List(fields.Nested(AssignmentRowAnswer), required=True)
