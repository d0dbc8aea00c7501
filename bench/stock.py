"""The yardstick of the benchmark's first row: the same command as in `bench.sample_service`, written with nameko alone, without
our bus.

`python -m bench.stock` runs the service: stock `@rpc`, and stock `EventDispatcher` after the commit, in place of our outbox row.
The same code writes idempotency key, paper and audit entry in one transaction. So only two things differ: the bus, and how green
threads wait for the database (the driver's own way here, `services.kernel.amqp.database_wait` in our service).
"""

from __future__ import annotations

import os

if __name__ == "__main__":
    os.environ["PSYCOPG_WAIT_FUNC"] = "wait_select"
    import eventlet

    eventlet.monkey_patch()

from typing import Any

import nameko
from nameko.events import EventDispatcher
from nameko.extensions import DependencyProvider
from nameko.rpc import rpc
from nameko.runners import ServiceRunner

from bench.infrastructure import READY
from bench.sample_service import APPLICANT, AT_ONCE, hand_in, registry
from deploy import composition
from services.kernel import audit
from services.kernel.clock import DomainClock
from services.kernel.messaging import idempotency
from services.kernel.messaging import rpc as kernel_rpc
from services.kernel.persistence.database import Database
from services.kernel.persistence.unit_of_work import UnitOfWork
from services.kernel.settings import Settings


class OurDatabase(DependencyProvider):  # type: ignore[misc]
    """Gives the stock service the kernel's Database at the URL in nameko's configuration."""

    def setup(self) -> None:
        self.database = Database(nameko.config["DATABASE"], pool=AT_ONCE)

    def get_dependency(self, worker_ctx: Any) -> Database:
        return self.database


class Stock:
    """The artificial service over stock nameko."""

    name = "stock"
    database = OurDatabase()
    dispatch = EventDispatcher()
    clock = DomainClock()
    registry = registry("application")
    signer = composition.signer("application", Settings.from_environment())

    @rpc  # type: ignore[untyped-decorator]
    def hand_in(self, key: str, title: str) -> dict[str, Any]:
        work = UnitOfWork("stock", self.clock, APPLICANT)
        once = idempotency.Once(APPLICANT.username, "hand_in", key, kernel_rpc.encode({"title": title}))
        with self.database.write() as session:
            session.info["work"] = work
            answer = hand_in(session, self.clock, APPLICANT, title=title)
            idempotency.store_answer(session, once, answer)
            audit.write(session, [work], self.registry, self.signer)
        for happened in work.events:
            self.dispatch(happened.type, happened.data)
        return answer


def main() -> None:
    nameko.config.update({"AMQP_URI": os.environ["GUICHUANG_BUS"], "DATABASE": os.environ["GUICHUANG_DB_APPLICATION"]})
    nameko.config.update({"max_workers": AT_ONCE, "PREFETCH_COUNT": AT_ONCE})
    runner = ServiceRunner()
    runner.add_service(Stock)
    runner.start()
    print(READY, flush=True)
    runner.wait()


if __name__ == "__main__":
    main()
