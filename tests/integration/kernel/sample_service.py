"""A sample service that stores one thing: the list of what was put into it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from services.kernel.errors import Conflict
from services.kernel.identity import Actor
from services.kernel.messaging.envelope import Event
from services.kernel.persistence.unit_of_work import record_change
from services.kernel.registry import Registry
from services.kernel.settings import Settings
from services.kernel.testing import ServiceHarness

OFFICER = Actor("officer", ("officer",), "450200")
OPERATOR = Actor("operator", ("operator",))


class Made:
    """The sample service on a database. `seen`: the events that its reaction processed; `trouble`: the values of `n` in the
    events whose reaction must fail."""

    def __init__(self, database: Path | str) -> None:
        self.seen: list[Event] = []
        self.trouble: set[str] = set()
        registry = Registry("application")
        registry.command(self.put)
        registry.query(self.look)
        registry.reaction("review", "thing.done", self.on_done)
        self.bench = ServiceHarness(registry, database, policies=None, settings=Settings(seed="demo", retry_delays="0,0"))

    @staticmethod
    def put(session: Any, actor: Actor, *, thing: str, refuse: bool = False) -> dict[str, Any]:
        record_change(session, "thing.put", f"thing/{thing}", {"by": actor.username}, bureau="450200", article="A6(1)")
        if refuse:
            raise Conflict("refused", "不行", "no")
        return {"thing": thing}

    @staticmethod
    def look(session: Any, *, thing: str) -> dict[str, str]:
        return {"thing": thing}

    def on_done(self, session: Any, event: Event) -> None:
        if event.data["n"] in self.trouble:
            raise RuntimeError("trouble")
        self.seen.append(event)
        record_change(session, "thing.noted", event.subject, {"n": event.data["n"]}, bureau="450200", article="A6(2)")
