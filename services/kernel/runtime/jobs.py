"""Errands: a piece of work outside the database, taken in one transaction and settled in another."""

from __future__ import annotations

import logging
from collections.abc import Callable

from services.kernel import observability
from services.kernel.errors import Unavailable
from services.kernel.identity import SYSTEM
from services.kernel.registry import Job
from services.kernel.runtime.transactions import Transactions

log = logging.getLogger(__name__)


class Errands(Transactions):
    """`services/kernel/runtime/job_workers.py` has the threads that run them."""

    def run_job(self, errand: Job, taken: Callable[[], None] = lambda: None) -> bool:
        """Take a piece, carry it, settle it. False when there is nothing to do now; `taken` is called when there is, before it
        is carried. Where carrying fails, or this process dies, the piece is taken again when its hold ends."""
        self._catch_up()
        with self._unit(SYSTEM) as session:
            piece = self._run(errand.take, session, {}, actor=SYSTEM)
        if piece is None:
            return False
        taken()
        try:
            with observability.job(self.service, errand.name):
                outcome = self._run(errand.carry, None, piece)
        except Unavailable as error:
            observability.outages.met(log, error.code, "%s waits (%s)", errand.name, error)
            return True
        except Exception as error:
            log.error("an errand failed; it is taken again when its hold ends", exc_info=error, extra={"operation": errand.name})
            return True
        with self._unit(SYSTEM) as session:
            self._run(errand.settle, session, {"piece": piece, "outcome": outcome}, actor=SYSTEM)
        return True
