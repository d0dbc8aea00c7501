"""Events: taken in from the bus and reacted to, and what is in the outbox handed to it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from services.kernel import observability
from services.kernel.errors import Unavailable
from services.kernel.identity import PROVINCE, Actor
from services.kernel.messaging import inbox, outbox
from services.kernel.messaging.envelope import Event
from services.kernel.messaging.outbox import Outgoing
from services.kernel.persistence.unit_of_work import UnitOfWork
from services.kernel.registry import Reaction
from services.kernel.runtime.transactions import Transactions

#: Events reacted to in one transaction.
BATCH = 50

log = logging.getLogger(__name__)


class Events(Transactions):
    """At least once on the wire, exactly once in effect."""

    def receive(self, bodies: Sequence[str | bytes], bureau: str | None = None) -> None:
        """Take events in from the bus, as text; from this bureau's queue, where each has its own."""
        self.take([inbox.Arrival.of(body, bureau) for body in bodies])

    def take(self, arrivals: Sequence[inbox.Arrival]) -> None:
        """Take events into the inbox and react to them, in one transaction: with two it would be twice the work. Where a
        reaction fails they are only taken in, and `process` tries each by itself. Unavailable, and nothing is taken, where one
        is for a bureau that is fenced: they must stay on its queue."""
        observability.received(self.service, len(arrivals))
        try:
            left = self._take(arrivals, reacting=True)
        except Unavailable:
            raise
        except Exception:
            left = self._take(arrivals, reacting=False)
        if left:
            self.on_inbox()

    def _take(self, arrivals: Sequence[inbox.Arrival], *, reacting: bool) -> int:
        self._catch_up()
        with self._changing(*{arrival.bureau for arrival in arrivals}) as session:
            at_once, left = inbox.receive(session, arrivals, reacting=reacting)
            works = [self._react(session, arrival.event, arrival.bureau) for arrival in at_once]
            self._write(session, works)
        self._reacted(works)
        return left

    def process(self, limit: int = BATCH) -> int:
        """React to what is due. Returns how many events were taken in hand; zero means there is nothing to do now."""
        self._catch_up()
        try:
            return self._process(limit, None)
        except Unavailable:
            raise
        except Exception:
            if limit > 1:  # one of the batch failed: take them one by one to find it
                return self._process_singly(limit)
            raise

    def _process(self, limit: int, failed: list[inbox.Received] | None) -> int:
        with self._changing() as session:
            received = inbox.claim(session, limit, self._acting_for(session))
            if failed is not None:
                failed.extend(received)
            works = [self._react(session, item.event, item.bureau) for item in received]
            self._write(session, works)
            if received:
                inbox.finish(session, received)
        self._reacted(works)
        return len(received)

    def _acting_for(self, session: Session) -> list[str] | None:
        """The bureaus whose events this process may react to in this transaction; None where there is no difference."""
        if not self.registry.per_bureau:
            return None
        return [bureau for bureau in self.bureaus if bureau not in session.info["fenced"]]

    def _reacted(self, works: Sequence[UnitOfWork]) -> None:
        if any(work.events for work in works):
            self.on_outbox()
        if any(work.has_jobs for work in works):
            self.on_job()
        observability.reacted(self.service, len(works))

    def _process_singly(self, limit: int) -> int:
        done = 0
        for _ in range(limit):
            claimed: list[inbox.Received] = []
            try:
                if not self._process(1, claimed):
                    break
            except Unavailable:
                raise
            except Exception as error:
                if not claimed:  # no event's fault
                    raise
                self._fail(claimed[0], error)
            done += 1
        return done

    def _react(self, session: Session, event: Event, bureau: str | None) -> UnitOfWork:
        stamp = event.actor
        roles, acting_for = (stamp["role"],) if stamp["role"] else (), stamp.get("acting_for")
        actor = Actor(stamp["username"], roles, stamp["bureau"], stamp["organisation"], acting_for=acting_for)
        with observability.reaction(self.service, event):
            work = self._begin(session, actor, event.correlation_id, event.id)
            for reaction in self.registry.reactions_to(event.producer, event.type):
                if self.registry.per_bureau and not self._concerns(reaction, event, bureau):
                    continue
                self._run(reaction.operation, session, {}, actor=actor, event=event)
        return work

    def _concerns(self, reaction: Reaction, event: Event, bureau: str | None) -> bool:
        """Whether a reaction of a service that runs per bureau is for the bureau that heard the event; with None, of an earlier
        version that did not note it, for one that this process serves."""
        concerned = event.bureau if reaction.scope == "addressed" else PROVINCE
        return concerned == bureau if bureau else concerned in self.bureaus

    def _fail(self, item: inbox.Received, error: Exception) -> None:
        with self._changing(item.bureau) as session:
            parked = inbox.fail(session, item, f"{type(error).__name__}: {error}", self.settings.delays)
        level = logging.ERROR if parked else logging.WARNING
        observability.failed(self.service, for_good=parked)
        log.log(level, "reaction failed", exc_info=error, extra={"event": item.event.id, "parked": parked})

    def relay(self, publish: Callable[[Sequence[Outgoing]], None]) -> int:
        """Hand unpublished events to the bus: `publish` returns only when the bus has them all for good. One relay at a time
        leads; what is published and not yet marked when it dies is published again, and the inboxes pass it over."""
        with self.database.read() as session:
            batch = outbox.unpublished(session)
        if batch:
            publish(batch)
            with self.database.write() as session:
                outbox.mark_published(session, batch)
            observability.published(self.service, (row.routing_key for row in batch))
        return len(batch)
