"""The request for a review, with which a service asks a bureau to open a case. One dataclass and one schema serve every kind of
case: applications, changes, support requests, annual reports and participations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NotRequired, TypedDict

from marshmallow import fields

from services.contracts.attachment import Attachment
from services.contracts.common import EventData
from services.contracts.findings import StoredFinding
from services.contracts.payload import JsonObject, Payload
from services.contracts.review.case_parts import Call, Question


class StageTerms(TypedDict):
    """A stage of the procedure. `scoring`: how experts' scores are aggregated, if experts score at this stage. `advisory`: the
    opinion is for or against, and the case continues either way."""

    name: str
    level: str
    citation: str
    four_eyes: bool
    optional: bool
    due_days: int
    questions: list[str]
    outcomes: list[str]
    scoring: NotRequired[dict[str, int]]
    advisory: NotRequired[bool]


@dataclass(frozen=True, slots=True)
class ReviewTerms:
    """The part of a policy that a reviewing bureau needs for one kind of case. It travels as JSON, so that an older deployment
    can handle a newer policy. `policy`: the reference of the policy's version. `pipeline`: the stages in order. `questions`: the
    questions that an opinion at a stage answers. `waivable`: the in-principle rules."""

    policy: str
    pipeline: list[StageTerms]
    questions: list[Question]
    waivable: list[str]


@dataclass(frozen=True, kw_only=True)
class ReviewRequest(Payload):
    """The data with which a bureau opens its case at a stage; the payload of the event that opens a case extends it.

    `round`: the number of the submission. `units`: the credit codes of the case's units; experts that belong to one of them have
    a conflict of interest. `call`: the call or evaluation round in which cases of the same kind are ranked. `policy`, `pipeline`
    and `questions` are those of the `ReviewTerms`; `waivable` too, if the province may waive rules in this kind of case.
    `content`: the frozen content of an application's version, so that the bureau can show it and compare two versions while the
    application service cannot be reached. `unit_names`: the units' names by code.
    """

    round: int
    kind: str
    title: str
    field: str
    units: list[str]
    call: Call | None
    policy: str
    stage: str
    pipeline: list[StageTerms]
    questions: list[Question]
    waivable: list[str]
    findings: list[StoredFinding]
    documents: list[Attachment]
    content: JsonObject | None = None
    unit_names: dict[str, str] | None = None


class ReviewedData(EventData):
    """The fields that two events have in common: the event that opens a case, and a recommendation."""

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
