"""Scheduled work: sweeps process what is due by a date, audit entries are sealed, and erased data is removed from database
files."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NotRequired, TypedDict

from services.kernel import audit, observability
from services.kernel.clock import Clock, Until, real_now
from services.kernel.errors import Unavailable
from services.kernel.identity import SYSTEM
from services.kernel.messaging import idempotency
from services.kernel.persistence import erasure, housekeeping
from services.kernel.registry import Sweep
from services.kernel.runtime.service_context import ServiceContext

#: The number of days for which the answer to a command is stored, in case the command is repeated.
ANSWERS_KEPT_DAYS = 7

#: Seconds between two announcements of the head of this service's ledger of anchors (the stored heads of other services' audit
#: chains).
LEDGER_INTERVAL = 3600.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TimedWork:
    """Work that a process repeats every `every` seconds."""

    name: str
    every: float
    run: Callable[[], object]


class SweepResult(TypedDict):
    """The result of one due item of a sweep: `did` is what the sweep's function returned; if the function failed, `error` is
    present instead."""

    service: str
    sweep: str
    id: str
    did: NotRequired[object]
    error: NotRequired[str]


class Schedule:
    """The scheduled work of a service. Each due item runs in a transaction of its own, so that a failure does not stop the
    others."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    def timed(self) -> tuple[TimedWork, ...]:
        """Return the timed work of a service. Both buses run this work; if a service has several processes on a broker, only one
        of them runs it."""
        return (
            TimedWork("seal", 5.0, self._seal_and_scrub),
            TimedWork("sweep", 30.0, self.sweep),
            TimedWork("forget", 3600.0, self.forget),
        )

    #: The instant of the monotonic clock at which the head of the ledger is announced next; the first time, as soon as the ledger
    #: has a row.
    ledger_due = -math.inf

    def sweep(self, until: datetime | None = None) -> list[SweepResult]:
        """Process everything that is due by an instant (default: now), each item in its own transaction. The method is
        idempotent. An item that fails is reported and does not stop the other items."""
        self._context.load_changes()
        now = self._context.clock.now()
        sweep_clock: Clock = Until(min(until, now) if until else now)
        results: list[SweepResult] = []
        for sweep in self._context.registry.sweeps:
            with self._context.database.read() as session:
                self._context.begin_unit_of_work(session, SYSTEM, None, None)
                due = self._context.call(sweep.due, session, {}, clock=sweep_clock)
            for id in due:
                results.append(self._run_action(sweep, id))
        observability.swept(self._context.service)
        return results

    def _run_action(self, sweep: Sweep, id: str) -> SweepResult:
        try:
            with observability.sweep_action(self._context.service, sweep.name), self._context.unit(SYSTEM) as session:
                result = self._context.call(sweep.act, session, {"id": id}, actor=SYSTEM)
                return {"service": self._context.service, "sweep": sweep.name, "id": id, "did": result}
        except Unavailable:
            raise
        except Exception as error:
            log.error("sweep failed", exc_info=error, extra={"id": id})
            return {"service": self._context.service, "sweep": sweep.name, "id": id, "error": str(error)}

    def seal(self) -> int:
        """Add unsealed audit entries to their chains, and delete expired answers. Return the number of sealed entries. Entries
        that the service did not write are reported and stay unsealed."""
        with self._context.unit(SYSTEM) as session:
            sealing = audit.seal(session, self._context.verifier, per_bureau=self._context.registry.per_bureau)
            due = self._context.service in audit.KEEPERS and time.monotonic() >= self.ledger_due
            if due and audit.announce_ledger(session):
                self.ledger_due = time.monotonic() + LEDGER_INTERVAL
            idempotency.forget(session, real_now() - timedelta(days=ANSWERS_KEPT_DAYS))
        self._report_refused(sealing)
        return sealing.sealed

    def _report_refused(self, sealing: audit.Sealing) -> None:
        observability.sealed(self._context.service, forged=len(sealing.forged), unmarked=len(sealing.unmarked))
        if sealing.forged:
            log.error("%d audit entries are forged and not sealed", len(sealing.forged), extra={"id": sealing.forged[0]})
        if sealing.unmarked:
            log.error(
                "%d sealed audit entries are marked as not sealed", len(sealing.unmarked), extra={"id": sealing.unmarked[0]}
            )
        if sealing.unsigned:
            log.warning(
                "%d audit entries were sealed without a signature", len(sealing.unsigned), extra={"id": sealing.unsigned[0]}
            )

    def _seal_and_scrub(self) -> None:
        self.seal()
        self.scrub()

    def forget(self) -> None:
        """Delete the rows of the kernel's tables whose retention has ended."""
        housekeeping.delete_expired(self._context.database, self._context.settings, self._context.clock.now())

    def scrub(self) -> bool:
        """Remove erased personal data from the database's files, if an erasure is due. Return whether data were removed."""
        return erasure.scrub(self._context.database, self._context.registry.personal)
