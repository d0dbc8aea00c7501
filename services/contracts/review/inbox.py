"""The entries of a bureau's inbox, and the counts shown on its tabs."""

from __future__ import annotations

from marshmallow import fields

from services.contracts.common import Answer, page_of


class ReviewItem(Answer):
    """A case in the inbox. `bureau` is the bureau that owns the case, `recommender` the case's home bureau."""

    id = fields.String(required=True)
    subject = fields.String(required=True)
    version = fields.Integer(required=True)
    round = fields.Integer(metadata={"description": "1 at first, one more after each return"})
    kind = fields.String(required=True)
    title = fields.String(required=True)
    stage = fields.String(required=True)
    status = fields.String(required=True)
    bureau = fields.String(required=True)
    recommender = fields.String(required=True)
    call = fields.String(required=True, allow_none=True)
    assigned_to = fields.String(required=True, allow_none=True)
    due_on = fields.Date(required=True)
    overdue = fields.Boolean(required=True)
    working_days_left = fields.Integer(
        allow_none=True, metadata={"description": "up to the due day, negative after it; null unless the case is open"}
    )
    opened_at = fields.AwareDateTime(required=True)


class ReviewLine(ReviewItem):
    """A case in the inbox, with its draft. `draft_by`: the author of the newest draft of the present stage; null if there is no
    draft, and null for reviewers."""

    lead = fields.Dict(required=True, allow_none=True)
    draft_by = fields.String(required=True, allow_none=True)
    draft_by_name = fields.String(
        allow_none=True, metadata={"description": "what the drafter is called; null for an erased account"}
    )
    assigned_to_name = fields.String(allow_none=True, metadata={"description": "the same of the account it is assigned to"})


ReviewPage = page_of(ReviewLine, counted=True)


class ReviewCounts(Answer):
    """The number of cases of the reader's bureau at each next step, each counted up to 1,000. `draft`: an opinion must be drafted
    (only cases assigned to the reader or to no account); `signature`: another person has drafted an opinion, which must be
    signed; `returned`: the applicant must correct the submission; `settled`: the case is done."""

    draft = fields.Integer(required=True)
    signature = fields.Integer(required=True)
    scores = fields.Integer(required=True)
    decision = fields.Integer(required=True)
    returned = fields.Integer(required=True)
    overdue = fields.Integer(required=True)
    settled = fields.Integer(required=True)
