"""A service with an audit log, and the two services that store its anchors, for tests in which a person tampers with one of the
databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select

from deploy.cli.verify import Finding, check
from services.kernel import audit
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence.database import Database
from services.kernel.persistence.tables import audit as log
from services.kernel.registry import Registry
from services.kernel.testing import RecordingBus, ServiceHarness
from tests.integration.kernel.sample_service import OFFICER, Made

SERVICES = ("application", "notification", "documents")


class Audited:
    """A service with an audit log, and the two services (the keepers) that store the heads of its chains as anchors."""

    def __init__(self, databases: dict[str, Path | str]) -> None:
        self.made = Made(databases["application"])
        self.keepers = {name: ServiceHarness(Registry(name), databases[name], policies=None) for name in audit.KEEPERS}
        self.benches = {"application": self.made.bench} | self.keepers
        for name, bench in self.benches.items():
            bench.bus = RecordingBus(*(other.runtime for of, other in self.benches.items() if of != name))

    @property
    def database(self) -> Database:
        return self.made.bench.database

    def write(self, *things: str) -> None:
        for thing in things:
            self.made.bench.tell("put", OFFICER, thing=thing)

    def seal(self) -> None:
        """Let the service seal its entries, and both keepers store the heads of its chains. Each keeper also announces the head
        of its own ledger (its chain of anchors) to the other."""
        for bench in self.benches.values():
            bench.runtime.schedule.ledger_due = 0.0
            bench.runtime.seal()
            bench.settle()

    def seal_without_ledgers(self) -> None:
        """Do the same as `seal`, but let no keeper announce its ledger."""
        for bench in self.benches.values():
            bench.runtime.schedule.ledger_due = float("inf")
            bench.runtime.seal()
            bench.settle()

    def change(self, *statements: Any, of: str = "application") -> None:
        """Execute statements in one database, as a person with its password could."""
        with self.benches[of].database.write() as session:
            for statement in statements:
                session.execute(statement)

    def flaws(self) -> list[str]:
        """Return the flaws that `audit verify` finds, except those that it explains by a restore or by a keeper that is
        unavailable."""
        return [flaw.what for flaw in self.found() if not flaw.explained and not flaw.awaited]

    def found(self) -> list[audit.Flaw]:
        return [flaw for finding in self.findings() for flaw in finding.flaws]

    def findings(self) -> Iterator[Finding]:
        databases = {name: bench.database for name, bench in self.benches.items()}
        registries = {name: bench.runtime.registry for name, bench in self.benches.items()}
        return check(databases, self.verifier, (), registries.__getitem__)

    @property
    def verifier(self) -> Verifier:
        return Verifier({name: bench.signers[name].public for name, bench in self.benches.items()})


def the(position: int) -> Any:
    return log.c.position == position


def copied(audited: Audited, position: int, **changes: Any) -> dict[str, Any]:
    """Return the columns of a copy of an entry, with position 100 and these changes, for a test that inserts it."""
    with audited.database.read() as session:
        row = dict(session.execute(select(log).where(the(position))).one()._mapping)
    return row | {"position": 100} | changes
