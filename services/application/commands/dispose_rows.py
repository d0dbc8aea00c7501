"""Delete what the policy keeps no longer: settled entries of the watch list and verifications that ended."""

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

#: Rows taken up in one sweep; the next takes the rest.
MOST = 1000
#: The terms in the policy.
WATCH, VERIFICATION = "watch", "verification"


def settled_entries(session: Session, clock: Clock, policies: Policies) -> list[str]:
    """Sweep: entries of the watch list that were settled longer ago than the policy in force keeps them."""
    before = _before(clock, policies, WATCH)
    return watches.settled_before(session, before.date(), MOST) if before else []


def dispose_of_entry(session: Session, clock: Clock, policies: Policies, id: str) -> str:
    found, before = session.get(Watch, id, with_for_update=True), _before(clock, policies, WATCH)
    if found is None or before is None or found.settled_on is None or found.settled_on > before.date():
        return "nothing"
    state, about = found.state(), f"consortium/{found.consortium_id}"
    session.execute(delete(watch_rows).where(watch_rows.c.id == id))
    unit_of_work.audit_only(session, "watch.disposed", about, bureau=found.recommender, before=state)
    return "disposed"


def ended_verifications(session: Session, clock: Clock, policies: Policies) -> list[str]:
    """Sweep: verifications that ended longer ago than the policy in force keeps them."""
    before = _before(clock, policies, VERIFICATION)
    return verifications.ended_before(session, before, MOST) if before else []


def dispose_of_verification(session: Session, clock: Clock, policies: Policies, id: str) -> str:
    found, before = session.get(Verification, id, with_for_update=True), _before(clock, policies, VERIFICATION)
    if found is None or before is None or found.ended_at is None or found.ended_at >= before:
        return "nothing"
    state, about = found.shown(), f"organisation/{found.uscc}"
    session.execute(delete(verification_rows).where(verification_rows.c.id == id))
    unit_of_work.audit_only(session, "verification.disposed", about, bureau=PROVINCE, before=state)
    return "disposed"


def _before(clock: Clock, policies: Policies, of: str) -> datetime | None:
    """The first instant that is still kept; None if no policy is in force or the policy names no term."""
    today = clock.today()
    if today < policies.since():
        return None
    term = policies.in_force(today).retention.get(of)
    return start_of_day(add_years(today, -term.years)) if term else None
