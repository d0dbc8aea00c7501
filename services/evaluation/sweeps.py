"""The sweeps of the evaluation service. Each has a function that returns the ids of the due items, and a function that processes
one item."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.evaluation.commands import inspect, rectify, report_yearly
from services.evaluation.commands.leave_round import mark_absent
from services.evaluation.commands.open_report import open_report
from services.evaluation.commands.take_effect import take_effect
from services.evaluation.domain.annual_report import Obligation, ReportStatus
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.participation import ParticipationStatus
from services.evaluation.repository import consortia, duties, outcomes, revocations, rounds
from services.kernel.clock import Clock
from services.policy import Policies

#: The most items that one run of a sweep processes; the next run processes the rest.
MOST = 1000


def unopened_reports(session: Session, clock: Clock) -> list[str]:
    """Return the consortia that owe an annual report of this or an earlier year which is not open yet, each as
    `<consortium>/<this year>`."""
    year = clock.today().year
    return [f"{id}/{year}" for id in consortia.without_open_obligations(session, year)]


def open_yearly_reports(session: Session, clock: Clock, policies: Policies, *, id: str) -> str:
    """Open the annual reports that a consortium owes up to and including the year and that are not open yet."""
    key, _, year = id.partition("/")
    consortium = session.get_one(Consortium, key, with_for_update=True)
    opened = consortium.years_to_open(int(year))
    for missing in opened:
        open_report(session, clock, policies, consortium, missing)
    return f"opened the reports of {', '.join(map(str, opened)) or 'no year'}"


def overdue_reports(session: Session, clock: Clock) -> list[str]:
    """Return the overdue reports for which no event was published yet (A12), each as `<consortium>/<year>`."""
    return duties.newly_overdue(session, clock.now(), MOST)


def publish_overdue(session: Session, clock: Clock, id: str) -> str:
    """Publish, once, that a report is overdue."""
    consortium, report = _lock_report(session, id)
    if report.overdue_told or report.status(clock.now()) != ReportStatus.OVERDUE or not consortium.alive:
        return "nothing"
    report_yearly.note_overdue(session, consortium, report)
    return "overdue"


def reports_to_remind(session: Session, clock: Clock) -> list[str]:
    """Return the unsubmitted reports whose reminder is due, each as `<consortium>/<year>`."""
    return duties.to_remind(session, clock.today(), MOST)


def remind(session: Session, clock: Clock, policies: Policies, id: str) -> str:
    """Send one reminder of a report, even if several reminders became due since the last run."""
    consortium, report = _lock_report(session, id)
    if report.state != ReportStatus.DUE or report.next_reminder > clock.today() or not consortium.alive:
        return "nothing"
    report_yearly.remind(session, clock, policies, consortium, report)
    return "reminded"


def follow_ups(session: Session, clock: Clock) -> list[str]:
    """Return the ids of the inspections whose follow-up is due (A11)."""
    return duties.follow_ups(session, clock.today(), MOST)


def follow_up(session: Session, clock: Clock, id: str) -> str:
    """Remind the bureau of the follow-up of one inspection."""
    return inspect.follow_up(session, clock, id)


def ended_windows(session: Session, clock: Clock) -> list[str]:
    """Return the ids of the participations without a submitted report whose time for the report is over (A13)."""
    return rounds.ended_windows(session, clock.now(), MOST)


def mark_absent_after_window(session: Session, clock: Clock, policies: Policies, id: str) -> str:
    """End this participation as absent, or as declined if the consortium need not take part. The round is locked first, so that
    an extension of its window that another transaction is committing counts."""
    round = rounds.round(session, rounds.evaluation_of(session, id), lock=True)
    participation = rounds.with_consortium(session, id)
    if not participation.is_absent(round, clock.now()):
        return "nothing"
    return mark_absent(session, clock, policies, participation, lapsed=False)


def lapsed_corrections(session: Session, clock: Clock) -> list[str]:
    """Return the ids of the participations whose report was returned and whose correction window is over."""
    return rounds.lapsed_corrections(session, clock.now(), MOST)


def lapse(session: Session, clock: Clock, policies: Policies, id: str) -> str:
    """End a participation as absent because its returned report was not corrected in time."""
    participation = rounds.with_consortium(session, id)
    due = participation.correction_due
    if participation.status != ParticipationStatus.RETURNED or due is None or clock.now() <= due:
        return "nothing"
    return mark_absent(session, clock, policies, participation, lapsed=True)


def ended_publicity(session: Session, clock: Clock) -> list[str]:
    """Return the ids of the rounds with a grade whose publicity period is over and whose objections are answered."""
    return rounds.ended_publicity(session, clock.now())


def put_grades_into_effect(session: Session, clock: Clock, policies: Policies, id: str) -> str:
    """Let those grades of a round take effect whose publicity is over and whose objections are answered."""
    round = rounds.round(session, id, lock=True)
    return "grades in effect" if take_effect(session, clock, policies, round) else "nothing"


def claims_keyed_before(session: Session) -> list[str]:
    """Return one id if there are claims of outcomes with keys that an earlier release wrote."""
    return ["outcomes"] if outcomes.old_claims(session) else []


def key_claims(session: Session, id: str) -> str:
    """Replace the keys that earlier releases wrote by keys of this release."""
    return f"{outcomes.rekey(session)} claims"


def ended_rectifications(session: Session, clock: Clock) -> list[str]:
    """Return the ids of the rectifications whose year is over and whose acceptance is not open yet (A13)."""
    return revocations.fallen_due(session, clock.today())


def open_acceptance(session: Session, clock: Clock, id: str) -> str:
    """Open the acceptance of one rectification."""
    return rectify.open_due_acceptance(session, clock, id)


def _lock_report(session: Session, id: str) -> tuple[Consortium, Obligation]:
    key, _, year = id.partition("/")
    return consortia.consortium(session, key), duties.report(session, key, int(year), lock=True)
