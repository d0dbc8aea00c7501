"""The workers that carry a service's errands, whatever kind of threads they run on."""

from __future__ import annotations

import logging
import math
import threading
import time

from services.kernel.errors import Unavailable
from services.kernel.observability import outages
from services.kernel.registry import Job
from services.kernel.runtime import ServiceRuntime

#: Seconds between two looks of the first worker when nothing calls: what was put off falls due by time.
IDLE = 1.0
#: Seconds in which a look that found nothing is not repeated, however often the workers are called.
PACE = 0.1

log = logging.getLogger(__name__)


class JobWorkers:
    """The workers of one errand. Who finds work calls the next before setting out, so that a slow piece holds up no other; by
    itself each looks the less often the higher its number, so that an idle service hardly asks its database."""

    def __init__(self, runtime: ServiceRuntime, errand: Job) -> None:
        self._runtime = runtime
        self._errand = errand
        self._work = threading.Semaphore(0)
        self._ending = threading.Event()
        #: When the last look began, and when the last one that found nothing did.
        self._looked = self._in_vain = -math.inf

    @property
    def name(self) -> str:
        return self._errand.name

    @property
    def at_once(self) -> int:
        return self._errand.at_once

    def call(self) -> None:
        """There may be something to do."""
        self._work.release()

    def end(self) -> None:
        """Finish what is in hand and take no more."""
        self._ending.set()
        for _ in range(self._errand.at_once):
            self._work.release()

    def serve(self, number: int) -> None:
        """Be worker `number` until the end."""
        while not self._ending.is_set():
            self._work.acquire(timeout=IDLE * (number + 1))
            called = time.monotonic()
            while self._work.acquire(blocking=False):  # many calls, one look
                pass
            if called < self._in_vain + PACE:
                self._ending.wait(self._in_vain + PACE - called)
            if self._looked < called:  # else another has looked for what this call was about
                self._carry()
        self._work.release()  # the end was said once for each, and heard by who came first

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
                log.exception("%s could not be taken or settled; it goes on", self._errand.name)
                return


def job_workers_of(runtime: ServiceRuntime) -> list[JobWorkers]:
    """Workers for every errand of a service, called after commits that left them something."""
    made = [JobWorkers(runtime, errand) for errand in runtime.registry.jobs]

    def call_all() -> None:
        for workers in made:
            workers.call()

    if made:
        runtime.on_job = call_all
    return made
