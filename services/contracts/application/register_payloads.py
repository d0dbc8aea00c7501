"""The data of the events of the register that the application service publishes, as dataclasses: entries, major matters, changes,
support requests and versions of the policy. The modules of the schemas document each member."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from services.contracts.application.application_requests import GoalDict
from services.contracts.application.support_responses import SupportCertificate
from services.contracts.attachment import Attachment
from services.contracts.bilingual import Bilingual
from services.contracts.consortium_reference import Cited, ConsortiumEvent
from services.contracts.findings import StoredFinding
from services.contracts.organisation_name import OrganisationName, PublicUnit
from services.contracts.payload import ABSENT, Absent, JsonObject, Payload
from services.contracts.review.case_parts import MoneyAnswerDict, WantedDocument
from services.contracts.review.payloads import Difference
from services.contracts.review.review_request import ReviewRequest

# The data of events about the register


@dataclass(frozen=True, kw_only=True)
class GradeBefore(Payload):
    grade: str
    issued_on: date
    published_on: date


@dataclass(frozen=True, kw_only=True)
class DeferralBefore(Payload):
    issued_on: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class OutcomeBefore(Payload):
    kind: str
    identifier: str
    title: str
    issuer: str | Absent | None = ABSENT


@dataclass(frozen=True, kw_only=True)
class History(Payload):
    grades: list[GradeBefore]
    deferrals: list[DeferralBefore] | None = None
    outcomes: list[OutcomeBefore]


@dataclass(frozen=True, kw_only=True)
class ConsortiumRecognised(ConsortiumEvent):
    field: str
    application: str | None
    recognised_on: date
    units: list[PublicUnit]
    recommender: str
    policy: str
    next_round_by: date | None = None
    imported: bool
    related_units: list[str] | None = None
    goals: list[GoalDict] | None = None
    history: History | None = None


@dataclass(frozen=True, kw_only=True)
class ConsortiumRevoked(ConsortiumEvent):
    units: list[str]
    grounds: list[str]
    revoked_on: date


@dataclass(frozen=True, kw_only=True)
class MatterEvent(ConsortiumEvent):
    """The data of an event about a step of a major matter. Each such event has some of the last five members."""

    matter: str = field(init=False)
    kind: str
    title: str
    occurred_on: date | None = None
    note: str | Absent | None = ABSENT
    planned: bool | None = None
    answer_by: date | Absent | None = ABSENT
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class PolicyPublished(Cited):
    policy: str
    policy_title: Bilingual
    effective_from: date
    document: JsonObject


# The data of events about changes


@dataclass(frozen=True, kw_only=True)
class ChangeEvent(ConsortiumEvent):
    """The header of an event about a change. `what` is the kind of change."""

    change: str = field(init=False)
    what: str = field(init=False)
    effective_on: date = field(init=False)
    version: int = field(init=False)


@dataclass(frozen=True, kw_only=True)
class ChangeReported(ChangeEvent):
    joining: list[OrganisationName]
    moving: list[OrganisationName] | None = None
    new_lead: OrganisationName | None
    confirm_by: date | None
    late: bool


@dataclass(frozen=True, kw_only=True)
class ChangeAnswered(ChangeEvent):
    organisation: OrganisationName
    decision: str
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class ChangeRequested(ReviewRequest, ChangeEvent):
    approvable_knowingly: bool
    report: JsonObject
    related_units: list[str] | None = None
    handed_over: int | None = None
    leaving: list[OrganisationName] | None = None
    main_member_documents: list[WantedDocument] | None = None


@dataclass(frozen=True, kw_only=True)
class ChangeStagePassed(ChangeEvent):
    stage: str
    next_stage: str
    outcome: str | None = None
    differs: Difference | None = None


@dataclass(frozen=True, kw_only=True)
class DocumentsAsked(ChangeEvent):
    lacking: Bilingual


@dataclass(frozen=True, kw_only=True)
class ChangeSupplemented(ChangeEvent):
    documents: list[Attachment]


@dataclass(frozen=True, kw_only=True)
class ChangeHeld(ChangeEvent):
    findings: list[StoredFinding]
    documents: list[Attachment]
    lacking: Bilingual | None


@dataclass(frozen=True, kw_only=True)
class ChangeEnded(ChangeEvent):
    """The data of `change.withdrawn`, `change.approved` and `change.refused`."""

    reason: str
    outcome: str | None = None
    comment: str | None = None
    knowingly: bool | None = None
    differs: Difference | None = None


@dataclass(frozen=True, kw_only=True)
class ChangeOpinionVoid(ChangeEvent):
    case: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ChangeHandedOver(ChangeEvent):
    from_bureau: str
    to_bureau: str
    handed_over: int
    why: str | None = None
    reason: str | Absent | None = ABSENT


# The data of events about support requests


@dataclass(frozen=True, kw_only=True)
class SupportEvent(ConsortiumEvent):
    """The header of an event about a support request."""

    support: str = field(init=False)
    measure: str = field(init=False)
    version: int = field(init=False)


@dataclass(frozen=True, kw_only=True)
class SupportRequested(ReviewRequest, SupportEvent):
    related_units: list[str] | None = None
    rank_first: bool
    money: MoneyAnswerDict | None
    report: JsonObject


@dataclass(frozen=True, kw_only=True)
class SupportEnded(SupportEvent):
    """The data of `support.granted`, `support.declined` and `support.withdrawn`."""

    reason: str
    amount: str | Absent | None = ABSENT
    comment: str | None = None
    differs: Difference | None = None


@dataclass(frozen=True, kw_only=True)
class SupportRecorded(SupportEvent):
    handling: str
    certificate: SupportCertificate | None


@dataclass(frozen=True, kw_only=True)
class SupportReplaced(SupportEvent):
    replaces: str
    round: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class SupportHandedOver(SupportEvent):
    from_bureau: str
    to_bureau: str
    handed_over: int
    why: str | None = None
    reason: str | Absent | None = ABSENT


@dataclass(frozen=True, kw_only=True)
class SupportOpinionVoid(SupportEvent):
    case: str
    reason: str
