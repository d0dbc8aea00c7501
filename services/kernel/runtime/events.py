"""The events of a running service: receive them from the bus, react to them, and publish the events of the outbox on the bus."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from services.contracts.payload import JsonObject
from services.kernel import observability
from services.kernel.errors import Unavailable
from services.kernel.identity import PROVINCE, Actor
from services.kernel.messaging import inbox, outbox
from services.kernel.messaging.envelope import Event, read_as
from services.kernel.messaging.outbox import Outgoing
from services.kernel.persistence.unit_of_work import UnitOfWork
from services.kernel.registry import Reaction
from services.kernel.runtime.service_context import ServiceContext

#: The largest number of events to which one transaction reacts.
BATCH = 50

log = logging.getLogger(__name__)


class EventProcessor:
    """Receives events and reacts to them. An event may be delivered several times, but takes effect exactly once, because the
    inbox knows each event's id."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    def receive(self, bodies: Sequence[str | bytes], bureau: str | None = None) -> None:
        """Receive events as JSON from the bus. `bureau` is the bureau of the queue, in a service that runs per bureau."""
        self.store_and_react([inbox.Arrival.of(body, bureau) for body in bodies])

    def store_and_react(self, arrivals: Sequence[inbox.Arrival]) -> None:
        """Store events in the inbox and react to them in the same transaction, because two transactions would cost twice as much.
        If a reaction fails, the events are only stored, and `process` then tries each event by itself. Raises Unavailable, and
        stores nothing, if one of the events is for a fenced bureau: the events must stay on the bureau's queue."""
        observability.received(self._context.service, len(arrivals))
        try:
            waiting = self._store_and_react(arrivals, reacting=True)
        except Unavailable:
            raise
        except Exception:
            waiting = self._store_and_react(arrivals, reacting=False)
        if waiting:
            self._context.on_inbox()

    def _store_and_react(self, arrivals: Sequence[inbox.Arrival], *, reacting: bool) -> int:
        self._context.load_changes()
        with self._context.write_transaction(*{arrival.bureau for arrival in arrivals}) as session:
            immediate, waiting = inbox.receive(session, arrivals, reacting=reacting)
            works = [self._react(session, arrival.event, arrival.bureau) for arrival in immediate]
            self._context.write(session, works)
        self._signal_effects(works)
        return waiting

    def process(self, limit: int = BATCH) -> int:
        """React to events that are due. Return the number of events claimed; 0 means that none is due."""
        self._context.load_changes()
        try:
            return self._process(limit, None)
        except Unavailable:
            raise
        except Exception:
            if limit > 1:  # One event of the batch fails: process them one by one to find it.
                return self._process_singly(limit)
            raise

    def _process(self, limit: int, failed: list[inbox.Received] | None) -> int:
        with self._context.write_transaction() as session:
            received = inbox.claim(session, limit, self._acting_for(session))
            if failed is not None:
                failed.extend(received)
            works = [self._react(session, item.event, item.bureau) for item in received]
            self._context.write(session, works)
            if received:
                inbox.finish(session, received)
        self._signal_effects(works)
        return len(received)

    def _acting_for(self, session: Session) -> list[str] | None:
        """Return the bureaus whose events this process may react to in this transaction; None for a service that does not run per
        bureau."""
        if not self._context.registry.per_bureau:
            return None
        return [bureau for bureau in self._context.bureaus if bureau not in session.info["fenced"]]

    def _signal_effects(self, works: Sequence[UnitOfWork]) -> None:
        if any(work.events for work in works):
            self._context.on_outbox()
        if any(work.has_jobs for work in works):
            self._context.on_job()
        observability.reacted(self._context.service, len(works))

    def _process_singly(self, limit: int) -> int:
        count = 0
        for _ in range(limit):
            claimed: list[inbox.Received] = []
            try:
                if not self._process(1, claimed):
                    break
            except Unavailable:
                raise
            except Exception as error:
                if not claimed:  # No event was claimed, so no event caused the error.
                    raise
                self._fail(claimed[0], error)
            count += 1
        return count

    def _react(self, session: Session, event: Event[JsonObject], bureau: str | None) -> UnitOfWork:
        stamp = event.actor
        roles, acting_for = (stamp["role"],) if stamp["role"] else (), stamp.get("acting_for")
        actor = Actor(stamp["username"], roles, stamp["bureau"], stamp["organisation"], acting_for=acting_for)
        with observability.reaction(self._context.service, event):
            work = self._context.begin_unit_of_work(session, actor, event.correlation_id, event.id)
            for reaction in self._context.registry.reactions_to(event.producer, event.type):
                if self._context.registry.per_bureau and not self._concerns(reaction, event, bureau):
                    continue
                typed_event = read_as(event, reaction.payload) if reaction.payload else event
                self._context.call(reaction.operation, session, {}, actor=actor, event=typed_event)
        return work

    def _concerns(self, reaction: Reaction, event: Event[object], bureau: str | None) -> bool:
        """Return whether a reaction of a service that runs per bureau is for the bureau on whose queue the event arrived. Earlier
        versions did not store that bureau (None); then the reaction is for any bureau that this process serves."""
        concerned = event.bureau if reaction.scope == "addressed" else PROVINCE
        return concerned == bureau if bureau else concerned in self._context.bureaus

    def _fail(self, item: inbox.Received, error: Exception) -> None:
        with self._context.write_transaction(item.bureau) as session:
            parked = inbox.fail(session, item, f"{type(error).__name__}: {error}", self._context.settings.retries)
        level = logging.ERROR if parked else logging.WARNING
        observability.failed(self._context.service, parked=parked)
        log.log(level, "reaction failed", exc_info=error, extra={"event": item.event.id, "parked": parked})

    def relay(self, publish: Callable[[Sequence[Outgoing]], None]) -> int:
        """Publish the outbox's unpublished events on the bus. `publish` must return only after the bus has confirmed all of them.
        Only the process that is the leader calls this method. If it dies after publishing events and before marking them as
        published, the events are published again and the consumers' inboxes skip them."""
        with self._context.database.read() as session:
            batch = outbox.unpublished(session)
        if batch:
            publish(batch)
            with self._context.database.write() as session:
                outbox.mark_published(session, batch)
            observability.published(self._context.service, (row.routing_key for row in batch))
        return len(batch)
