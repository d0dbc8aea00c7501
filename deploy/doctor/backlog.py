"""The work that waits in a service's database: events to publish or to process, uploads to inspect, and audit entries to seal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, select, text
from sqlalchemy.orm import Session

from deploy import composition
from deploy.doctor.finding import Finding, first_line, soon, wrong
from services.kernel.clock import Clock, local_date, real_now
from services.kernel.persistence.database import Database
from services.kernel.persistence.tables import audit, audit_chain, domain_clock, inbox, outbox
from services.kernel.settings import Settings
from services.policy import holidays_known_through

#: Seconds after which a waiting row of an outbox or inbox is a sign of a fault.
STUCK = 60
#: The time within which a sweep should have done its due work.
OVERDUE = timedelta(minutes=10)
#: The remedy if entries of the audit log are not sealed.
_UNSEALED = "See that the service runs; where it does, its log says which entries it refuses: `guichuang audit verify`."
#: The largest number of types of parked or failing events that a finding names.
NAMED = 3

#: Service → (the rows to count, their description, the remedy).
UNDONE = {
    "notification": (
        ("SELECT count(*) FROM letters WHERE state = 'failed'", "letters were not taken", "See `GET /letters?state=failed`."),
        (
            "SELECT count(*) FROM webhooks WHERE state = 'paused' AND reason <> 'by_owner'",
            "webhooks are paused because their subscribers take nothing",
            "Ask their owners; then `POST /webhooks/{id}/resumption`.",
        ),
    ),
    "documents": (
        (
            "SELECT count(*) FROM documents WHERE state = 'damaged'",
            "documents are damaged",
            "Restore their objects from the backup: docs/operations/documents.md.",
        ),
        (
            "SELECT count(*) FROM records r WHERE r.disposed_on IS NULL AND r.due_on < CURRENT_DATE AND NOT EXISTS "
            "(SELECT 1 FROM holds h JOIN records o ON o.subject = h.subject WHERE h.lifted_at IS NULL AND o.file = r.file)",
            "case files are past their term and still there",
            "See that the service runs; its log says why the store refuses, `guichuang sweep` tries at once.",
        ),
    ),
}


def check(service: str, database: Database, settings: Settings, reason: str | None) -> Iterator[Finding]:
    """Yield the findings about a service's waiting work. `reason`: the reason why no event can be published, if it is known."""
    with database.read() as session:
        symptoms = [
            *_unpublished(service, session, reason),
            *_parked(service, session),
            *_failing(service, session),
            *_unsealed(service, session),
            *_unfinished_work(service, session),
            *_overdue(service, session),
            *_without_holidays(service, session),
        ]
    yield from symptoms or [Finding(service, "nothing waits")]


def _unpublished(service: str, session: Session, reason: str | None) -> Iterator[Finding]:
    waiting = outbox.c.published_at.is_(None)
    columns = func.count(), func.min(outbox.c.occurred_at), func.min(outbox.c.position)
    count, since, oldest = session.execute(select(*columns).where(waiting)).one()
    age = _age(since, session) if since else 0
    if age <= STUCK:
        return
    problem = f"{count} events wait to be published, the oldest for {age} s{f': {reason}' if reason else ''}"
    advice = (
        "They go out by themselves once that is mended."
        if reason
        else "Start it; where it runs, its log says why: look for `publishing`."
    )
    yield wrong(service, problem, advice, passing="" if reason else f"outbox {oldest}")


def _parked(service: str, session: Session) -> Iterator[Finding]:
    kinds = _kinds(session, inbox.c.state == "parked")
    if kinds:
        advice = "See `guichuang events dead-letters list`; after the cause is cured, `… replay`."
        yield wrong(service, f"{kinds.total()} events are parked after all their tries: {_kinds_text(kinds)}", advice)


def _failing(service: str, session: Session) -> Iterator[Finding]:
    """Yield findings about events whose reaction failed and is tried again, and about events that wait although the reaction to
    no earlier event fails."""
    pending = inbox.c.state == "pending"
    if kinds := _kinds(session, pending & (inbox.c.attempts > 0)):
        advice = "Cure the cause before they are parked; they are tried again by themselves."
        yield soon(service, f"{kinds.total()} events fail and are tried again: {_kinds_text(kinds)}", advice)
    before = inbox.alias("before")
    not_due = exists().where(
        before.c.subject == inbox.c.subject,
        before.c.producer == inbox.c.producer,
        before.c.state == "pending",
        before.c.attempts > 0,
    )
    columns = func.min(inbox.c.received_at), func.min(inbox.c.position)
    since, oldest = session.execute(select(*columns).where(pending, inbox.c.attempts == 0, ~not_due)).one()
    age = int((real_now() - since).total_seconds()) if since else 0
    if age > STUCK:
        problem = f"events wait for their reaction for {age} s"
        yield wrong(service, problem, "See that the service runs.", passing=f"inbox {oldest}")


def _kinds(session: Session, condition: ColumnElement[bool]) -> Counter[str]:
    rows = session.execute(select(inbox.c.type, inbox.c.error).where(condition))
    return Counter(f"{row.type} ({first_line(row.error or 'no error kept')})" for row in rows)


def _kinds_text(kinds: Counter[str]) -> str:
    kinds_named = [f"{count} × {kind}" if count > 1 else kind for kind, count in kinds.most_common(NAMED)]
    return "; ".join(kinds_named) + (f"; and {len(kinds) - NAMED} other kinds" if len(kinds) > NAMED else "")


def _unsealed(service: str, session: Session) -> Iterator[Finding]:
    linked = exists().where(audit_chain.c.audit_position == audit.c.position)
    unmarked = select(func.count()).where(audit.c.sealed.is_(None), linked)
    if count := session.execute(unmarked).scalar_one():
        advice = "An account wrote to its database directly: `guichuang audit verify`, docs/operations/runbooks/AuditTampered.md."
        yield wrong(service, f"{count} sealed audit entries are marked as not sealed", advice)
    columns = func.min(audit.c.at), func.min(audit.c.position)
    since, oldest = session.execute(select(*columns).where(audit.c.sealed.is_(None), ~linked)).one()
    if since and _age(since, session) > STUCK:
        problem = f"audit entries wait for their seal since {since:%Y-%m-%d %H:%M} UTC"
        yield wrong(service, problem, _UNSEALED, passing=f"audit {oldest}")


def _unfinished_work(service: str, session: Session) -> Iterator[Finding]:
    for statement, problem, advice in UNDONE.get(service, ()):
        if count := session.execute(text(statement)).scalar_one():
            yield wrong(service, f"{count} {problem}", advice)


@dataclass(frozen=True, slots=True)
class _StandsAt(Clock):
    """The domain's clock, fixed at one instant."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant

    def today(self) -> date:
        return local_date(self.instant)


def _overdue(service: str, session: Session) -> Iterator[Finding]:
    """Yield findings about work that a sweep should have done. Each sweep is asked which work is due, because after a run of the
    sweep none is left. A sweep that reports due work even for an instant before the platform existed does not use the domain's
    clock and is left out."""
    overdue_clock, epoch_clock = _StandsAt(real_now() + _moved(session) - OVERDUE), _StandsAt(datetime(1970, 1, 1, tzinfo=UTC))
    late = {}
    for sweep in composition.registry_of(service).sweeps:
        if sweep.due.wants == {"session", "clock"} and not sweep.due.run(session=session, clock=epoch_clock):
            late[sweep.name] = len(sweep.due.run(session=session, clock=overdue_clock))
    late = {name: count for name, count in late.items() if count}
    if late:
        listed = ", ".join(f"{name} {count}" for name, count in late.items())
        problem = f"what fell due more than {OVERDUE.seconds // 60} minutes ago is not done: {listed}"
        yield soon(service, problem, "If it stays so: see that the service runs; its log says why (`sweep failed`).")


def _without_holidays(service: str, session: Session) -> Iterator[Finding]:
    """Yield a finding about deadlines in working days that extend into a year whose holidays are not known: these deadlines may
    be wrong by some days."""
    for measure in composition.registry_of(service).gauges:
        if measure.name == "deadlines_without_holidays" and (counted := measure.operation.run(session=session)):
            last_known_year, count = holidays_known_through(), int(sum(counted.values()))
            problem = f"{count} deadlines reach beyond {last_known_year}, after which no public holidays are known"
            yield soon(
                service, problem, f"Add the notice of {last_known_year + 1} once it is announced: docs/operations/holidays.md."
            )


def _moved(session: Session) -> timedelta:
    return timedelta(days=session.execute(select(domain_clock.c.offset_days)).scalar_one_or_none() or 0)


def _age(since: datetime, session: Session) -> int:
    """Return the seconds that have passed since an instant of the domain's clock."""
    return int((real_now() + _moved(session) - since).total_seconds())
