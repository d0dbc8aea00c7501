"""The data of events that the evaluation service publishes, as dataclasses. The modules of the schemas document each member."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from services.contracts.consortium_reference import Cited, ConsortiumEvent
from services.contracts.evaluation.answers import Likeness
from services.contracts.evaluation.stored import AnnualReportDict, Fact, Period, RoundReportDict
from services.contracts.organisation_name import LeadReference
from services.contracts.payload import ABSENT, Absent
from services.contracts.review.case_parts import Call, SectionFault
from services.contracts.review.review_request import ReviewRequest

# The data of events about evaluation rounds


@dataclass(frozen=True, kw_only=True)
class EvaluationEvent(Cited):
    """The members of an event that identify an evaluation round."""

    evaluation: str
    title: str


@dataclass(frozen=True, kw_only=True)
class EvaluationNoticed(EvaluationEvent):
    issued_on: date
    opens_at: datetime
    closes_at: datetime
    policy: str
    invited: int


@dataclass(frozen=True, kw_only=True)
class EvaluationChanged(EvaluationEvent):
    closes_at: datetime
    extended: bool


@dataclass(frozen=True, kw_only=True)
class EvaluationCancelled(EvaluationEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class EvaluationPublicised(EvaluationEvent):
    ends_on: date
    graded: int


@dataclass(frozen=True, kw_only=True)
class EvaluationDue(ConsortiumEvent):
    next_round_by: date | None
    overdue: bool


# The data of events about participations


@dataclass(frozen=True, kw_only=True)
class OfParticipation(ConsortiumEvent):
    """The header of an event about a participation in a round."""

    participation: str = field(init=False)
    evaluation: str = field(init=False)


@dataclass(frozen=True, kw_only=True)
class ParticipationStep(OfParticipation):
    """The header of an event about a step of a participation. `version`: the version of the participation's report."""

    version: int = field(init=False)


@dataclass(frozen=True, kw_only=True)
class ParticipationEvent(ParticipationStep):
    """The header of an event about a step of a participation, with the title of its round."""

    title: str = field(init=False)


@dataclass(frozen=True, kw_only=True)
class ParticipationInvited(ParticipationEvent):
    mandatory: bool
    opens_on: date
    closes_on: date


@dataclass(frozen=True, kw_only=True)
class ParticipationExtended(ParticipationEvent):
    mandatory: bool
    closes_on: date
    answer_by: date | None


@dataclass(frozen=True, kw_only=True)
class ParticipationSubmitted(ReviewRequest, ParticipationStep):
    related_units: list[str] | None = None
    #: The evaluation round: the reports of a round are always ranked.
    call: Call
    report: RoundReportDict
    period: Period
    likenesses: list[Likeness] | None = None
    handed_over: int | None = None


@dataclass(frozen=True, kw_only=True)
class ParticipationStagePassed(ParticipationEvent):
    stage: str
    next_stage: str


@dataclass(frozen=True, kw_only=True)
class ParticipationRescored(ParticipationEvent):
    stage: str
    regraded: bool


@dataclass(frozen=True, kw_only=True)
class ParticipationReturned(ParticipationEvent):
    stage: str
    by: str
    comment: str
    sections: list[SectionFault]
    correction_due: datetime


@dataclass(frozen=True, kw_only=True)
class ParticipationCorrectionExtended(ParticipationEvent):
    stage: str
    by: str
    reason: str
    correction_due: datetime


@dataclass(frozen=True, kw_only=True)
class ParticipationLeft(ParticipationEvent):
    """The data of `participation.withdrawn` and `participation.absent`."""

    reason: str
    given_up: bool
    comment: str | None = None


@dataclass(frozen=True, kw_only=True)
class DeferralEvent(ParticipationEvent):
    """The data of `participation.deferral_requested` and `participation.deferral_answered`."""

    reason: str
    outcome: str | None = None
    closes_on: date | None = None
    answer_by: date | None = None
    in_a_row: int | None = None


@dataclass(frozen=True, kw_only=True)
class ParticipationOutcomeAllowed(ParticipationEvent):
    identifier: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ParticipationHandedOver(ParticipationEvent):
    from_bureau: str
    to_bureau: str
    handed_over: int


@dataclass(frozen=True, kw_only=True)
class ParticipationOpinionVoid(ParticipationEvent):
    case: str
    what: str | None = None
    seat: str | None = None
    reason: str


# The data of events about grades


@dataclass(frozen=True, kw_only=True)
class GradeEvent(OfParticipation):
    title: str = field(init=False)
    grade: str
    score: str | None


@dataclass(frozen=True, kw_only=True)
class EvaluationGraded(GradeEvent):
    reason: str | None
    objection: str | Absent | None = ABSENT
    objections: list[str] | None = None


@dataclass(frozen=True, kw_only=True)
class EvaluationPublished(GradeEvent):
    reason: str | Absent | None = ABSENT
    objection: str | Absent | None = ABSENT
    objections: list[str] | None = None
    commended: bool
    published_on: date
    next_round_by: date
    issued_on: date | None = None
    units: list[str]


@dataclass(frozen=True, kw_only=True)
class GradePublicised(ParticipationEvent):
    grade: str
    ends_on: date


@dataclass(frozen=True, kw_only=True)
class GradeObjectionEvent(ParticipationEvent):
    """The header of an event about an objection to a grade. Every subclass also has `by`, the account that objected, in its
    header."""

    objection: str = field(init=False)


@dataclass(frozen=True, kw_only=True)
class GradeObjected(GradeObjectionEvent):
    by: str | Absent | None = field(init=False, default=ABSENT)
    answer_by: date


@dataclass(frozen=True, kw_only=True)
class ObjectionAnswerPrepared(GradeObjectionEvent):
    by: str | None = field(init=False)
    outcome: str


@dataclass(frozen=True, kw_only=True)
class ObjectionAnswered(GradeObjectionEvent):
    by: str | None = field(init=False)
    answer: str
    outcome: str


# The data of events about rectifications and revocations


@dataclass(frozen=True, kw_only=True)
class RectificationEvent(ConsortiumEvent):
    """The data of an event about a step of a rectification."""

    rectification: str
    due_on: date
    status: str
    units: list[str]
    outcome: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class RevocationEvent(ConsortiumEvent):
    """The header of an event about a step of a revocation case. `revocation.stated` has no members but these."""

    revocation: str = field(init=False)
    grounds: list[str] = field(init=False)
    status: str = field(init=False)
    units: list[str] = field(init=False)


@dataclass(frozen=True, kw_only=True)
class RevocationProposed(RevocationEvent):
    ground: str
    fact: Fact


@dataclass(frozen=True, kw_only=True)
class RevocationOpened(RevocationEvent):
    reason: str
    statement_due: datetime
    statement_due_on: date


@dataclass(frozen=True, kw_only=True)
class RevocationDismissed(RevocationEvent):
    reason: str
    restored: bool | None = None


@dataclass(frozen=True, kw_only=True)
class RevocationDecided(RevocationEvent):
    restored: bool | None = None
    outcome: str
    reason: str
    decided_on: date


# The data of events about annual reports, coordination items and inspections


@dataclass(frozen=True, kw_only=True)
class DutyEvent(Cited):
    """The header of an event about a duty of a consortium. `report.due` has no `number`."""

    consortium: str = field(init=False)
    number: str | None = field(init=False, default=None)
    name: str = field(init=False)
    lead: LeadReference = field(init=False)


@dataclass(frozen=True, kw_only=True)
class ReportEvent(DutyEvent):
    """The header of an event about an annual report. `report.accepted` and `report.overdue` have no members but these;
    `report.due` has no `version` either."""

    year: int = field(init=False)
    due_on: date = field(init=False)
    version: int | None = field(init=False, default=None)


@dataclass(frozen=True, kw_only=True)
class ReportReminded(ReportEvent):
    days_left: int | None = None
    days_overdue: int | None = None


@dataclass(frozen=True, kw_only=True)
class ReportSubmitted(ReviewRequest, ReportEvent):
    report: AnnualReportDict
    late: bool
    handed_over: int | None = None


@dataclass(frozen=True, kw_only=True)
class ReportReturned(ReportEvent):
    stage: str
    by: str
    comment: str
    sections: list[SectionFault]


@dataclass(frozen=True, kw_only=True)
class ReportEnded(ReportEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReportReopened(ReportEvent):
    comment: str


@dataclass(frozen=True, kw_only=True)
class ReportHandedOver(ReportEvent):
    from_bureau: str
    to_bureau: str
    handed_over: int


@dataclass(frozen=True, kw_only=True)
class ReportOpinionVoid(ReportEvent):
    case: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class CoordinationEvent(DutyEvent):
    """The data of an event about a step of a coordination item. Each such event has some of the last four members."""

    item: str = field(init=False)
    matter: str = field(init=False)
    asked_of: str = field(init=False)
    status: str = field(init=False)
    due_on: date | Absent | None = ABSENT
    answer: str | None = None
    result: str | Absent | None = ABSENT
    by: str | Absent | None = ABSENT


@dataclass(frozen=True, kw_only=True)
class InspectionRecorded(DutyEvent):
    inspection: str
    year: int | None = None
    inspected_on: date
    result: str
    late: bool | None = None
    under_guidance: bool
    follow_up_on: date | None


@dataclass(frozen=True, kw_only=True)
class FollowUpDue(DutyEvent):
    inspection: str
    follow_up_on: date
