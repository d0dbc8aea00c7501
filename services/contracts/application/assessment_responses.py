"""The answers that help to judge an application: the findings of the rules, and similar research directions."""

from __future__ import annotations

from typing import TypedDict

from marshmallow import fields

from services.contracts.common import Answer, one_of
from services.contracts.findings import StoredFinding
from services.contracts.organisation_name import OrganisationName


class FindingAnswer(Answer):
    """The result of one rule. `title`: the rule's name. `remedy`: the action to take if the rule fails. `at`: JSON pointer to the
    field of the application form where the applicant can correct the cause; null if there is nothing to correct."""

    rule = fields.String()
    group = fields.String()
    citation = fields.String()
    severity = fields.String()
    status = fields.String()
    observed = fields.Raw()
    required = fields.Raw()
    margin = fields.String(allow_none=True)
    message = fields.String()
    reason = fields.String(allow_none=True)
    title = fields.String(allow_none=True)
    remedy = fields.String(allow_none=True)
    at = fields.String(allow_none=True)


class EligibilityAnswer(Answer):
    eligible = fields.Boolean()
    policy = fields.String()
    agreement_version = fields.String()
    findings = fields.List(fields.Nested(FindingAnswer))


class EligibilityAnswerDict(TypedDict):
    eligible: bool
    policy: str
    agreement_version: str
    findings: list[StoredFinding]


class SimilarDirection(Answer):
    """A research direction that is similar to the application's direction. `likeness`: 0 (nothing in common) to 1 (identical).
    For an open application, `id` and `name` are shown only to its readers."""

    kind = one_of("consortium", "application", of="similar_direction", required=True)
    id = fields.String(required=True, allow_none=True)
    number = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    field = fields.String(required=True, allow_none=True)
    lead = fields.Dict(required=True, allow_none=True)
    recommender = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, allow_none=True)
    likeness = fields.Float(required=True)
    shared = fields.List(fields.String(), required=True)


class SimilarDirectionDict(TypedDict):
    kind: str
    id: str | None
    number: str | None
    name: str | None
    field: str | None
    lead: OrganisationName | None
    recommender: str | None
    status: str | None
    likeness: float
    shared: list[str]


class SimilarDirectionsAnswer(Answer):
    """The research directions most similar to the application's direction, the most similar first. They help a reviewer to answer
    `question` and decide nothing."""

    citation = fields.String(required=True)
    question = fields.String(required=True)
    applications_compared = fields.Boolean(required=True)
    items = fields.List(fields.Nested(SimilarDirection), required=True)


class SimilarDirectionsAnswerDict(TypedDict):
    citation: str
    question: str
    applications_compared: bool
    items: list[SimilarDirectionDict]
