"""The answers about organisations and integrity records. These schemas document them; the gateway passes them on unchanged."""

from __future__ import annotations

from marshmallow import fields

from services.contracts.application.organisation_requests import FACTS, VERIFICATION_OUTCOMES
from services.contracts.common import Answer, one_of


class VerificationAnswer(Answer):
    """A fact that an organisation declares, with its verification: `by` which account, when, by which evidence. `reason`: why a
    bureau refused to verify it. `outcome` is null while no bureau has examined it."""

    fact = one_of(*FACTS, of="organisation_fact", required=True)
    verified = fields.Boolean(required=True)
    outcome = one_of(*VERIFICATION_OUTCOMES, of="verification_outcome", allow_none=True)
    reason = fields.String(allow_none=True)
    evidence = fields.String(required=True, allow_none=True)
    documents = fields.List(fields.Dict(), required=True)
    bureau = fields.String(required=True, allow_none=True)
    by = fields.String(required=True, allow_none=True)
    at = fields.AwareDateTime(required=True, allow_none=True)


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


class UnverifiedAnswer(Answer):
    """An organisation with declared facts that no bureau has verified; `facts` lists them."""

    uscc = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True, allow_none=True, metadata={"x-vocabulary": "organisation_kind"})
    region = fields.String(required=True, allow_none=True)
    facts = fields.List(one_of(*FACTS, of="organisation_fact"), required=True)


class OrganisationNameAnswer(Answer):
    """The name, kind and region of an organisation; null if unknown."""

    uscc = fields.String(required=True)
    registered = fields.Boolean(required=True)
    name = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True, allow_none=True, metadata={"x-vocabulary": "organisation_kind"})
    region = fields.String(required=True, allow_none=True)


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


class IntegrityAdded(Answer):
    added = fields.Integer()
    ids = fields.List(fields.String())
