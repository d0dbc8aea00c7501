"""The threads that run a service's jobs: OS threads or green threads."""

from __future__ import annotations

import logging
import math
import threading
import time

from services.kernel.errors import Unavailable
from services.kernel.observability import outages
from services.kernel.registry import Job
from services.kernel.runtime import ServiceRuntime

#: Seconds between two checks of the first worker if nothing wakes it: a postponed job becomes due without a signal.
IDLE = 1.0
#: Seconds after a check that found nothing during which no worker checks again, however often workers are woken.
MIN_INTERVAL = 0.1

log = logging.getLogger(__name__)


class JobWorkers:
    """The workers of one job. A worker that finds work wakes the next worker before it starts, so that a slow piece of work
    delays no other piece. A worker that is not woken checks for work at intervals, which are longer for workers with higher
    numbers, so that an idle service hardly queries its database."""

    def __init__(self, runtime: ServiceRuntime, job: Job) -> None:
        self._runtime = runtime
        self._job = job
        self._work = threading.Semaphore(0)
        self._ending = threading.Event()
        #: Start times of the last check, and of the last check that found nothing.
        self._last_check = self._last_empty_check = -math.inf

    @property
    def name(self) -> str:
        return self._job.name

    @property
    def at_once(self) -> int:
        return self._job.at_once

    def wake(self) -> None:
        """Wake a worker, because there may be work."""
        self._work.release()

    def end(self) -> None:
        """Let the workers finish their current work and claim no more."""
        self._ending.set()
        for _ in range(self._job.at_once):
            self._work.release()

    def serve(self, number: int) -> None:
        """Run as worker `number` until `end` is called."""
        while not self._ending.is_set():
            self._work.acquire(timeout=IDLE * (number + 1))
            woken_at = time.monotonic()
            while self._work.acquire(blocking=False):  # Several wake-ups need only one check.
                pass
            if woken_at < self._last_empty_check + MIN_INTERVAL:
                self._ending.wait(self._last_empty_check + MIN_INTERVAL - woken_at)
            if self._last_check < woken_at:  # Otherwise another worker has already checked after this one was woken.
                self._run_due_jobs()
        self._work.release()  # Wake the next worker, so that all workers end, one after the other.

    def _run_due_jobs(self) -> None:
        while not self._ending.is_set():
            self._last_check = started = time.monotonic()
            try:
                if not self._runtime.run_job(self._job, self.wake):
                    self._last_empty_check = started
                    return
            except Unavailable as error:
                outages.log_outage(log, error.code, "%s waits (%s)", self._job.name, error)
                return
            except Exception:
                log.exception("%s could not be claimed or completed; the worker goes on", self._job.name)
                return


def job_workers_of(runtime: ServiceRuntime) -> list[JobWorkers]:
    """Return the workers for every job of a service, and let each commit that created work for a job wake them."""
    all_workers = [JobWorkers(runtime, job) for job in runtime.registry.jobs]

    def wake_all() -> None:
        for workers in all_workers:
            workers.wake()

    if all_workers:
        runtime.on_job = wake_all
    return all_workers
