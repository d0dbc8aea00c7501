"""The answers about the register, for its parties, bureaus and the public. These schemas document them; the gateway passes them
on unchanged."""

from __future__ import annotations

from marshmallow import fields

from services.contracts.common import Answer, page_of
from services.contracts.evaluation.duties import OversightAnswer
from services.contracts.evaluation.grades import PublicGrade


class PublicityItem(Answer):
    """A consortium in the publicity period before its recognition, as shown to the public. `waivers`: the waived rules, each with
    title, article and reason."""

    application = fields.String()
    call = fields.String(allow_none=True)
    name = fields.String()
    field = fields.String()
    lead = fields.Dict()
    units = fields.List(fields.Dict())
    recommender = fields.String()
    ends_on = fields.Date()
    waivers = fields.List(fields.Dict())
    list = fields.Dict(allow_none=True, metadata={"description": "id, title and day of the list of decisions that it is part of"})
    contact = fields.Dict(
        allow_none=True, metadata={"description": "name, telephone, address, email: where anybody may object in writing"}
    )


class PublicityPage(page_of(PublicityItem, counted=True)):  # type: ignore[misc]
    """One page of the public list of consortia in publicity. `grades`: the evaluation grades in their publicity period. Only the
    first page contains them, at most 200; the complete list is at /public/evaluations?in_effect=false."""

    grades = fields.List(fields.Nested(PublicGrade), required=True)


class ConsortiumItem(Answer):
    id = fields.String()
    number = fields.String()
    name = fields.String()
    field = fields.String()
    status = fields.String()
    recognised_on = fields.Date()
    recommender = fields.String()
    lead = fields.Dict()
    last_grade = fields.String(allow_none=True)


class PublicConsortiumAnswer(ConsortiumItem):
    """A consortium as shown to the public. `units`: uscc, name and tier (null for the lead), the lead first."""

    graded_on = fields.Date(allow_none=True)
    units = fields.List(fields.Dict())


class PublicCounts(Answer):
    bureau = fields.String(required=True)
    consortia = fields.Integer(required=True)
    units = fields.Integer(required=True)
    enterprises = fields.Integer(required=True)


class PublicStatistics(Answer):
    """Public counts of the register on a day. `by_status` counts all consortia; the other counts include only active and
    rectifying ones. `by_recommender`: by the bureau that recommended; `by_city`: by the city in which the lead is registered."""

    as_of = fields.Date(required=True)
    consortia = fields.Integer(required=True)
    units = fields.Integer(required=True)
    enterprises = fields.Integer(required=True)
    in_guangxi = fields.Integer(required=True)
    by_status = fields.Dict(fields.String(), fields.Integer(), required=True)
    by_grade = fields.Dict(fields.String(), fields.Integer(), required=True)
    by_recommender = fields.List(fields.Nested(PublicCounts), required=True)
    by_city = fields.List(fields.Nested(PublicCounts), required=True)


class ConsortiumAnswer(ConsortiumItem):
    imported = fields.Boolean()
    policy = fields.String()
    application = fields.String(allow_none=True)
    units = fields.List(fields.Dict())
    under_guidance = fields.Boolean()
    people = fields.Dict()
    pending_changes = fields.List(fields.Dict())
    asked = fields.List(fields.Dict(), metadata={"description": "what the lead has to report, and until when"})
    proposal = fields.Dict(
        allow_none=True,
        metadata={"description": "province and auditors: what was entered of a consortium of the plan of 2021, by whom"},
    )
    etag = fields.String()


class DashboardAnswer(Answer):
    bureau = fields.String(allow_none=True)
    applications = fields.Dict()
    corrections = fields.Dict()
    consortia = fields.Dict()
    changes = fields.Dict()
    verifications = fields.Dict(metadata={"description": "waiting: organisations that declare what no bureau has verified"})
    watch_list = fields.Dict()
    quotas = fields.Dict()
    oversight = fields.Nested(OversightAnswer)
