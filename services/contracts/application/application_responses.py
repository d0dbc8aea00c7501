"""The answers about formation applications. These schemas document them; the gateway passes them on unchanged."""

from __future__ import annotations

from marshmallow import fields

from services.contracts.application.application_requests import STATUSES
from services.contracts.application.call_responses import CallPaper
from services.contracts.case_view import actions, flow
from services.contracts.common import Answer, one_of


class MemberAnswer(Answer):
    """A member with its confirmation. `confirmation.stands` is false if the terms have changed since the member confirmed
    them."""

    organisation = fields.String()
    name = fields.String(allow_none=True)
    registered = fields.Boolean()
    tier = fields.String(allow_none=True)
    role = fields.String(allow_none=True)
    confirmation = fields.Dict(allow_none=True)


class PromiseAnswer(Answer):
    """The research-integrity promise that a submission makes, in the policy's words, with the account that made it last and the
    time."""

    text = fields.String()
    signed_by = fields.String(allow_none=True)
    signed_at = fields.AwareDateTime(allow_none=True)


class CallOfApplication(Answer):
    """The facts of a call that a client needs to fill in an application."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    closes_at = fields.AwareDateTime(required=True)
    fields_ = fields.List(fields.String(), data_key="fields", attribute="fields", required=True)
    required_documents = fields.List(fields.Nested(CallPaper), required=True)


class ApplicationAnswer(Answer):
    """An application. `version` counts submissions (0: none yet). Readers other than the parties see the last submitted version.
    `call`, `stages` (the flow chart) and `actions` are present only when one application is read."""

    id = fields.String()
    channel = fields.String()
    call_id = fields.String(allow_none=True)
    call = fields.Nested(CallOfApplication, allow_none=True, metadata={"description": "null in a special case, and to experts"})
    policy = fields.String()
    status = one_of(*STATUSES, of="application_status")
    stage = fields.String(allow_none=True)
    round = fields.Integer()
    version = fields.Integer()
    name = fields.String(allow_none=True)
    field = fields.String(allow_none=True)
    industry_chain = fields.String(allow_none=True)
    research_direction = fields.String(allow_none=True)
    lead = fields.String(allow_none=True)
    lead_name = fields.String(allow_none=True)
    recommender = fields.String(allow_none=True)
    chief_scientist = fields.Dict(allow_none=True)
    members = fields.List(fields.Nested(MemberAnswer))
    operating_systems = fields.Dict()
    goals = fields.List(fields.Dict())
    documents = fields.List(fields.Raw())
    handed_in = fields.List(fields.Dict(), metadata={"description": "the documents of the version submitted"})
    promise = fields.Nested(PromiseAnswer, allow_none=True)
    basis = fields.Dict(allow_none=True)
    agreement_version = fields.String()
    verdict = fields.Dict(allow_none=True)
    correction = fields.Dict(allow_none=True)
    decision = fields.Dict(allow_none=True)
    publicity = fields.Dict(allow_none=True)
    reason = fields.String(allow_none=True)
    consortium = fields.String(allow_none=True)
    created_at = fields.AwareDateTime()
    submitted_at = fields.AwareDateTime(allow_none=True)
    updated_at = fields.AwareDateTime()
    etag = fields.String()
    stages = flow()
    actions = actions()


class RemindedAnswer(Answer):
    """The answer to a reminder. `reminded`: the members that were reminded, each with uscc and name."""

    reminded = fields.List(fields.Dict(), required=True)


class ApplicationItem(Answer):
    id = fields.String()
    name = fields.String(allow_none=True)
    field = fields.String(allow_none=True)
    channel = fields.String()
    call_id = fields.String(allow_none=True)
    status = fields.String()
    stage = fields.String(allow_none=True)
    version = fields.Integer()
    lead = fields.Dict()
    recommender = fields.String(allow_none=True)
    submitted_at = fields.AwareDateTime(allow_none=True)
    updated_at = fields.AwareDateTime()


class VersionAnswer(Answer):
    version = fields.Integer()
    round = fields.Integer()
    submitted_at = fields.AwareDateTime()
    submitted_by = fields.String(allow_none=True)
    policy = fields.String()
    eligible = fields.Boolean()
    agreement_version = fields.String()
    changed = fields.List(fields.String())


class VersionsAnswer(Answer):
    items = fields.List(fields.Nested(VersionAnswer))


class DiffAnswer(Answer):
    """The differences between two versions, section by section. `path` is a JSON pointer, in which members are identified by
    their code."""

    from_ = fields.Integer(data_key="from", attribute="from")
    to = fields.Integer()
    sections = fields.List(fields.Dict())


class TimelineAnswer(Answer):
    id = fields.String()
    at = fields.AwareDateTime()
    type = fields.String()
    subject = fields.String()
    article = fields.String(allow_none=True)
    actor = fields.Dict()
    detail = fields.Dict()
