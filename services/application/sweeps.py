"""The sweeps: they process cases that become due by the passing of time, such as missed corrections and ended publicity periods.
Each is idempotent."""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from services.application.commands.apply_change_opinion import effect_on_its_day
from services.application.commands.recognise import recognise_or_hold
from services.application.commands.reevaluate_consortium import evaluate_again
from services.application.commands.request_report import mark_overdue
from services.application.commands.withdraw_application import end
from services.application.repository import cases, changes, directions, register, watches
from services.application.tables import applications, objections
from services.kernel.clock import Clock
from services.objections.table import unanswered
from services.policy import Policies

#: The greatest number of cases that one sweep processes; the next sweep takes the rest.
MOST = 1000

_open_objection = exists().where(objections.c.application_id == applications.c.id, unanswered(objections.c))


def lapsed_corrections(session: Session, clock: Clock) -> list[str]:
    """Return the ids of returned applications whose correction window is over."""
    statement = (
        select(applications.c.id)
        .where(applications.c.status == "returned", applications.c.correction_due < clock.now())
        .order_by(applications.c.correction_due)
        .limit(MOST)
    )
    return list(session.execute(statement).scalars())


def lapse_correction(session: Session, clock: Clock, id: str) -> str:
    """Withdraw a returned application that was not corrected within its window."""
    application = cases.application(session, id, lock=True)
    if application.status != "returned" or application.correction_due is None or application.correction_due >= clock.now():
        return "nothing"
    end(session, clock, application, "lapsed")
    return "withdrawn"


def ended_publicity(session: Session, clock: Clock) -> list[str]:
    """Return the ids of approved applications whose publicity period is over and that have no unanswered objection."""
    statement = (
        select(applications.c.id)
        .where(applications.c.status == "publicised", applications.c.publicity_ends < clock.now(), ~_open_objection)
        .order_by(applications.c.publicity_ends)
        .limit(MOST)
    )
    return list(session.execute(statement).scalars())


def finish_publicity(session: Session, clock: Clock, policies: Policies, id: str) -> str:
    """Recognise an application whose publicity period is over, or hold its recognition."""
    application = cases.application(session, id, lock=True)
    has_ended = application.publicity_ends is not None and application.publicity_ends < clock.now()
    if application.status != "publicised" or not has_ended or cases.has_open_objection(session, id):
        return "nothing"
    recognise_or_hold(session, clock, policies, application)
    return application.status


def due_changes(session: Session, clock: Clock) -> list[str]:
    """Return the ids of approved changes whose effective day has come (A12)."""
    return changes.due(session, clock.today())


def effect_change(session: Session, clock: Clock, policies: Policies, id: str) -> str:
    """Put an approved change into effect."""
    return effect_on_its_day(session, clock, policies, id)


def reports_overdue(session: Session, clock: Clock) -> list[str]:
    """Return the ids of watch-list entries whose last day for the lead's report is past (A12)."""
    return watches.overdue(session, clock.today())


def lapse_ask(session: Session, clock: Clock, policies: Policies, id: str) -> str:
    """Mark an entry of the watch list as overdue once the lead's term is over."""
    return mark_overdue(session, clock, policies, id)


def penalties_ended(session: Session, clock: Clock) -> list[str]:
    """Return the ids of consortia that are on the watch list because of a penalty that has ended since."""
    return watches.with_ended_penalty(session, clock.today())


def reevaluate_watched(session: Session, clock: Clock, policies: Policies, id: str) -> str:
    """Evaluate a consortium of the watch list again, because a penalty has ended."""
    evaluate_again(session, clock, policies, register.consortium(session, id, lock=True), "penalty_ended")
    return "evaluated"


def directions_outdated(session: Session) -> list[str]:
    """Return the applications and imported consortia whose entry in the index of directions is out of date (A4(1))."""
    return directions.outdated(session, MOST)


def compare_direction(session: Session, id: str) -> str:
    """Update the index to the subject's last submitted direction, or remove its entry."""
    return directions.update_index(session, id)
