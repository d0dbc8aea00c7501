"""The setup for moving a bureau while people work: two databases, the services that use them, and the command that moves the
bureau from one to the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from sqlalchemy import func, select

from services.kernel import audit
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence.tables import idempotency, outbox
from services.kernel.relocation.endpoint import Endpoint
from services.kernel.relocation.mover import Move
from services.review.relocated_tables import PORTION
from services.review.tables import cases
from tests.integration.review.scenario import BUREAUS, CITY, House

OTHERS = tuple(bureau for bureau in BUREAUS if bureau != CITY)
STEPS = ("prepare", "expect", "fence", "drain", "copy", "release")


class Killed(BaseException):
    """Ends the command where the test wants to kill it: raised while the command prints a line."""


class Two:
    """The province's deployment, which serves every bureau at first, and a city's own deployment, to which its bureau moves.
    `house.at(CITY)` is the deployment that serves this bureau now."""

    def __init__(self, pooled: str, own: str, settled: str) -> None:
        self.urls = {"pooled": pooled, "own": own, "settled": settled}
        self.house = House([pooled])
        self.pooled = self.house.at(CITY)
        self.own = self.house.deploy(own, ())

    @property
    def verifier(self) -> Verifier:
        """A verifier of signed statements that has the public keys of both deployments."""
        return Verifier({"review": "\n".join(self.public_keys)})

    @property
    def public_keys(self) -> list[str]:
        return [bench.signers["review"].public for bench in (self.pooled, self.own)]

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """While the block runs, do the background work of both deployments: publish events, react to them, seal the audit log and
        re-read the fences."""
        ending = threading.Event()
        running = threading.Thread(target=self._run, args=(ending,))
        running.start()
        try:
            yield
        finally:
            ending.set()
            running.join()

    def _run(self, ending: threading.Event) -> None:
        while not ending.wait(0.02):
            for bench in (self.pooled, self.own):
                bench.runtime.refresh_fences()
                bench.runtime.seal()
            self.house.settle()

    @contextmanager
    def moving(self, source: str, target: str, say: Callable[[str], None] = lambda line: None) -> Iterator[Move]:
        """Yield the command that moves the bureau from `source` to `target`. The test runs the whole command, or some of its
        steps."""
        with (
            Endpoint(source, self.urls[source], "review", CITY) as old,
            Endpoint(target, self.urls[target], "review", CITY) as new,
        ):
            yield Move("review", PORTION, CITY, old, new, say, self.verifier)

    def move(self, source: str, target: str) -> list[str]:
        """Move the bureau, and then start its process at the target, as an operator does. Return the command's output."""
        said: list[str] = []
        with self.moving(source, target, said.append) as move:
            move.run()
        self.serve(target)
        return said

    def move_killed_at(self, words: str, source: str, target: str) -> None:
        """Start the move, and kill the command as soon as it prints a line that contains these words."""

        def say(line: str) -> None:
            if words in line:
                raise Killed

        with suppress(Killed), self.moving(source, target, say) as move:
            move.run()
            raise AssertionError(f"it never said {words!r}")

    def serve(self, name: str) -> None:
        """Let the deployment of this name serve the bureau. The province's process stays configured for the bureau all the time,
        as if the person who operates it had not changed the setting yet."""
        self.own.runtime.bureaus = (CITY,) if name == "own" else ()
        for bench in (self.pooled, self.own):
            bench.runtime.refresh_fences()
        self.house.deployments[CITY] = getattr(self, name)

    # The data in each database

    def has(self, name: str) -> dict[str, int]:
        """Return the number of the bureau's rows in a database, by table."""
        bench = getattr(self, name)
        with bench.database.read() as session:
            return {
                "cases": session.execute(select(func.count()).where(cases.c.bureau == CITY)).scalar_one(),
                "answers": session.execute(select(func.count()).where(idempotency.c.bureau == CITY)).scalar_one(),
                "events": session.execute(select(func.count()).where(outbox.c.producer == f"review.{CITY}")).scalar_one(),
            }

    def flaws(self, name: str, bureaus: Sequence[str]) -> list[audit.Flaw]:
        """Verify a database's audit log against the anchors that were announced for these bureaus; return the flaws that were
        found."""
        anchors = [event.data for event in self.house.said("audit.sealed") if event.data["bureau"] in bureaus]
        with getattr(self, name).database.snapshot() as session:
            checked, flaws = audit.verify(session, anchors, service="review", verifier=self.verifier)
        assert checked or not bureaus
        return flaws

    def numbers(self) -> dict[str, list[int]]:
        """Return the sequence numbers of all events of the bureau, by subject, in the order of their first publication."""
        events = {event.id: event for event in self.house.events() if event.producer == f"review.{CITY}"}
        by_subject: dict[str, list[int]] = {}
        for event in events.values():
            by_subject.setdefault(event.subject, []).append(event.sequence)
        return by_subject
