"""The JSON of the gateway's own answers, by the schema that documents each."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from services.contracts.bilingual import Bilingual
from services.contracts.payload import JsonObject


class TokenAnswerDict(TypedDict):
    access_token: str
    token_type: str
    expires_in: int
    renew_by: str
    session_ends_at: str


class DemonstrationAccountDict(TypedDict):
    username: str
    name: str
    roles: list[str]
    bureau: str | None
    bureau_name: Bilingual | None
    organisation: str | None
    organisation_name: str | None


class SingleSignOnDict(TypedDict):
    issuer: str
    client_id: str
    authorization_endpoint: str
    scope: str
    end_session_endpoint: str | None
    issuer_in_response: bool


class ExpertAnswerDict(TypedDict):
    employer: str
    former_employers: list[str]
    fields: list[str]
    declared_interests: list[str]


class DelegationDataDict(TypedDict):
    by: str
    may_sign: bool
    until: str | None
    closed_by: NotRequired[str]


class AccountAnswerDict(TypedDict):
    username: str
    name: str
    phone: str | None
    email: str | None
    roles: list[str]
    bureau: str | None
    organisation: str | None
    expert: ExpertAnswerDict | None
    active: bool
    external: str | None
    delegation: DelegationDataDict | None
    second_factor: bool
    verified: list[str]
    created_at: str
    etag: int


class OwnAccountAnswerDict(AccountAnswerDict):
    acting_for: str | None


class RegistrationReceiptDict(TypedDict):
    id: str
    receipt: str
    uscc: str
    username: str
    bureau: str
    status: str


class RegistrationStatusDict(TypedDict):
    receipt: str
    status: str
    bureau: str
    username: str | None
    reason: str | None
    requested_at: str
    decided_at: str | None


class ContactAnswerDict(TypedDict):
    name: str
    phone: str
    email: str | None


class RegistrationAnswerDict(TypedDict):
    id: str
    uscc: str
    name: str
    region: str
    kind: str
    contact: ContactAnswerDict
    username: str
    bureau: str
    status: str
    reason: str | None
    requested_at: str
    decided_at: str | None
    decided_by: str | None
    username_taken: bool | None
    organisation_has_account: bool | None


class OwnAccountDict(AccountAnswerDict):
    pending: list[str]


class SecondFactorSecretDict(TypedDict):
    secret: str
    uri: str


class RecoveryCodesDict(TypedDict):
    recovery_codes: list[str]


class SecondFactorStateDict(TypedDict):
    second_factor: bool


class SessionAnswerDict(TypedDict):
    id: str
    opened_at: str
    expires_at: str
    client: str | None
    current: bool


class SessionListDict(TypedDict):
    items: list[SessionAnswerDict]


class ClosedDict(TypedDict):
    closed: int


class KeyAnswerDict(TypedDict):
    id: str
    account: str
    name: str
    scopes: list[str]
    per_minute: int
    per_day: int
    created_by: str
    created_at: str
    expires_at: str
    last_used_at: str | None
    revoked_at: str | None


class LookAnswerDict(TypedDict):
    id: str
    at: str
    by: str
    role: str | None
    what: str
    correlation_id: str


class OwnSessionDict(TypedDict):
    opened_at: str
    expires_at: str
    client: str | None


class OwnRegistrationDict(TypedDict):
    id: str
    contact: ContactAnswerDict
    requested_at: str
    status: str


class OwnLookDict(TypedDict):
    at: str
    by: str
    what: str


class OwnSettingsAnswerDict(TypedDict):
    content: JsonObject
    etag: str


class WorkingCopyItemDict(TypedDict):
    form: str
    subject: str
    saved_at: str
    expires_at: str
    etag: str


class WorkingCopyAnswerDict(WorkingCopyItemDict):
    content: JsonObject


class WorkingCopyListDict(TypedDict):
    items: list[WorkingCopyItemDict]


class DeletedDict(TypedDict):
    deleted: int


class PendingContactDict(TypedDict):
    kind: str
    value: str


class IdentityDataDict(TypedDict):
    account: AccountAnswerDict
    sessions: list[OwnSessionDict]
    registrations: list[OwnRegistrationDict]
    looks: list[OwnLookDict]
    working_copies: list[WorkingCopyItemDict]
    pending_contacts: NotRequired[list[PendingContactDict]]
    settings: NotRequired[JsonObject]


ActingChiefAnswerDict = TypedDict(
    "ActingChiefAnswerDict",
    {
        "id": str,
        "bureau": str,
        "account": str,
        "acts_for": str,
        "from": str,
        "until": str,
        "state": str,
        "reason": str,
        "appointed_by": str,
        "appointed_at": str,
        "ended_at": str | None,
        "ended_by": str | None,
        "ended_reason": str | None,
    },
)


class DeploymentBacklog(TypedDict):
    """The release and the backlog of a deployment. A member is null if the deployment's release does not report it.
    `reported_at`: the instant of its last report, if the deployment has a broker of its own."""

    version: str | None
    waiting: int | None
    lag_seconds: int | None
    unpublished: int | None
    publishing_lag_seconds: int | None
    parked: int | None
    reported_at: NotRequired[str | None]


class DeploymentState(DeploymentBacklog):
    """A deployment as it describes itself. `serves`: the bureaus that its settings name."""

    serves: list[str] | None


class DeploymentAnswerDict(DeploymentBacklog):
    bureau: str
    name: Bilingual
    tier: str
    own_broker: NotRequired[bool]
    release: NotRequired[str | None]
    answers: bool
    apart: bool | None


class PoolLineAnswerDict(TypedDict):
    act: str
    by: str
    at: str
    until: str | None
    reason: str | None


class ReviewerAnswerDict(TypedDict):
    username: str
    kind: str
    name: str
    phone: str | None
    email: str | None
    organisation: str | None
    expert: ExpertAnswerDict | None
    state: str
    until: str | None
    history: list[PoolLineAnswerDict]
    second_factor: bool
    created_at: str
    etag: int


class ColleagueAnswerDict(TypedDict):
    username: str
    name: str | None
    roles: list[str]
    acting_for: str | None


class ColleaguesAnswerDict(TypedDict):
    items: list[ColleagueAnswerDict]


class ParkedEventDict(TypedDict):
    id: str
    type: str
    producer: str
    subject: str
    bureau: str | None
    attempts: int
    error: str | None
    received_at: str


class ReplayAnswerDict(TypedDict):
    replayed: int


class OwnContactDict(TypedDict):
    email: str | None
    phone: str | None


class OwnLetterDict(TypedDict):
    type: str
    channel: str
    state: str
    made_at: str


class NotificationDataDict(TypedDict):
    contact: OwnContactDict | None
    letters: list[OwnLetterDict]


class BureauAnswerDict(TypedDict):
    code: str
    tier: str
    name: dict[str, str]
    parent: str | None


class BureauTreeDict(BureauAnswerDict):
    children: list[BureauAnswerDict]
