"""Acting chiefs, and the province's pool of experts and third parties."""

from __future__ import annotations

from marshmallow import fields

from services.contracts.common import Answer, Body, Day, Page, Uscc, one_of, page_of, search_words, secret, text
from services.contracts.gateway.requests import ExpertAnswer, ExpertData
from services.contracts.text_fields import email, phone, username

APPOINTMENT_STATES = ("planned", "active", "ended", "over")
REVIEWER_KINDS = ("expert", "third_party")
REVIEWER_STATES = ("active", "expired", "closed")


class NewActingChief(Body):
    """The appointment of an acting chief: an officer who signs in the name of a chief of the same bureau, from the first day
    to the end of the last day. `acts_for`: the chief; by default the account that appoints. `from`: the first day, by default
    today."""

    account = text(60, one_line=True, required=True)
    acts_for = text(60, one_line=True, load_default=None, allow_none=True)
    from_ = Day(data_key="from", attribute="from_on", load_default=None, allow_none=True)
    until = Day(required=True)
    reason = text(500, required=True)


class Ending(Body):
    reason = text(500, required=True)


class ActingChiefQuery(Page):
    state = one_of(*APPOINTMENT_STATES, of="appointment_state", load_default=None)


class ActingChiefAnswer(Answer):
    """An acting chief's appointment. `state` is planned, active, ended (before its last day) or over."""

    id = fields.String(required=True)
    bureau = fields.String(required=True)
    account = fields.String(required=True)
    acts_for = fields.String(required=True)
    from_ = fields.Date(required=True, data_key="from", attribute="from")
    until = fields.Date(required=True)
    state = one_of(*APPOINTMENT_STATES, of="appointment_state", required=True)
    reason = fields.String(required=True)
    appointed_by = fields.String(required=True)
    appointed_at = fields.AwareDateTime(required=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_by = fields.String(required=True, allow_none=True)
    ended_reason = fields.String(required=True, allow_none=True)


ActingChiefPage = page_of(ActingChiefAnswer)


class NewReviewer(Body):
    """A new member of the pool of reviewers: an expert (`expert` names the employer) or a third party (`organisation`). `until`:
    the last day of the term."""

    kind = one_of(*REVIEWER_KINDS, of="role", required=True)
    username = username(required=True)
    password = secret(200, required=True)
    name = text(60, required=True)
    phone = phone(load_default=None, allow_none=True)
    email = email(load_default=None, allow_none=True)
    organisation = Uscc(load_default=None, allow_none=True)
    expert = fields.Nested(ExpertData, load_default=None, allow_none=True)
    until = Day(load_default=None, allow_none=True)
    reason = text(500, load_default=None, allow_none=True)


class ReviewerChange(Body):
    """A change of a reviewer's data. The fields that are sent replace the stored ones; the others stay."""

    password = secret(200)
    name = text(60)
    phone = phone(allow_none=True)
    email = email(allow_none=True)
    organisation = Uscc(allow_none=True)
    expert = fields.Nested(ExpertData, allow_none=True)


class Renewal(Body):
    """The last day of the new term; none for a term without end."""

    until = Day(load_default=None, allow_none=True)
    reason = text(500, load_default=None, allow_none=True)


class ReviewerQuery(Page):
    kind = one_of(*REVIEWER_KINDS, of="role", load_default=None)
    state = one_of(*REVIEWER_STATES, of="reviewer_state", load_default=None)
    q = search_words(60, load_default=None)


class PoolLineAnswer(Answer):
    act = one_of("added", "renewed", "closed", of="pool_act", required=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    until = fields.Date(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class ReviewerAnswer(Answer):
    """A member of the pool of reviewers. `state`: active, expired (the term is over, so the reviewer is not drawn any more) or
    closed (the account is closed too). Phone and e-mail are masked in lists."""

    username = fields.String(required=True)
    kind = one_of(*REVIEWER_KINDS, of="role", required=True)
    name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)
    organisation = fields.String(required=True, allow_none=True)
    expert = fields.Nested(ExpertAnswer, required=True, allow_none=True)
    state = one_of(*REVIEWER_STATES, of="reviewer_state", required=True)
    until = fields.Date(required=True, allow_none=True)
    history = fields.List(fields.Nested(PoolLineAnswer), required=True)
    second_factor = fields.Boolean(required=True)
    created_at = fields.AwareDateTime(required=True)
    etag = fields.Integer(required=True)


ReviewerPage = page_of(ReviewerAnswer)


class ColleagueAnswer(Answer):
    """An active account of the same bureau. `acting_for`: the chief in whose name this officer signs today."""

    username = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    roles = fields.List(fields.String(), required=True)
    acting_for = fields.String(required=True, allow_none=True)


class ColleaguesAnswer(Answer):
    items = fields.List(fields.Nested(ColleagueAnswer), required=True)


class DeploymentAnswer(Answer):
    """The state of a bureau's review service. `answers`: whether the service answered within five seconds. `apart`: whether a
    deployment other than the province's serves the bureau. A field is null if the service did not answer, or runs a release that
    does not report it. `waiting` events are received but not processed yet, the oldest for `lag_seconds`; `unpublished` events
    wait for the broker; `parked` events could not be processed.

    `own_broker`: the bureau has a broker of its own and cannot be queried; the fields are those of its last report, made at
    `reported_at`. `release`: the service's release compared with this platform's: `same`, `next_to` (the release before or after
    it, with which it works), or `too_far`.
    """

    bureau = fields.String(required=True)
    name = fields.String(required=True)
    tier = fields.String(required=True)
    own_broker = fields.Boolean()
    reported_at = fields.AwareDateTime(allow_none=True)
    release = one_of("same", "next_to", "too_far", of="release", allow_none=True)
    answers = fields.Boolean(required=True)
    apart = fields.Boolean(required=True, allow_none=True)
    version = fields.String(required=True, allow_none=True)
    waiting = fields.Integer(required=True, allow_none=True)
    lag_seconds = fields.Integer(required=True, allow_none=True)
    unpublished = fields.Integer(required=True, allow_none=True)
    publishing_lag_seconds = fields.Integer(required=True, allow_none=True)
    parked = fields.Integer(required=True, allow_none=True)


class DeploymentsAnswer(Answer):
    items = fields.List(fields.Nested(DeploymentAnswer), required=True)
