"""The members that this service reads of other services' events. Those services describe the events completely."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.contracts.application.application_responses import DecisionList, Waiver
from services.contracts.payload import ABSENT, Absent, Payload
from services.contracts.review.payloads import Difference


@dataclass(frozen=True, kw_only=True)
class CaseSigned(Payload):
    """A bureau signed an opinion or a decision on this version of a case."""

    case: str
    version: int


@dataclass(frozen=True, kw_only=True)
class Opinion(Payload):
    """The opinion with which a bureau passed a stage; an opinion of an earlier release may lack every member."""

    comment: str | None = None
    main_task_bearing: list[str] | None = None
    differs: Difference | None = None


@dataclass(frozen=True, kw_only=True)
class StagePassed(CaseSigned):
    """`review.recommended`, `review.passed`. `outcome`: the recommender's opinion on a change, for or against."""

    stage: str
    next_stage: str | None
    outcome: str | None = None
    opinion: Opinion | None = None


@dataclass(frozen=True, kw_only=True)
class StageRejected(CaseSigned):
    """`review.rejected`."""

    stage: str
    comment: str
    differs: Difference | None = None


@dataclass(frozen=True, kw_only=True)
class StageReturned(StageRejected):
    """`review.returned`."""

    sections: list[dict[str, str]]


# These have names because `CaseDecided` has a member `list`.
_Ids = list[str]
_Reasons = list[dict[str, str]]
_Waivers = list[Waiver]


@dataclass(frozen=True, kw_only=True)
class CaseDecided(CaseSigned):
    """`review.decided`."""

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
    """`registration.approved`."""

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
    """`document.stored`. An event of an earlier release does not say which files it replaces."""

    document: str
    subject: str
    kind: str
    filename: str
    sha256: str
    replaced: list[ReplacedFile] | None = None


@dataclass(frozen=True, kw_only=True)
class Hold(Payload):
    """`hold.placed`, `hold.lifted`."""

    hold: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class OfConsortium(Payload):
    """An event about a consortium. `article`: the citation that allowed the step."""

    article: str | None = None


@dataclass(frozen=True, kw_only=True)
class GradePublished(OfConsortium):
    """`evaluation.published`."""

    title: str
    grade: str
    commended: bool
    published_on: date


@dataclass(frozen=True, kw_only=True)
class RectificationOpened(OfConsortium):
    """`rectification.opened`."""

    due_on: str


@dataclass(frozen=True, kw_only=True)
class RectificationClosed(OfConsortium):
    """`rectification.closed`."""

    outcome: str
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class Inspected(OfConsortium):
    """`inspection.recorded`."""

    inspected_on: str
    result: str
    under_guidance: bool
    follow_up_on: str | None


@dataclass(frozen=True, kw_only=True)
class DeferralAnswered(OfConsortium):
    """`participation.deferral_answered`. Events of earlier releases do not count the deferrals `in_a_row`."""

    consortium: str
    outcome: str
    reason: str
    in_a_row: int = 1


@dataclass(frozen=True, kw_only=True)
class RevocationOpened(OfConsortium):
    """`revocation.opened`."""

    grounds: list[str]
    reason: str
    statement_due_on: str


@dataclass(frozen=True, kw_only=True)
class RevocationDecided(OfConsortium):
    """`revocation.decided`."""

    outcome: str
    reason: str
    grounds: list[str]
    decided_on: str
    restored: bool | None = None


@dataclass(frozen=True, kw_only=True)
class RevocationDismissed(OfConsortium):
    """`revocation.dismissed`. `restored`: a failed rectification has no effect, so the consortium is active again."""

    reason: str
    grounds: list[str]
    restored: bool | None = None


@dataclass(frozen=True, kw_only=True)
class ParticipationWithdrawn(OfConsortium):
    """`participation.withdrawn`."""

    consortium: str
    reason: str
