"""The nameko service class, which connects one service's runtime to the broker. Every service uses the same class."""

from __future__ import annotations

import gc
import logging
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import eventlet
from nameko import config
from nameko.constants import MAX_WORKERS_CONFIG_KEY
from nameko.runners import ServiceRunner
from nameko.timer import timer

from services.kernel.amqp import green
from services.kernel.amqp.background import Fences, Jobs, Reactions
from services.kernel.amqp.events import Events
from services.kernel.amqp.probes import Probes
from services.kernel.amqp.relay import Relay
from services.kernel.amqp.requests import Requests
from services.kernel.amqp.wake import Signal
from services.kernel.errors import Unavailable
from services.kernel.observability import outages
from services.kernel.runtime import ServiceRuntime
from services.kernel.runtime.job_workers import job_workers_of
from services.kernel.runtime.schedule import TimedWork

#: The number of allocated objects after which the garbage collector scans the youngest ones. Handling one submission allocates
#: thousands of objects, and nearly all of them are freed at its end.
GC_THRESHOLD = 20_000

log = logging.getLogger(__name__)


def service_class(runtime: ServiceRuntime, uri: str, at_once: int) -> type:
    """Return the nameko service class of `runtime`. nameko runs it in a container, which answers requests that arrive through the
    broker at `uri` (at most `at_once` concurrently), publishes the outbox, and runs reactions, jobs and timed work."""
    outbox, inbox, leads, bus_connected = Signal(), Signal(), threading.Event(), threading.Event()
    runtime.on_outbox = outbox.set
    runtime.on_inbox = inbox.set
    runtime.leads = leads.is_set
    runtime.on_bus = bus_connected.is_set

    class Service:
        name = runtime.service
        relay = Relay(uri, runtime, outbox, leads)
        events = Events(uri, runtime)
        reactions = Reactions(runtime, inbox)

        @Requests.decorator(uri, runtime.request_queues, at_once, bus_connected)  # type: ignore[untyped-decorator]
        def answer(self, body: bytes) -> bytes:
            return runtime.handle(body)

    for work in runtime.timed():
        setattr(Service, work.name, _timer(work, leads))
    if runtime.registry.per_bureau:
        Service.fences = Fences(runtime)  # type: ignore[attr-defined]
    for workers in job_workers_of(runtime):
        setattr(Service, f"errand_{workers.name}", Jobs(workers))
    if runtime.settings.probes:
        Service.probes = Probes(runtime)  # type: ignore[attr-defined]
    return Service


def _timer(work: TimedWork, leads: threading.Event) -> Callable[[Any], None]:
    """Return the nameko entrypoint that runs timed work. Only the process that leads the service's relay runs it."""

    def run_timed(_service: Any) -> None:
        if leads.is_set():
            _run_or_log_outage(work.run)

    run_timed.__name__ = work.name
    return timer(interval=work.every)(run_timed)  # type: ignore[no-any-return]


def run(runtime: ServiceRuntime, uri: str, at_once: int) -> None:
    """Run the service until SIGTERM or SIGINT, then finish the work in progress. Raises RuntimeError if blocking functions have
    not been replaced by green ones."""
    green.check()
    config.setup({MAX_WORKERS_CONFIG_KEY: at_once + len(runtime.timed())})
    runner = ServiceRunner()
    runner.add_service(service_class(runtime, uri, at_once))

    def stop(_signal: int, _frame: FrameType | None) -> None:
        # Stop in another green thread: stopping blocks, and a signal handler must not block.
        eventlet.spawn_n(runner.stop)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    _freeze_startup_objects()
    runner.start()
    runner.wait()
    runtime.database.close()


def _run_or_log_outage(work: Callable[[], object]) -> None:
    """Run timed work. If the database or the broker is unavailable, log the outage; the timer runs the work again after its
    interval."""
    try:
        work()
    except Unavailable as error:
        outages.log_outage(log, error.code, "timed work waits (%s)", error)


def _freeze_startup_objects() -> None:
    """Freeze the objects allocated at startup, so that the garbage collector skips them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)
