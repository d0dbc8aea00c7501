"""The answers about panels: candidates, exclusions, seats and draws."""

from __future__ import annotations

from marshmallow import fields

from services.contracts.common import Answer


class ExcludedAnswer(Answer):
    """A reviewer who cannot be drawn or named, and why. `reason` is employer, former_employer, declared_interest, recused, voided
    or term_over; `unit` is the organisation concerned."""

    expert = fields.String(required=True)
    reason = fields.String(required=True)
    unit = fields.String(required=True, allow_none=True)
    message = fields.String(required=True)


class PanelAnswer(Answer):
    """The panel of a case. `seed` determines the order of the draw: ascending by SHA-256 of "seed:username"; null if no reviewer
    was drawn."""

    seed = fields.String(required=True, allow_none=True)
    experts = fields.List(fields.String(), required=True)
    third_party = fields.String(required=True, allow_none=True)
    excluded = fields.List(fields.Nested(ExcludedAnswer), required=True)
    due_on = fields.Date(required=True)


class CandidateAnswer(Answer):
    """An expert who can be drawn or named. `of_field`: the expert works in the case's field and is therefore drawn first;
    `open_cases`: the number of cases that wait for this expert's score."""

    expert = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    employer = fields.String(required=True, allow_none=True)
    fields_ = fields.List(fields.String(), required=True, data_key="fields", attribute="fields")
    of_field = fields.Boolean(required=True)
    seated = fields.Boolean(required=True)
    open_cases = fields.Integer(required=True)


class ExcludedCandidateAnswer(ExcludedAnswer):
    name = fields.String(required=True, allow_none=True)


class ThirdPartyCandidateAnswer(Answer):
    """A third party that could review the case. `excluded`: why it cannot; null if it can."""

    account = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    organisation = fields.String(required=True, allow_none=True)
    seated = fields.Boolean(required=True)
    excluded = fields.Nested(ExcludedAnswer, required=True, allow_none=True)


class CandidatesAnswer(Answer):
    """The reviewers who can be chosen before a draw. `needed`: the smallest number of reviewers that the call requires."""

    needed = fields.Integer(required=True)
    field = fields.String(required=True, allow_none=True)
    candidates = fields.List(fields.Nested(CandidateAnswer), required=True)
    excluded = fields.List(fields.Nested(ExcludedCandidateAnswer), required=True)
    third_parties = fields.List(fields.Nested(ThirdPartyCandidateAnswer), required=True)


class ConflictAnswer(Answer):
    """A reviewer's conflict of interest. `reason` is employer, former_employer or declared_interest; `unit` is the organisation
    concerned."""

    reason = fields.String(required=True)
    unit = fields.String(required=True)
    message = fields.String(required=True)


class SeatAnswer(Answer):
    """A reviewer's seat on the panel. `state` is seated, recused, dismissed or voided (its score no longer counts). `conflict`: a
    conflict of interest that the reviewer has now; `replaces`: the seat that this one replaced; `void`: why voiding the score had
    no effect."""

    id = fields.String(required=True)
    declared_at = fields.AwareDateTime(allow_none=True)
    replaces = fields.String(required=True, allow_none=True)
    ended_by = fields.String(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    void = fields.String(required=True, allow_none=True)
    conflict = fields.Nested(ConflictAnswer, required=True, allow_none=True)
    account = fields.String(required=True)
    name = fields.String(allow_none=True, metadata={"description": "what the reviewer is called"})
    employer = fields.String(allow_none=True, metadata={"description": "the employer of one who is seated, by its code"})
    kind = fields.String(required=True)
    state = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    assigned_at = fields.AwareDateTime(required=True)
    submitted = fields.Boolean(required=True)


class DrawAnswer(Answer):
    seed = fields.String(required=True, allow_none=True)
    pool = fields.Dict(required=True, allow_none=True)
    drawn = fields.List(fields.String(), required=True)
    experts = fields.List(fields.String(), required=True)
    third_party = fields.String(required=True, allow_none=True)
    excluded = fields.List(fields.Nested(ExcludedAnswer), required=True)
    reason = fields.String(required=True, allow_none=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class SeatedPanelAnswer(Answer):
    seats = fields.List(fields.Nested(SeatAnswer), required=True)
    draws = fields.List(fields.Nested(DrawAnswer), required=True)
    submitted = fields.Integer(required=True)
    of = fields.Integer(required=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)
