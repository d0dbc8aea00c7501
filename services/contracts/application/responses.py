"""The answers of the application service. These schemas document them; the gateway passes them on unchanged."""

from __future__ import annotations

from marshmallow import fields

from services.contracts.application.requests import FACTS, STATUSES, VERIFICATION_OUTCOMES
from services.contracts.case_view import actions, flow
from services.contracts.common import Answer, one_of, page_of
from services.contracts.evaluation.duties import OversightAnswer
from services.contracts.evaluation.grades import PublicGrade

# Organisations


class VerificationAnswer(Answer):
    """A fact that an organisation declares, and which bureau verified it (`by` whom, when, by which evidence), or refused to,
    with the `reason`; `outcome` is null while no bureau has looked at it."""

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
    """The name of an organisation; null if it is unknown."""

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


# Calls


class CallAnswer(Answer):
    """`status` is upcoming, open, closed or cancelled."""

    id = fields.String()
    title = fields.String()
    kind = fields.String()
    status = fields.String()
    opens_at = fields.AwareDateTime()
    closes_at = fields.AwareDateTime()
    policy = fields.String()
    fields_ = fields.List(fields.String(), data_key="fields", attribute="fields")
    industry_bureaus = fields.List(fields.String())
    rubric = fields.List(fields.Dict())
    min_reviewers = fields.Integer()
    places = fields.Integer(allow_none=True)
    budget = fields.String(allow_none=True)
    attachments = fields.List(fields.String())
    text = fields.String(allow_none=True)
    contact = fields.Dict(allow_none=True, metadata={"description": "name, telephone, address, email"})
    days_left = fields.Integer(allow_none=True, metadata={"description": "days until the last day, 0 on it; null once closed"})
    cancelled_reason = fields.String(allow_none=True)
    etag = fields.String()


class CallPaper(Answer):
    """A kind of document that an application must contain (`required`) or may contain. `citation` is null if the call requires
    it."""

    kind = fields.String(required=True)
    title = fields.String(required=True)
    citation = fields.String(required=True, allow_none=True)
    required = fields.Boolean(required=True)


class CallFile(Answer):
    """A file of a call, served without login at /calls/{call}/files/{id}."""

    id = fields.String(required=True)
    filename = fields.String(required=True)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    stored_at = fields.AwareDateTime(required=True, allow_none=True)


class CallDetail(CallAnswer):
    """`files` is null while the documents service is unavailable."""

    required_documents = fields.List(fields.Nested(CallPaper), required=True)
    files = fields.List(fields.Nested(CallFile), required=True, allow_none=True)


# Applications


class FindingAnswer(Answer):
    """The result of one rule. `title`: the rule's name. `remedy`: the action to take if it fails. `at`: JSON pointer to the field
    of the application form where the applicant can correct it; null if there is nothing to correct."""

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


class SimilarDirection(Answer):
    """`likeness`: 0 (nothing in common) to 1 (identical). For an open application, `id` and `name` are shown only to its
    readers."""

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


class SimilarDirectionsAnswer(Answer):
    """The most similar first. They help to answer `question` and decide nothing."""

    citation = fields.String(required=True)
    question = fields.String(required=True)
    applications_compared = fields.Boolean(required=True)
    items = fields.List(fields.Nested(SimilarDirection), required=True)


class MemberAnswer(Answer):
    """`confirmation.stands` is false if the confirmed content has changed since."""

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
    """`version` counts submissions (0: none yet). Readers other than the parties see the version last submitted. `call`, `stages`
    (the flow chart) and `actions` are there when one application is read."""

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
    """`reminded`: the members that were reminded, each with uscc and name."""

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
    """The changes, section by section; `path` is a JSON pointer, in which members are identified by their code."""

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
    """`grades`: the evaluation grades in their publicity period. Only the first page has them, at most 200; all are at
    /public/evaluations?in_effect=false."""

    grades = fields.List(fields.Nested(PublicGrade), required=True)


# The register


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
    """The register in numbers on a day. `by_status` counts all consortia; the other counts include only active and rectifying
    ones. `by_recommender`: by the bureau that recommended; `by_city`: by the city in which the lead is registered."""

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
