"""Consortia of the plan of 2021 (A16): an officer proposes them for the register, and a second person confirms or refuses."""

from __future__ import annotations

from typing import TypedDict

from marshmallow import fields

from services.contracts.application.list_bounds import at_most
from services.contracts.application.payloads import ConsortiumProposed, ProposalRefused
from services.contracts.application.support_requests import PersonNamed, PersonNamedDict
from services.contracts.common import Body, Day, EventData, EventType, Money, Uscc, code, one_of, text
from services.contracts.evaluation.rounds import OUTCOME_KINDS
from services.contracts.labels import codes_of
from services.contracts.payload import JsonObject

TIERS = codes_of("tier")
#: The grades that an imported consortium can have from earlier evaluations. `revoke` is left out: a consortium whose recognition
#: was revoked is not imported.
GRADES = tuple(grade for grade in codes_of("grade") if grade != "revoke")


class ImportedMember(Body):
    organisation = Uscc(required=True)
    name = text(200, load_default=None, allow_none=True)
    tier = one_of(*TIERS, of="tier", required=True)
    role = text(200, load_default=None, allow_none=True)


class ImportedMemberDict(TypedDict):
    organisation: str
    name: str | None
    tier: str
    role: str | None


class ImportedGrade(Body):
    """A grade of an evaluation before the import. `issued_on`: the day of its notice; `published_on`: the day on which the grade
    was published."""

    grade = one_of(*GRADES, of="grade", required=True)
    issued_on = Day(required=True)
    published_on = Day(required=True)


class ImportedGradeDict(TypedDict):
    grade: str
    issued_on: str
    published_on: str


class ImportedDeferral(Body):
    """A deferral that was granted before the import. `issued_on`: the day of the notice that it is about."""

    issued_on = Day(required=True)
    reason = text(2000, required=True)


class ImportedDeferralDict(TypedDict):
    issued_on: str
    reason: str


class ImportedSupport(Body):
    """A use of a support measure before the import (A9). `round`: the name of the round of nominations at that time."""

    measure = code(40, required=True)
    used_on = Day(required=True)
    amount = Money(load_default=None, allow_none=True)
    person = fields.Nested(PersonNamed, load_default=None, allow_none=True)
    unit = Uscc(load_default=None, allow_none=True)
    round = text(60, one_line=True, load_default=None, allow_none=True)


class ImportedSupportDict(TypedDict):
    measure: str
    used_on: str
    amount: str | None
    person: PersonNamedDict | None
    unit: str | None
    round: str | None


class ImportedOutcome(Body):
    """An outcome that was used in an evaluation before the import; it cannot be used again."""

    kind = one_of(*OUTCOME_KINDS, of="outcome_kind", required=True)
    identifier = text(200, one_line=True, required=True)
    title = text(300, required=True)
    issuer = text(200, one_line=True, load_default=None, allow_none=True)


class ImportedOutcomeDict(TypedDict):
    kind: str
    identifier: str
    title: str
    issuer: str | None


class ImportedHistory(Body):
    """The grades, deferrals, support measures and outcomes of a consortium before its import."""

    grades = fields.List(fields.Nested(ImportedGrade), load_default=list, validate=at_most(20))
    deferrals = fields.List(fields.Nested(ImportedDeferral), load_default=list, validate=at_most(20))
    support = fields.List(fields.Nested(ImportedSupport), load_default=list, validate=at_most(500))
    outcomes = fields.List(fields.Nested(ImportedOutcome), load_default=list, validate=at_most(2000))


class ImportedHistoryDict(TypedDict):
    grades: list[ImportedGradeDict]
    deferrals: list[ImportedDeferralDict]
    support: list[ImportedSupportDict]
    outcomes: list[ImportedOutcomeDict]


class ImportedConsortium(Body):
    """A consortium recognised under the plan of 2021 (A16), with its original date and its history."""

    name = text(100, required=True)
    field = text(60, required=True)
    research_direction = text(4000, load_default=None, allow_none=True)
    recognised_on = Day(required=True)
    recommender = code(20, required=True)
    lead = Uscc(required=True)
    lead_name = text(200, load_default=None, allow_none=True)
    members = fields.List(fields.Nested(ImportedMember), required=True, validate=at_most(300))
    history = fields.Nested(ImportedHistory, load_default=None, allow_none=True)


class ImportedConsortiumDict(TypedDict):
    name: str
    field: str
    research_direction: str | None
    recognised_on: str
    recommender: str
    lead: str
    lead_name: str | None
    members: list[ImportedMemberDict]
    history: ImportedHistoryDict | None


class ImportConfirmation(Body):
    """The second person's answer to a proposed import. `documents`: the recognition documents that this person read; a
    confirmation requires at least one. `reason`: required for a refusal."""

    outcome = one_of("confirm", "refuse", of="import_outcome", load_default="confirm")
    documents = fields.List(code(120), load_default=list, validate=at_most(50))
    reason = text(4000, load_default=None, allow_none=True)


class ImportConfirmationDict(TypedDict):
    outcome: str
    documents: list[str]
    reason: str | None


class ProposedData(EventData):
    """A consortium of the plan of 2021 was proposed for the register and waits for confirmation by a second person."""

    consortium = fields.String(required=True)
    name = fields.String(required=True)
    recognised_on = fields.Date(required=True)
    recommender = fields.String(required=True)
    article = fields.String()


class RefusedData(ProposedData):
    reason = fields.String(required=True)


_proposed: JsonObject = {
    "consortium": "0199a3c1-52aa-7c56-8e9e-0d0d6a3f5b10",
    "name": "广西糖业创新联合体",
    "recognised_on": "2022-05-20",
    "recommender": "450200",
    "article": "A16",
}

EVENTS: dict[str, EventType] = {
    "consortium.proposed": EventType("application", ProposedData, _proposed, ConsortiumProposed),
    "consortium.proposal_refused": EventType(
        "application", RefusedData, _proposed | {"reason": "认定文件与所填日期不符。"}, ProposalRefused
    ),
}
