"""Where a service is heard on the bus: the queues it consumes, those it takes requests on, and what it publishes to."""

from __future__ import annotations

from services.kernel.messaging import rpc
from services.kernel.relocation import fencing
from services.kernel.runtime.queues import Binding, bindings_of
from services.kernel.runtime.transactions import Transactions


class Addresses(Transactions):
    """Of a service that runs per bureau, each bureau served has its own, but those that are fenced."""

    @property
    def serving(self) -> tuple[str, ...]:
        """The bureaus this process serves, as of the last look at the fences."""
        return tuple(bureau for bureau in self.bureaus if bureau not in self._fenced)

    def look_at_fences(self) -> None:
        """Others raise and lift them: whoever consumes looks, now and then. Each transaction looks for itself."""
        if self.registry.per_bureau:
            with self.database.read() as session:
                self._fenced = fencing.fenced_bureaus(session)

    def bindings(self) -> list[Binding]:
        """The queues this process consumes: one for all, or one per bureau served."""
        return bindings_of(self.registry, self.serving, self.all_bureaus)

    def exchanges(self) -> list[str]:
        """The exchanges this process publishes to."""
        if not self.registry.per_bureau:
            return [self.service]
        return [f"{self.service}.{bureau}" for bureau in self.bureaus]

    def request_queues(self) -> list[str]:
        """The queues on which this process takes requests."""
        if not self.registry.per_bureau:
            return [rpc.queue_of(self.service, None)]
        return [rpc.queue_of(self.service, bureau) for bureau in self.serving]
