"""The schemas of the data in the events that the review service publishes. `events.py` lists the events, each with an example."""

from __future__ import annotations

from marshmallow import fields

from services.contracts.common import Citation, EventData
from services.contracts.review.review_request import ReviewedData


class Data(EventData):
    """The fields of every event about a case of review. `application` is present if the case is an application."""

    case = fields.String(required=True)
    application = fields.String()
    version = fields.Integer(required=True)
    article = Citation(required=True)


class OpenedData(Data):
    kind = fields.String(required=True)
    stage = fields.String(required=True)
    due_on = fields.Date(required=True)
    title = fields.String(required=True)
    round = fields.Integer(required=True)


class AssignedData(Data):
    account = fields.String(required=True)
    stage = fields.String(required=True)


class DifferenceData(EventData):
    """A chief signed something other than the officer's draft. The data list the fields that differ, and the reason."""

    members = fields.List(fields.String(), required=True)
    reason = fields.String(required=True)


class OpinionData(EventData):
    """A signed opinion. `differs` is present if it differs from the officer's draft.

    `main_task_bearing`: for a change, the leaving members that have a main task according to this opinion.
    """

    id = fields.String(required=True)
    outcome = fields.String()
    main_task_bearing = fields.List(fields.String(), allow_none=True)
    comment = fields.String(required=True)
    signed_by = fields.String(required=True)
    drafted_by = fields.String(required=True, allow_none=True)
    answers = fields.Dict(required=True)
    waivers = fields.List(fields.Dict(), required=True)
    differs = fields.Nested(DifferenceData)
    acting_for = fields.String(metadata={"description": "the chief in whose name an acting chief signed"})


class PassedData(Data):
    """A case passed a stage. `opinion` is missing if scores ended the stage.

    `due_on`: the day by which the present stage at this bureau must be finished, if the bureau still has the case. `next_stage`
    is null after the last stage and after an optional stage (a site visit, which does not move the case). After the last stage of
    a case that a panel scored, `score` and `spread` (points of 100, as decimal strings) and the number of `scores` are present.
    """

    stage = fields.String(required=True)
    next_stage = fields.String(required=True, allow_none=True)
    due_on = fields.Date(allow_none=True)
    opinion = fields.Nested(OpinionData)
    score = fields.String()
    spread = fields.String()
    scores = fields.Integer()


class RecommendedData(ReviewedData, Data):
    """The recommender recommended a case. The event contains its opinion and all data of `application.submitted` that the
    province needs to open its own case."""

    outcome = fields.String(required=True)
    next_stage = fields.String(required=True)
    opinion = fields.Nested(OpinionData, required=True)
    lead = fields.Dict(required=True)


class RejectedData(Data):
    stage = fields.String(required=True)
    comment = fields.String(required=True)
    signed_by = fields.String(required=True)
    differs = fields.Nested(DifferenceData)
    acting_for = fields.String(metadata={"description": "the chief in whose name an acting chief signed"})


class ReturnedData(RejectedData):
    sections = fields.List(fields.Dict(), required=True)


class AppointedData(Data):
    """Reviewers of a case were appointed. The data always list all accounts that may read the case as reviewers.

    `awaited`: those whose scores are awaited. `declared`: those who declared that they have no interest; only these can read the
    documents.
    """

    awaited = fields.List(fields.String())
    declared = fields.List(fields.String())
    experts = fields.List(fields.String(), required=True)
    third_party = fields.String(required=True, allow_none=True)
    due_on = fields.Date(required=True)


class ScoreData(Data):
    submitted = fields.Integer(required=True)
    of = fields.Integer(required=True)


class DeclaredData(Data):
    """A reviewer (`account`) declared to have no interest and promised confidentiality. From now on the reviewer can read the
    documents."""

    seat = fields.String(required=True)
    account = fields.String(required=True)


class VoidedData(Data):
    """A score no longer counts, because its reviewer (`account`) has an interest in the case.

    `submitted` scores remain, of `of` reviewers. `closed`: whether scoring had ended; if so, `score`, `spread` (points of 100, as
    decimal strings) and `scores` give the remaining result. `next_stage`: the present stage at the bureau, null if the case waits
    for another service's decision.
    """

    seat = fields.String(required=True)
    account = fields.String(required=True)
    reason = fields.String(required=True)
    title = fields.String(required=True)
    submitted = fields.Integer(required=True)
    of = fields.Integer(required=True)
    closed = fields.Boolean(required=True)
    next_stage = fields.String(required=True, allow_none=True)
    score = fields.String()
    spread = fields.String()
    scores = fields.Integer()


class ConflictFoundData(Data):
    """A reviewer of an undecided case was found to have an interest in one of its units.

    `reason` is employer, former_employer or declared_interest. `scored`: whether the reviewer has scored the case.
    """

    seat = fields.String(required=True)
    account = fields.String(required=True)
    reason = fields.String(required=True)
    unit = fields.String(required=True)
    scored = fields.Boolean(required=True)
    title = fields.String(required=True)


class DecidedData(Data):
    """A case was decided. `waivers` are all waivers in effect.

    `acknowledgements` name the conditions that reviewers answered "not met", each with the reason for approving nevertheless.
    `ahead` and `beyond_places` say where an approval departed from the ranking of the call. `objections` are the upheld
    objections that the decision takes into account.
    """

    outcome = fields.String(required=True)
    reason = fields.String(required=True)
    waivers = fields.List(fields.Dict(), required=True)
    signed_by = fields.String(required=True)
    amount = fields.String(allow_none=True)
    knowingly = fields.Boolean()
    acknowledgements = fields.List(fields.Dict())
    rank = fields.Integer(allow_none=True)
    places = fields.Integer(allow_none=True)
    ahead = fields.List(fields.String())
    beyond_places = fields.Boolean()
    objections = fields.List(fields.String())
    list = fields.Dict(metadata={"description": "id, title and day of the list that an approval was signed with"})
    differs = fields.Nested(DifferenceData)
    acting_for = fields.String(metadata={"description": "the chief in whose name an acting chief signed"})


class DecisionListData(EventData):
    """An officer drew up a list of decisions of a call, which a chief will sign together. `cases`: how many cases it contains."""

    list = fields.Dict(required=True)
    call = fields.String(required=True)
    title = fields.String(required=True)
    cases = fields.Integer(required=True)
    article = Citation(required=True)


class HandedOverData(Data):
    """A case continues at another bureau. At this bureau the case has ended; this bureau keeps the drafts of its opinions."""

    stage = fields.String(required=True)
    title = fields.String(required=True)
    to_bureau = fields.String(required=True)


class CorrectedData(Data):
    opinion = fields.String(required=True)
    corrects = fields.String(required=True)
    correction = fields.Nested(OpinionData, required=True)


class DeploymentReportedData(EventData):
    """The release and the backlog of a deployment with a broker of its own, which the deployment reports to the province. `at` is
    the real time of the report."""

    version = fields.String(required=True)
    waiting = fields.Integer(required=True)
    lag_seconds = fields.Integer(required=True)
    unpublished = fields.Integer(required=True)
    publishing_lag_seconds = fields.Integer(required=True)
    parked = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
