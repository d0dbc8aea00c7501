"""The members that this service reads of other services' events. The schemas of those services describe the events completely."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.contracts.application.application_responses import DecisionList, Waiver
from services.contracts.payload import ABSENT, Absent, Payload
from services.contracts.review.payloads import Difference


@dataclass(frozen=True, kw_only=True)
class CaseSigned(Payload):
    """The data of an event by which a bureau signs an opinion or a decision on a version of a case."""

    case: str
    version: int


@dataclass(frozen=True, kw_only=True)
class Opinion(Payload):
    """The opinion with which a bureau passed a stage. An opinion of an earlier release may lack every member."""

    comment: str | None = None
    main_task_bearing: list[str] | None = None
    differs: Difference | None = None


@dataclass(frozen=True, kw_only=True)
class StagePassed(CaseSigned):
    """The data of `review.recommended` and `review.passed`. `outcome`: the recommender's opinion on a change, for or against."""

    stage: str
    next_stage: str | None
    outcome: str | None = None
    opinion: Opinion | None = None


@dataclass(frozen=True, kw_only=True)
class StageRejected(CaseSigned):
    """The data of `review.rejected`."""

    stage: str
    comment: str
    differs: Difference | None = None


@dataclass(frozen=True, kw_only=True)
class StageReturned(StageRejected):
    """The data of `review.returned`."""

    sections: list[dict[str, str]]


# Defined here, because inside `CaseDecided` the word `list` means its member of that name.
_Ids = list[str]
_Reasons = list[dict[str, str]]
_Waivers = list[Waiver]


@dataclass(frozen=True, kw_only=True)
class CaseDecided(CaseSigned):
    """The data of `review.decided`."""

    outcome: str
    reason: str
    waivers: _Waivers
    signed_by: str | None = None
    acting_for: str | None = None
    acknowledgements: _Reasons | None = None
    amount: str | Absent | None = ABSENT
    rank: int | Absent | None = ABSENT
    places: int | Absent | None = ABSENT
    objections: _Ids | None = None
    list: DecisionList | None = None
    knowingly: bool | None = None
    differs: Difference | None = None


@dataclass(frozen=True, kw_only=True)
class RegistrationApproved(Payload):
    """The data of `registration.approved`."""

    uscc: str
    name: str
    region: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class ReplacedFile(Payload):
    document: str
    filename: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class DocumentStored(Payload):
    """The data of `document.stored`. An event of an earlier release does not say which files the document replaces."""

    document: str
    subject: str
    kind: str
    filename: str
    sha256: str
    replaced: list[ReplacedFile] | None = None


@dataclass(frozen=True, kw_only=True)
class Hold(Payload):
    """The data of `hold.placed` and `hold.lifted`."""

    hold: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class OfConsortium(Payload):
    """The data of an event about a consortium. `article`: the citation that allowed the step."""

    article: str | None = None


@dataclass(frozen=True, kw_only=True)
class GradePublished(OfConsortium):
    """The data of `evaluation.published`."""

    title: str
    grade: str
    commended: bool
    published_on: date


@dataclass(frozen=True, kw_only=True)
class RectificationOpened(OfConsortium):
    """The data of `rectification.opened`."""

    due_on: str


@dataclass(frozen=True, kw_only=True)
class RectificationClosed(OfConsortium):
    """The data of `rectification.closed`."""

    outcome: str
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class Inspected(OfConsortium):
    """The data of `inspection.recorded`."""

    inspected_on: str
    result: str
    under_guidance: bool
    follow_up_on: str | None


@dataclass(frozen=True, kw_only=True)
class DeferralAnswered(OfConsortium):
    """The data of `participation.deferral_answered`. Events of earlier releases do not count the deferrals `in_a_row`."""

    consortium: str
    outcome: str
    reason: str
    in_a_row: int = 1


@dataclass(frozen=True, kw_only=True)
class RevocationOpened(OfConsortium):
    """The data of `revocation.opened`."""

    grounds: list[str]
    reason: str
    statement_due_on: str


@dataclass(frozen=True, kw_only=True)
class RevocationDecided(OfConsortium):
    """The data of `revocation.decided`."""

    outcome: str
    reason: str
    grounds: list[str]
    decided_on: str
    restored: bool | None = None


@dataclass(frozen=True, kw_only=True)
class RevocationDismissed(OfConsortium):
    """The data of `revocation.dismissed`. `restored`: a failed rectification has no effect, so the consortium is active again."""

    reason: str
    grounds: list[str]
    restored: bool | None = None


@dataclass(frozen=True, kw_only=True)
class ParticipationWithdrawn(OfConsortium):
    """The data of `participation.withdrawn`."""

    consortium: str
    reason: str
