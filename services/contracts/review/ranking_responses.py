"""The answers about rankings of cases that a panel scored."""

from __future__ import annotations

from marshmallow import fields

from services.contracts.common import Answer


class RankedAnswer(Answer):
    """A scored case, in points of 100. `aggregate` is the mean of the reviewers' weighted totals, trimmed from five totals on.
    `spread` is the highest total minus the lowest. `normalised` is the same mean after each expert's totals in this call were
    scaled to mean 50 and deviation 10."""

    id = fields.String(required=True)
    subject = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.String(required=True)
    aggregate = fields.Float(required=True)
    method = fields.String(required=True)
    spread = fields.Float(required=True)
    outliers = fields.List(fields.String(), required=True)
    rank_first = fields.Boolean()
    rank = fields.Integer(required=True, allow_none=True)
    normalised = fields.Float(required=True)
    normalised_rank = fields.Integer(required=True, allow_none=True)


class TotalAnswer(Answer):
    """One reviewer's weighted total, in points of 100."""

    points = fields.Float(required=True)
    outlier = fields.Boolean(required=True)


class RankedInCallAnswer(RankedAnswer):
    """A case ranked among the cases of its call. `totals`: the reviewers' totals in rising order."""

    lead = fields.Dict(required=True)
    totals = fields.List(fields.Nested(TotalAnswer), required=True)


class CallRankingAnswer(Answer):
    """The ranking of a call. `pending`: the number of its cases that are not scored yet, so that ranks may still change."""

    call = fields.String(required=True)
    title = fields.String(required=True)
    places = fields.Integer(required=True, allow_none=True)
    approved = fields.Integer(required=True)
    pending = fields.Integer(required=True)
    items = fields.List(fields.Nested(RankedInCallAnswer), required=True)


class CaseRankingAnswer(Answer):
    """The scores of one case. Before scoring closes it contains only the number of submitted scores. `voided`: the scores that no
    longer count, each with `reason`, `by` and `at`. Each score identifies its reviewer by `account` and `seat` or, in an
    anonymous ranking, by the number `reviewer`."""

    id = fields.String(required=True)
    closed = fields.Boolean(required=True)
    submitted = fields.Integer(required=True)
    of = fields.Integer(required=True)
    ranked = fields.Integer()
    subject = fields.String()
    title = fields.String()
    status = fields.String()
    aggregate = fields.Float()
    method = fields.String()
    spread = fields.Float()
    outliers = fields.List(fields.String())
    rank_first = fields.Boolean()
    rank = fields.Integer(allow_none=True)
    normalised = fields.Float()
    normalised_rank = fields.Integer(allow_none=True)
    scores = fields.List(fields.Dict())
    voided = fields.List(fields.Dict())
