"""Delete rows whose retention period in the policy has ended: settled entries of the watch list, and verifications that are no
longer in force. While there is a legal hold on the case of such a row, the row is kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from services.application.domain.verification import Verification
from services.application.domain.watch import Watch
from services.application.repository import verifications, watches
from services.application.tables import verifications as verification_rows
from services.application.tables import watches as watch_rows
from services.kernel.clock import Clock, start_of_day
from services.kernel.identity import PROVINCE
from services.kernel.persistence import unit_of_work
from services.policy import Policies, add_years

#: The greatest number of rows that one sweep deletes; the next sweep deletes the rest.
MOST = 1000
#: The policy's names for the retention periods of settled watch-list entries and of ended verifications.
WATCH, VERIFICATION = "watch", "verification"


def settled_entries(session: Session, clock: Clock, policies: Policies) -> list[str]:
    """Return the ids of the watch-list entries to delete: those settled so long ago that their retention period is over, by the
    policy in force."""
    before = _disposal_cutoff(clock, policies, WATCH)
    return watches.settled_before(session, before.date(), MOST) if before else []


def dispose_of_entry(session: Session, clock: Clock, policies: Policies, id: str) -> str:
    row, cutoff = session.get(Watch, id, with_for_update=True), _disposal_cutoff(clock, policies, WATCH)
    if row is None or cutoff is None or row.settled_on is None or row.settled_on > cutoff.date():
        return "nothing"
    if watches.is_held(session, id):
        return "nothing"
    state, about = row.state(), f"consortium/{row.consortium_id}"
    session.execute(delete(watch_rows).where(watch_rows.c.id == id))
    unit_of_work.audit_only(session, "watch.disposed", about, bureau=row.recommender, before=state)
    return "disposed"


def ended_verifications(session: Session, clock: Clock, policies: Policies) -> list[str]:
    """Return the ids of the verifications to delete: those that ended so long ago that their retention period is over, by the
    policy in force."""
    before = _disposal_cutoff(clock, policies, VERIFICATION)
    return verifications.ended_before(session, before, MOST) if before else []


def dispose_of_verification(session: Session, clock: Clock, policies: Policies, id: str) -> str:
    row, cutoff = session.get(Verification, id, with_for_update=True), _disposal_cutoff(clock, policies, VERIFICATION)
    if row is None or cutoff is None or row.ended_at is None or row.ended_at >= cutoff:
        return "nothing"
    if verifications.is_held(session, id):
        return "nothing"
    state, about = row.answer(), f"organisation/{row.uscc}"
    session.execute(delete(verification_rows).where(verification_rows.c.id == id))
    unit_of_work.audit_only(session, "verification.disposed", about, bureau=PROVINCE, before=state)
    return "disposed"


def _disposal_cutoff(clock: Clock, policies: Policies, record_kind: str) -> datetime | None:
    """Return the instant before which rows may be deleted; None if no policy is in force or the policy sets no such period."""
    today = clock.today()
    if today < policies.since():
        return None
    term = policies.in_force(today).retention.get(record_kind)
    return start_of_day(add_years(today, -term.years)) if term else None
