"""The request for a review, with which a service asks a bureau to open a case. One dataclass and one schema serve every kind of
case: applications, changes, support requests, annual reports and participations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import fields

from services.contracts.common import EventData


@dataclass(frozen=True, slots=True)
class ReviewTerms:
    """The part of a policy that a reviewing bureau needs for one kind of case. It travels as JSON, so that an older deployment
    can handle a newer policy. `policy`: the reference of its version. `pipeline`: the stages in order. `questions`: those that a
    stage asks. `waivable`: the in-principle rules."""

    policy: str
    pipeline: list[dict[str, Any]]
    questions: list[dict[str, Any]]
    waivable: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetingCall:
    """The call or evaluation round in which cases of the same kind are ranked. `places`: how many can be approved, None for no
    limit."""

    id: str
    title: str
    rubric: Sequence[Mapping[str, object]]
    min_reviewers: int | None
    places: int | None

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "rubric": list(self.rubric),
            "min_reviewers": self.min_reviewers,
            "places": self.places,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRequest:
    """The data with which a bureau opens its case at a stage.

    `round`: the number of the submission. `lead` is part of the data for an application, whose events name no consortium.
    `units`: the credit codes of its units; experts that belong to one of them have a conflict of interest. `related_units`: codes
    that count as units for conflicts; None for a kind of case that has none. `waivable`: whether the province may waive rules.
    `content`: the frozen content of an application's version, so that its bureau can show it and compare two versions while the
    application service cannot be reached. `unit_names`: the units' names by code.
    """

    round: int
    kind: str
    title: str
    field: str | None
    units: Sequence[str]
    stage: str
    terms: ReviewTerms
    documents: Sequence[Mapping[str, Any]]
    findings: Sequence[Mapping[str, Any]] = ()
    waivable: bool = False
    call: CompetingCall | None = None
    lead: Mapping[str, Any] | None = None
    related_units: Sequence[str] | None = None
    content: Mapping[str, Any] | None = None
    unit_names: Mapping[str, str] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the data as the event contains them. The fields have the order of earlier releases."""
        return {
            "round": self.round,
            "kind": self.kind,
            "title": self.title,
            "field": self.field,
            **({"lead": dict(self.lead)} if self.lead is not None else {}),
            "units": list(self.units),
            **({"related_units": list(self.related_units)} if self.related_units is not None else {}),
            "call": self.call.to_dict() if self.call else None,
            "policy": self.terms.policy,
            "stage": self.stage,
            "pipeline": self.terms.pipeline,
            "questions": self.terms.questions,
            "waivable": self.terms.waivable if self.waivable else [],
            "findings": list(self.findings),
            "documents": list(self.documents),
            **({"content": dict(self.content)} if self.content is not None else {}),
            **({"unit_names": dict(self.unit_names)} if self.unit_names is not None else {}),
        }


class ReviewedData(EventData):
    """The fields that the event which opens a case and a recommendation have in common."""

    kind = fields.String(required=True)
    title = fields.String(required=True)
    field = fields.String(required=True)
    units = fields.List(fields.String(), required=True)
    call = fields.Dict(required=True, allow_none=True)
    policy = fields.String(required=True)
    stage = fields.String(required=True)
    pipeline = fields.List(fields.Dict(), required=True)
    questions = fields.List(fields.Dict(), required=True)
    waivable = fields.List(fields.String(), required=True)
    findings = fields.List(fields.Dict(), required=True)
    documents = fields.List(fields.Dict(), required=True)
    content = fields.Dict()
    unit_names = fields.Dict(keys=fields.String(), values=fields.String())


class ReviewRequestData(ReviewedData):
    """The schema of `ReviewRequest`; the event that opens a case extends it."""

    round = fields.Integer(required=True)
