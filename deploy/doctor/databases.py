"""A service's database: whether it answers, whether its tables have the version of this code, whether its clock agrees, and which
work waits in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import text

from deploy import composition
from deploy.cli.verify import custody
from deploy.doctor import backlog
from deploy.doctor.finding import Finding, first_line, soon, wrong
from deploy.keys.rotation import sealed_before
from services.kernel.audit import KEEPERS
from services.kernel.clock import real_now
from services.kernel.messaging.outbox import LEADER_LOCK
from services.kernel.messaging.rpc import TIMEOUT
from services.kernel.persistence import erasure, housekeeping, migrate
from services.kernel.persistence.database import Database
from services.kernel.persistence.tables import domain_clock
from services.kernel.persistence.tables import fences as fences_table
from services.kernel.relocation import fencing
from services.kernel.settings import Settings

#: Seconds by which a clock may differ before the difference is reported, and before it is reported as a fault: a request is valid
#: for `TIMEOUT` seconds by the sender's clock.
SKEW, TOO_MUCH_SKEW = 2.0, TIMEOUT / 2
#: The age from which on the last backup is reported, and the longest time that a bureau's move may take.
BACKUP_EVERY, MOVE_TAKES = timedelta(hours=26), timedelta(minutes=10)
#: The longest time that erased data may remain in a database's files.
SCRUB_TAKES = timedelta(minutes=10)
#: The age from which on an old backup is reported as a fault.
BACKUP_TOO_OLD = timedelta(days=3)


class Databases:
    """The databases that answered, and the fenced bureaus that the checks found in them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: dict[str, Database] = {}
        #: Bureaus on whose cases these databases do not work, because the cases are moving or have moved to another database.
        self.fenced: set[str] = set()
        #: Those of the fenced bureaus whose cases are in another database now.
        self.moved: set[str] = set()

    @property
    def reached(self) -> frozenset[str]:
        """Return the services whose database answers."""
        return frozenset(self._open)

    def close(self) -> None:
        for database in self._open.values():
            database.close()

    def reach(self, service: str) -> Iterator[Finding]:
        """Yield the findings about a database's connection, its tables and its clock."""
        database = Database(self._settings.database(service), pool=1)
        try:
            revisions = migrate.current(database)
        except Exception as error:
            database.close()
            problem = f"its database does not answer: {first_line(error.__cause__ or error)}"
            server = (
                "Start the platform once, or set GUICHUANG_VAR."
                if database.sqlite
                else "Start the database server, or correct GUICHUANG_DB_…."
            )
            yield wrong(service, problem, server)
            return
        heads = migrate.heads(service)
        if not migrate.reached(heads, revisions):
            database.close()
            yield wrong(service, "its database is behind this version", "Run `guichuang migrate`.")
            return
        self._open[service] = database
        if revisions != heads:
            advice = "During an upgrade that is as it should be; else deploy the newer version here too."
            yield soon(service, "its database is ahead of this version: the code here is the older one", advice)
        else:
            yield Finding(service, "its database answers and is at this version")
        if not database.sqlite:
            yield from skew(f"{service}'s database", _offset(database), service)
        with database.read() as session:
            self.fenced |= fencing.fenced_bureaus(session)
            self.moved |= {row.bureau for row in session.execute(fences_table.select()) if row.state == fencing.MOVED}

    def audited(self) -> Iterator[Finding]:
        """Yield findings that say whether the keepers (the services that store the digests of others' newest audit entries) have
        every digest that was announced. (`guichuang audit verify` checks everything.)"""
        if not any(keeper in self._open for keeper in KEEPERS):
            return
        advice = "Treat it as tampering until it is explained: save the database, then docs/operations/runbooks/AuditTampered.md."
        findings = [(finding.service, flaw) for finding in custody(self._open) for flaw in finding.flaws]
        for keeper, flaw in findings:
            if flaw.awaited:
                start = f"Start {keeper}, or mend the link to it; what waits on its queue arrives then."
                yield wrong("audit", f"{keeper} is away: {flaw}", start)
            else:
                yield wrong("audit", f"{keeper} lacks anchors: {flaw}", advice)
        if not findings:
            yield Finding("audit", "the keepers have every anchor that was announced; `guichuang audit verify` checks the logs")

    def state(self, service: str, bus: str | None) -> Iterator[Finding]:
        """Yield the findings about the work that waits in a service's database; `bus` describes the broker's fault, if there is
        one."""
        database = self._open.get(service)
        if database is None:
            return
        led = database.sqlite or _has_leader(database)
        if not led:
            serves = "identity" if service == "gateway" else service
            advice = f"Start it: `guichuang serve {serves}`; where it runs, its log says what it cannot reach."
            yield wrong(service, "no process of it leads: nothing is published, sealed or swept", advice, passing="no leader")
        yield from backlog.check(service, database, self._settings, bus or (None if led else "no process of it leads"))
        yield from self._moves(service, database)
        yield from self._backups(service, database)
        yield from self._secrets(service)

    def _moves(self, service: str, database: Database) -> Iterator[Finding]:
        with database.read() as session:
            rows = session.execute(fences_table.select()).all()
        served = composition.jurisdictions(self._settings)
        for row in rows:
            if row.state == fencing.MOVED and row.bureau in served:
                advice = f"Take it out of GUICHUANG_JURISDICTIONS here (`-{row.bureau}`) and restart {service}."
                yield soon(service, f"bureau {row.bureau} has moved to another database and is still among those served", advice)
            elif row.state != fencing.MOVED and real_now() - row.at > MOVE_TAKES:
                unserved = "" if row.state == fencing.PREPARING else ": it is not served here"
                problem = f"bureau {row.bureau} is on its way ({row.state}) since {row.at:%Y-%m-%d %H:%M} UTC{unserved}"
                yield wrong(service, problem, "Run the same `guichuang move` again; it goes on where it stopped.")

    def _backups(self, service: str, database: Database) -> Iterator[Finding]:
        with database.read() as session:
            last = housekeeping.last_backup(session)
            days = session.execute(domain_clock.select()).one_or_none()
            erased = erasure.pending(session)
        if erased and real_now() - erased > SCRUB_TAKES:
            advice = f"Start {service}, which removes them within seconds; where it runs, its log says why it cannot."
            yield wrong(service, f"data erased at {erased:%Y-%m-%d %H:%M} UTC are still in its database's files", advice)
        if days and days.offset_days:
            yield Finding(service, f"its date is moved by {days.offset_days} days (demonstration)")
        if self._settings.demo:
            return
        advice = "Run `guichuang backup`, daily: docs/operations/backup.md."
        if last is None:
            yield soon(service, "it was never saved", advice)
        elif real_now() - last > BACKUP_TOO_OLD:
            yield wrong(service, f"its last backup is of {last:%Y-%m-%d %H:%M} UTC", advice)
        elif real_now() - last > BACKUP_EVERY:
            yield soon(service, f"its last backup is of {last:%Y-%m-%d %H:%M} UTC", advice)

    def _secrets(self, service: str) -> Iterator[Finding]:
        try:
            remaining = service in composition.VAULTS and sealed_before(service, self._settings)
        except (OSError, ValueError, KeyError):  # The findings about keys report this error.
            return
        if remaining:
            problem = f"{remaining} secrets are sealed with a key that is to leave"
            yield soon(service, problem, f"The service seals them again by itself; then `guichuang keys retire {service}.vault`.")


def skew(owner: str, offset: float, part: str = "clock") -> Iterator[Finding]:
    """Yield the finding for a clock that is `offset` seconds ahead of this machine's."""
    if abs(offset) <= SKEW:
        return
    problem = f"the clock of {owner} is {abs(offset):.0f} s {'ahead of' if offset > 0 else 'behind'} the one here"
    advice = f"Set both by NTP: requests are good for {TIMEOUT:.0f} s, what services state for a minute."
    yield (wrong if abs(offset) > TOO_MUCH_SKEW else soon)(part, problem, advice)


def _offset(database: Database) -> float:
    """Return the number of seconds by which a server's clock is ahead of this machine's clock. The most exact of several readings
    is returned, because each reading may be delayed."""
    findings = []
    with database.read() as session:
        for _ in range(3):
            before = real_now()
            server_time: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
            after = real_now()
            findings.append((after - before, (server_time - before - (after - before) / 2).total_seconds()))
    return min(findings)[1]


def _has_leader(database: Database) -> bool:
    """Return whether a process has the leader lock, which is needed to publish, seal and sweep."""
    lock_held = text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 0 AND objid = :lock "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    with database.read() as session:
        return bool(session.execute(lock_held, {"lock": LEADER_LOCK}).scalar_one())
