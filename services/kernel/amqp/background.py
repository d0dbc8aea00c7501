"""What a service does besides answering, each in a green thread of its own."""

from __future__ import annotations

import threading
from itertools import count
from typing import Any

from nameko.extensions import DependencyProvider

from services.kernel.amqp.connection import persist
from services.kernel.amqp.wake import Wake
from services.kernel.runtime import ServiceRuntime
from services.kernel.runtime.job_workers import JobWorkers

#: Seconds between two looks at the inbox when nothing calls, since failed reactions fall due by time, and at the fences.
IDLE = 1.0


class Background(DependencyProvider):  # type: ignore[misc]
    """Runs `serve` for as long as the container runs. As a dependency it stops after the entrypoints and their workers, so
    that what the last of them left to do is still begun."""

    #: How many green threads do it at once.
    threads = 1

    def __init__(self) -> None:
        super().__init__()
        self.ending = threading.Event()
        self._running: list[Any] = []

    def start(self) -> None:
        def run() -> None:
            persist(type(self).__name__.lower(), self.serve, self.ending)

        self._running = [self.container.spawn_managed_thread(run) for _ in range(self.threads)]

    def stop(self) -> None:
        """Return when what is in hand is done."""
        self.ending.set()
        self.interrupt()
        for thread in self._running:
            thread.wait()

    def interrupt(self) -> None:
        """Wake `serve` where it waits for long, so that it sees that it is to end."""

    def serve(self) -> None:
        """Go on until `ending` is set; whatever is raised, it is called again after a pause."""
        raise NotImplementedError


class Reactions(Background):
    """Reacts to what is in the inbox. Two at once, so that a slow reaction does not hold up all others."""

    threads = 2

    def __init__(self, runtime: ServiceRuntime, inbox: Wake) -> None:
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
    """Looks whether a bureau's fence was raised or lifted, so that the consumers follow."""

    def __init__(self, runtime: ServiceRuntime) -> None:
        super().__init__()
        self._runtime = runtime

    def serve(self) -> None:
        while not self.ending.wait(IDLE):
            self._runtime.look_at_fences()


class Errands(Background):
    """Carries the errands of one kind."""

    def __init__(self, workers: JobWorkers) -> None:
        super().__init__()
        self.threads = workers.at_once
        self._workers = workers
        self._numbers = count()

    def serve(self) -> None:
        self._workers.serve(next(self._numbers) % self.threads)

    def interrupt(self) -> None:
        self._workers.end()
