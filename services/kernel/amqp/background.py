"""The background work of a service: everything except answering requests. Each kind of work runs in its own green threads."""

from __future__ import annotations

import threading
from itertools import count
from typing import Any

from nameko.extensions import DependencyProvider

from services.kernel.amqp.connection import run_until_ended
from services.kernel.amqp.wake import Signal
from services.kernel.runtime import ServiceRuntime
from services.kernel.runtime.job_workers import JobWorkers

#: The seconds between two polls of the inbox if no signal wakes the thread (a failed reaction becomes due without a signal), and
#: the seconds between two checks of the fences.
IDLE = 1.0


class Background(DependencyProvider):  # type: ignore[misc]
    """Runs `serve` for as long as the container runs. nameko stops a dependency after the entrypoints and their workers, so that
    background work which the last request created is still started."""

    #: The number of green threads that run `serve` concurrently.
    threads = 1

    def __init__(self) -> None:
        super().__init__()
        self.ending = threading.Event()
        self._serving_threads: list[Any] = []

    def start(self) -> None:
        def run() -> None:
            run_until_ended(type(self).__name__.lower(), self.serve, self.ending)

        self._serving_threads = [self.container.spawn_managed_thread(run) for _ in range(self.threads)]

    def stop(self) -> None:
        """Request the end of `serve`, and return when its present work is complete."""
        self.ending.set()
        self.interrupt()
        for thread in self._serving_threads:
            thread.wait()

    def interrupt(self) -> None:
        """Wake `serve` from a long wait, so that it sees that `ending` is set."""

    def serve(self) -> None:
        """Run until `ending` is set. If it raises an error, it is called again after a pause."""
        raise NotImplementedError


class Reactions(Background):
    """Runs the reactions to the events in the inbox. It has two threads, so that a slow reaction does not delay all others."""

    threads = 2

    def __init__(self, runtime: ServiceRuntime, inbox: Signal) -> None:
        super().__init__()
        self._runtime = runtime
        self._inbox = inbox

    def serve(self) -> None:
        while not self.ending.is_set():
            if not self._runtime.process():
                self._inbox.wait(IDLE)

    def interrupt(self) -> None:
        self._inbox.set()


class Fences(Background):
    """Checks regularly whether a bureau's fence was raised or lifted, so that the consumers of its queues stop or start."""

    def __init__(self, runtime: ServiceRuntime) -> None:
        super().__init__()
        self._runtime = runtime

    def serve(self) -> None:
        while not self.ending.wait(IDLE):
            self._runtime.refresh_fences()


class Jobs(Background):
    """Runs the jobs of one kind."""

    def __init__(self, workers: JobWorkers) -> None:
        super().__init__()
        self.threads = workers.at_once
        self._workers = workers
        self._worker_numbers = count()

    def serve(self) -> None:
        self._workers.serve(next(self._worker_numbers) % self.threads)

    def interrupt(self) -> None:
        self._workers.end()
