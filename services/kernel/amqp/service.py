"""The nameko service: connects one service's runtime to the broker. Every service uses the same class."""

from __future__ import annotations

import gc
import logging
import signal
import threading
from collections.abc import Callable
from functools import partial
from types import FrameType

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
from services.kernel.persistence import housekeeping
from services.kernel.runtime import ServiceRuntime
from services.kernel.runtime.job_workers import job_workers_of

#: Seconds between two sealings of the audit log, and between two sweeps.
SEAL_EVERY = 5.0
SWEEP_EVERY = 30.0
#: Seconds between two deletions of rows whose retention has ended.
PURGE_EVERY = 3600.0
#: Green threads for the timers, in addition to those for requests.
TIMERS = 3
#: Allocations before the garbage collector scans the young generation. A submission allocates thousands of objects, and nearly
#: all are freed at its end.
YOUNG = 20_000

log = logging.getLogger(__name__)


def service_class(runtime: ServiceRuntime, uri: str, at_once: int) -> type:
    """The class whose container serves `runtime` on the broker at `uri`, with `at_once` concurrent requests."""
    outbox, inbox, leads, there = Signal(), Signal(), threading.Event(), threading.Event()
    runtime.on_outbox = outbox.set
    runtime.on_inbox = inbox.set
    runtime.leads = leads.is_set
    runtime.on_bus = there.is_set

    class Service:
        name = runtime.service
        relay = Relay(uri, runtime, outbox, leads)
        events = Events(uri, runtime)
        reactions = Reactions(runtime, inbox)

        @Requests.decorator(uri, runtime.request_queues, at_once, there)  # type: ignore[untyped-decorator]
        def answer(self, body: bytes) -> bytes:
            return runtime.handle(body)

        @timer(interval=SEAL_EVERY)  # type: ignore[untyped-decorator]
        def seal(self) -> None:
            if leads.is_set():
                _unless_away(runtime.seal)
                _unless_away(runtime.scrub)

        @timer(interval=SWEEP_EVERY)  # type: ignore[untyped-decorator]
        def sweep(self) -> None:
            if leads.is_set():
                _unless_away(runtime.sweep)

        @timer(interval=PURGE_EVERY)  # type: ignore[untyped-decorator]
        def forget(self) -> None:
            if leads.is_set():
                _unless_away(partial(housekeeping.forget, runtime.database, runtime.settings, runtime.clock.now()))

    if runtime.registry.per_bureau:
        Service.fences = Fences(runtime)  # type: ignore[attr-defined]
    for workers in job_workers_of(runtime):
        setattr(Service, f"errand_{workers.name}", Jobs(workers))
    if runtime.settings.probes:
        Service.probes = Probes(runtime)  # type: ignore[attr-defined]
    return Service


def run(runtime: ServiceRuntime, uri: str, at_once: int) -> None:
    """Serve until SIGTERM or SIGINT, then finish the work in progress. Raises RuntimeError if the process is not green."""
    green.check()
    config.setup({MAX_WORKERS_CONFIG_KEY: at_once + TIMERS})
    runner = ServiceRunner()
    runner.add_service(service_class(runtime, uri, at_once))

    def end(_signal: int, _frame: FrameType | None) -> None:
        # A signal handler may not block, and stopping blocks.
        eventlet.spawn_n(runner.stop)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    _spare_what_stays()
    runner.start()
    runner.wait()
    runtime.database.close()


def _unless_away(work: Callable[[], object]) -> None:
    """Leave it to the timer's next round where what it needs is away."""
    try:
        work()
    except Unavailable as error:
        outages.met(log, error.code, "timed work waits (%s)", error)


def _spare_what_stays() -> None:
    """Freeze the objects allocated at startup, so that the garbage collector skips them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
