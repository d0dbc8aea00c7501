"""The embedded host: it runs all services in one process and connects them by direct calls. Outbox and inbox are tables, so that
no event is lost if the process is killed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Self

from deploy import composition
from services.kernel.errors import Unavailable
from services.kernel.messaging.inbox import Arrival
from services.kernel.messaging.outbox import Outgoing
from services.kernel.observability import health_checks, outages
from services.kernel.runtime import ServiceRuntime
from services.kernel.runtime.job_workers import job_workers_of
from services.kernel.settings import SERVICES, Settings

#: Seconds between two polls of outbox, inbox and deadlines, if no commit wakes the service's background thread before.
IDLE = 1.0

log = logging.getLogger(__name__)


class Embedded:
    """All services in this process. The object transports requests to the services and carries events between them."""

    def __init__(self, runtimes: Mapping[str, ServiceRuntime]) -> None:
        self.runtimes = runtimes
        self._routes = _routes(self.runtimes.values())
        self._pumps = [_Pump(runtime, self.publish) for runtime in self.runtimes.values()]
        self._workers = [workers for runtime in self.runtimes.values() for workers in job_workers_of(runtime)]
        self._carrying = [
            threading.Thread(target=workers.serve, args=(number,), name=f"{workers.name}-{number}", daemon=True)
            for workers in self._workers
            for number in range(workers.at_once)
        ]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Create the whole platform with these settings."""
        return cls({name: composition.runtime_of(name, settings) for name in (*SERVICES, "gateway")})

    def start(self) -> None:
        for thread in (*self._pumps, *self._carrying):
            thread.start()

    def stop(self) -> None:
        """Finish the work in progress, and stop. The events that remain in outboxes and inboxes are processed after the next
        start."""
        for workers in self._workers:
            workers.end()
        for thread in self._carrying:
            thread.join()
        for pump in self._pumps:
            pump.stop()
        for runtime in self.runtimes.values():
            runtime.database.close()

    def health(self) -> Callable[[], dict[str, bool]]:
        """Return the function that checks each service's database: service → whether it is reachable and at this version."""
        checks = {name: health_checks.health(runtime) for name, runtime in self.runtimes.items()}
        return lambda: {name: all(check().values()) for name, check in checks.items()}

    def send(self, queue: str, body: bytes, timeout: float) -> bytes:
        """Transport a request: call the service directly."""
        service = queue.split(".")[1]
        if service not in self.runtimes or queue not in self.runtimes[service].request_queues():
            raise Unavailable()
        return self.runtimes[service].handle(body)

    def publish(self, batch: Sequence[Outgoing]) -> None:
        """Put events into the inbox of every consumer. When this returns, they are durable."""
        deliveries: dict[ServiceRuntime, list[Arrival]] = {}
        for row in batch:
            type, _, bureau = row.routing_key.rpartition(".")
            consumers = {
                route for key in (f"{type}.*", f"{type}.{bureau}") for route in self._routes.get((row.producer, key), ())
            }
            for runtime, heard_by in consumers:
                deliveries.setdefault(runtime, []).append(Arrival.of(row.body, heard_by))
        for runtime, arrivals in deliveries.items():
            runtime.store_and_react(arrivals)


def _routes(runtimes: Iterable[ServiceRuntime]) -> dict[tuple[str, str], set[tuple[ServiceRuntime, str | None]]]:
    """Return the consumers by producer and routing key. A consumer is a service and, if the service runs per bureau, a bureau."""
    routes: dict[tuple[str, str], set[tuple[ServiceRuntime, str | None]]] = {}
    for runtime in runtimes:
        for binding in runtime.bindings():
            for key in binding.keys:
                routes.setdefault(key, set()).add((runtime, binding.bureau))
    return routes


class _Pump(threading.Thread):
    """The thread of one service's background work: publishing events, reacting to events, sealing the audit log, sweeps. It
    sleeps until it is woken or work may be due."""

    def __init__(self, runtime: ServiceRuntime, publish: object) -> None:
        super().__init__(name=f"pump-{runtime.service}", daemon=True)
        self._runtime = runtime
        self._publish = publish
        self._wake = threading.Event()
        self._ending = False
        runtime.on_outbox = runtime.on_inbox = self._wake.set

    def stop(self) -> None:
        self._ending = True
        self._wake.set()
        self.join()

    def run(self) -> None:
        timed = self._runtime.timed()
        last = dict.fromkeys((work.name for work in timed), time.monotonic())
        while not self._ending:
            try:
                self._drain()
                for work in timed:
                    if time.monotonic() - last[work.name] >= work.every:
                        last[work.name] = time.monotonic()
                        work.run()
            except Unavailable as error:
                outages.log_outage(log, error.code, "background work of %s waits (%s)", self._runtime.service, error)
                time.sleep(IDLE)
            except Exception:
                log.exception("background work of %s failed; it goes on", self._runtime.service)
                time.sleep(IDLE)
            self._wake.wait(IDLE)

    def _drain(self) -> None:
        self._wake.clear()
        while not self._ending and (self._runtime.process() or self._runtime.relay(self._publish)):  # type: ignore[arg-type]
            pass
