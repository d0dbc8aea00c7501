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

#: Seconds between two checks of the first worker if nothing wakes it: postponed jobs become due merely by time.
IDLE = 1.0
#: Seconds after a check that found nothing during which no worker checks again, however often workers are woken.
PACE = 0.1

log = logging.getLogger(__name__)


class JobWorkers:
    """The workers of one job. A worker that finds work wakes the next worker before it starts, so that a slow piece delays no
    other. If it is not woken, a worker with a higher number checks less often, so that an idle service hardly queries its
    database."""

    def __init__(self, runtime: ServiceRuntime, errand: Job) -> None:
        self._runtime = runtime
        self._errand = errand
        self._work = threading.Semaphore(0)
        self._ending = threading.Event()
        #: Start times of the last check, and of the last check that found nothing.
        self._looked = self._in_vain = -math.inf

    @property
    def name(self) -> str:
        return self._errand.name

    @property
    def at_once(self) -> int:
        return self._errand.at_once

    def call(self) -> None:
        """Wake a worker, because there may be work."""
        self._work.release()

    def end(self) -> None:
        """Let the workers finish their current work and claim no more."""
        self._ending.set()
        for _ in range(self._errand.at_once):
            self._work.release()

    def serve(self, number: int) -> None:
        """Run as worker `number` until `end` is called."""
        while not self._ending.is_set():
            self._work.acquire(timeout=IDLE * (number + 1))
            called = time.monotonic()
            while self._work.acquire(blocking=False):  # Several wake-ups need only one check.
                pass
            if called < self._in_vain + PACE:
                self._ending.wait(self._in_vain + PACE - called)
            if self._looked < called:  # Otherwise another worker has already checked after this one was woken.
                self._carry()
        self._work.release()  # Wake the next worker, so that one after the other ends.

    def _carry(self) -> None:
        while not self._ending.is_set():
            self._looked = began = time.monotonic()
            try:
                if not self._runtime.run_job(self._errand, self.call):
                    self._in_vain = began
                    return
            except Unavailable as error:
                outages.met(log, error.code, "%s waits (%s)", self._errand.name, error)
                return
            except Exception:
                log.exception("%s could not be claimed or completed; the worker goes on", self._errand.name)
                return


def job_workers_of(runtime: ServiceRuntime) -> list[JobWorkers]:
    """Return the workers for every job of a service. Each commit that created work for them wakes them."""
    made = [JobWorkers(runtime, errand) for errand in runtime.registry.jobs]

    def call_all() -> None:
        for workers in made:
            workers.call()

    if made:
        runtime.on_job = call_all
    return made
