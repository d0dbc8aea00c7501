"""A running service. Both buses and the tests use every service through the methods of `ServiceRuntime`."""

from typing import Any

from services.kernel.runtime.addresses import Addresses
from services.kernel.runtime.events import EventProcessor
from services.kernel.runtime.jobs import JobRunner
from services.kernel.runtime.requests import RequestHandler
from services.kernel.runtime.schedule import Schedule
from services.kernel.runtime.service_context import ServiceContext


class ServiceRuntime(ServiceContext):
    """The dependencies of a service (see `ServiceContext` for the parameters) and everything that the service does with them:
    - requests: `handle`
    - events: `receive`, `store_and_react`, `process`, `relay`
    - jobs: `run_job`
    - schedule: `sweep`, `seal`, `scrub`, `timed`
    - addresses on the bus: `serving`, `refresh_fences`, `bindings`, `exchanges`, `request_queues`"""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        events = EventProcessor(self)
        self.schedule = schedule = Schedule(self)
        self._addresses = addresses = Addresses(self)
        self.handle = RequestHandler(self, schedule).handle
        self.receive, self.store_and_react, self.process, self.relay = (
            events.receive,
            events.store_and_react,
            events.process,
            events.relay,
        )
        self.run_job = JobRunner(self).run
        self.sweep, self.seal, self.scrub, self.timed = schedule.sweep, schedule.seal, schedule.scrub, schedule.timed
        self.refresh_fences, self.bindings = addresses.refresh_fences, addresses.bindings
        self.exchanges, self.request_queues = addresses.exchanges, addresses.request_queues

    @property
    def serving(self) -> tuple[str, ...]:
        """Return the bureaus whose messages this process takes now."""
        return self._addresses.serving
