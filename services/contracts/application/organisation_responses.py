"""The answers about organisations and integrity records. These schemas document them; the gateway passes them on unchanged."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from marshmallow import fields

from services.contracts.application.organisation_requests import (
    FACTS,
    VERIFICATION_OUTCOMES,
    FigureDict,
    OperatingPeriodDict,
    PlatformDict,
)
from services.contracts.common import Answer, one_of


class VerificationAnswer(Answer):
    """A fact that an organisation declares, with its verification: the account (`by`), the time and the evidence. `reason`: why a
    bureau refused to verify the fact. `outcome` is null while no bureau has examined the fact."""

    fact = one_of(*FACTS, of="organisation_fact", required=True)
    verified = fields.Boolean(required=True)
    outcome = one_of(*VERIFICATION_OUTCOMES, of="verification_outcome", allow_none=True)
    reason = fields.String(allow_none=True)
    evidence = fields.String(required=True, allow_none=True)
    documents = fields.List(fields.Dict(), required=True)
    bureau = fields.String(required=True, allow_none=True)
    by = fields.String(required=True, allow_none=True)
    at = fields.AwareDateTime(required=True, allow_none=True)


class VerificationAnswerDict(TypedDict):
    fact: str
    verified: bool
    outcome: str | None
    reason: str | None
    evidence: str | None
    documents: list[dict[str, str]]
    bureau: str | None
    by: str | None
    at: str | None


class OrganisationAnswer(Answer):
    uscc = fields.String()
    name = fields.String(allow_none=True)
    kind = fields.String(allow_none=True)
    region = fields.String(allow_none=True)
    industry = fields.String(allow_none=True)
    legal_person = fields.Boolean(allow_none=True)
    public_institution = fields.Boolean(allow_none=True)
    state_owned = fields.Boolean(allow_none=True)
    rd_staff = fields.Integer(allow_none=True)
    founded_on = fields.Date(allow_none=True)
    operating_period = fields.Dict(allow_none=True, metadata={"description": "since, evidence; null: since it was founded"})
    figures = fields.List(fields.Dict())
    platforms = fields.List(fields.Dict())
    registered = fields.Boolean()
    verifications = fields.List(fields.Nested(VerificationAnswer))
    etag = fields.String()


class OrganisationSnapshot(TypedDict):
    """An organisation's data as a verdict freezes them. An organisation that is not registered has null values
    and empty lists; at most its name is known."""

    uscc: str
    name: str | None
    kind: str | None
    region: str | None
    industry: str | None
    legal_person: bool | None
    public_institution: bool | None
    state_owned: bool | None
    rd_staff: int | None
    founded_on: str | None
    operating_period: OperatingPeriodDict | None
    figures: list[FigureDict]
    platforms: list[PlatformDict]
    registered: bool


class OrganisationAnswerDict(OrganisationSnapshot):
    verifications: list[VerificationAnswerDict]
    etag: str


class UnverifiedAnswer(Answer):
    """An organisation with declared facts that no bureau has verified; `facts` lists them."""

    uscc = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True, allow_none=True, metadata={"x-vocabulary": "organisation_kind"})
    region = fields.String(required=True, allow_none=True)
    facts = fields.List(one_of(*FACTS, of="organisation_fact"), required=True)


class UnverifiedAnswerDict(TypedDict):
    uscc: str
    name: str | None
    kind: str | None
    region: str | None
    facts: list[str]


class OrganisationNameAnswer(Answer):
    """The name, kind and region of an organisation; null if unknown."""

    uscc = fields.String(required=True)
    registered = fields.Boolean(required=True)
    name = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True, allow_none=True, metadata={"x-vocabulary": "organisation_kind"})
    region = fields.String(required=True, allow_none=True)


class OrganisationNameAnswerDict(TypedDict):
    uscc: str
    registered: bool
    name: str | None
    kind: str | None
    region: str | None


class StandingAnswer(Answer):
    """The number of consortia that an organisation leads and takes part in (recognised or in process), and its integrity."""

    uscc = fields.String()
    name = fields.String(allow_none=True)
    leads = fields.Integer()
    joins = fields.Integer()
    consortia = fields.List(fields.Dict())
    in_process = fields.List(fields.Dict())
    joining = fields.List(fields.Dict())
    succession = fields.List(fields.Dict())
    integrity = fields.List(fields.Dict())


class UnitOfConsortium(TypedDict):
    id: str
    number: str
    name: str
    status: str
    leading: bool


class UnitOfApplication(TypedDict):
    application: str
    name: str | None
    status: str
    leading: bool
    held: bool


class UnitOfChange(TypedDict):
    change: str
    held: bool


class SuccessionItem(TypedDict):
    predecessor: str
    successor: str
    kind: str
    effective_on: str


class StandingAnswerDict(TypedDict):
    uscc: str
    name: str | None
    leads: int
    joins: int
    consortia: list[UnitOfConsortium]
    in_process: list[UnitOfApplication]
    joining: list[UnitOfChange]
    succession: list[SuccessionItem]
    integrity: list[IntegrityRecordAnswerDict]


class IntegrityRecordAnswer(Answer):
    id = fields.String()
    uscc = fields.String()
    name = fields.String(allow_none=True)
    reason = fields.String()
    recorded_on = fields.Date()
    penalty_until = fields.Date(allow_none=True)
    in_force = fields.Boolean()
    withdrawn = fields.Boolean()
    repairs = fields.List(fields.Dict())


class Repair(TypedDict):
    """The repair of an integrity record. `penalty_until`: null if the record was withdrawn."""

    kind: str
    reason: str
    documents: list[dict[str, str]]
    penalty_until_before: str | None
    penalty_until: str | None
    by: str
    on: str


class IntegrityRecordAnswerDict(TypedDict):
    id: str
    uscc: str
    name: NotRequired[str | None]
    reason: str
    recorded_on: str
    penalty_until: str | None
    in_force: bool
    withdrawn: bool
    repairs: list[Repair]


class IntegrityAdded(Answer):
    added = fields.Integer()
    ids = fields.List(fields.String())


class IntegrityAddedDict(TypedDict):
    added: int
    ids: list[str]
