"""The names of a running service on the bus: its event queues, its request queues and its exchanges."""

from __future__ import annotations

from services.kernel.messaging import rpc
from services.kernel.relocation import fencing
from services.kernel.runtime.queues import Binding, bindings_of
from services.kernel.runtime.service_context import ServiceContext


class Addresses:
    """The queues and exchanges of a running service. A service that runs per bureau has its own queues and exchanges for each
    bureau that it serves. The queues of a fenced bureau are left out, so that messages for the bureau wait in these queues until
    it is served again."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    @property
    def serving(self) -> tuple[str, ...]:
        """Return the bureaus that this process serves and that were not fenced at the last call of `refresh_fences`."""
        return tuple(bureau for bureau in self._context.bureaus if bureau not in self._context.fenced)

    def refresh_fences(self) -> None:
        """Read the fences again. Other processes raise and lift fences, so a consumer of queues calls this method regularly. Each
        transaction also checks the fences itself."""
        if self._context.registry.per_bureau:
            with self._context.database.read() as session:
                self._context.fenced = fencing.fenced_bureaus(session)

    def bindings(self) -> list[Binding]:
        """Return the event queues that this process consumes, with their bindings: one queue for all bureaus or, if the service
        runs per bureau, one for each bureau that the process serves."""
        return bindings_of(self._context.registry, self.serving, self._context.all_bureaus)

    def exchanges(self) -> list[str]:
        """Return the exchanges to which this process publishes."""
        if not self._context.registry.per_bureau:
            return [self._context.service]
        return [f"{self._context.service}.{bureau}" for bureau in self._context.bureaus]

    def request_queues(self) -> list[str]:
        """Return the queues from which this process takes requests."""
        if not self._context.registry.per_bureau:
            return [rpc.queue_of(self._context.service, None)]
        return [rpc.queue_of(self._context.service, bureau) for bureau in self.serving]
