"""Jobs: work outside the database. A piece of work is claimed in one transaction and completed in another."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from services.kernel import observability
from services.kernel.errors import Unavailable
from services.kernel.identity import SYSTEM
from services.kernel.registry import Job
from services.kernel.runtime.service_context import ServiceContext

log = logging.getLogger(__name__)


class JobRunner:
    """Runs jobs, one piece of work per call; `services/kernel/runtime/job_workers.py` has the threads that call it."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    def run(self, job: Job, claimed: Callable[[], None] = lambda: None) -> bool:
        """Claim a piece of work, do it and complete it. Return False if no work is due. `claimed` is called after the claim and
        before the work. If the work fails or this process dies, the piece is claimed again when its lease ends."""
        self._context.load_changes()
        with self._context.unit(SYSTEM) as session:
            piece = self._context.call(job.claim, session, {}, actor=SYSTEM)
        if piece is None:
            return False
        claimed()
        try:
            with observability.job(self._context.service, job.name):
                outcome = self._context.call(job.run, None, piece if isinstance(piece, Mapping) else {"piece": piece})
        except Unavailable as error:
            observability.outages.log_outage(log, error.code, "%s waits (%s)", job.name, error)
            return True
        except Exception as error:
            log.error("a job failed; it is claimed again when its lease ends", exc_info=error, extra={"operation": job.name})
            return True
        with self._context.unit(SYSTEM) as session:
            self._context.call(job.complete, session, {"piece": piece, "outcome": outcome}, actor=SYSTEM)
        return True
