"""One service at work: binds a registry to a database, a clock and keys. Every bus drives it through the same few methods."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from services.kernel import audit, fences, idempotency, inbox, outbox, rpc, telemetry
from services.kernel.clock import Clock, DomainClock, Until, end_of_day, real_now
from services.kernel.database import Database
from services.kernel.envelope import Event
from services.kernel.errors import DomainError, Invalid, NotFound, Unavailable
from services.kernel.identity import PROVINCE, SYSTEM, Actor
from services.kernel.moved_clock import MovedClock
from services.kernel.outbox import Outgoing
from services.kernel.queues import Binding, bindings_of
from services.kernel.registry import Errand, Measure, Operation, Reaction, Registry, Sweep
from services.kernel.settings import Settings
from services.kernel.signing import Signer, Verifier
from services.kernel.telemetry import traces
from services.kernel.work import Work

#: Events reacted to in one transaction.
BATCH = 50
#: Days an answer is kept for repeats.
ANSWERS_KEPT_DAYS = 7

log = logging.getLogger(__name__)


class ServiceRuntime:
    """`bureaus` are those this process serves, `all_bureaus` all there are (a service that runs per bureau needs both).
    `provided` are further things handed to functions that name them, such as `store`."""

    def __init__(
        self,
        registry: Registry,
        database: Database,
        *,
        settings: Settings,
        policies: Any,
        signer: Signer,
        verifier: Verifier,
        clock: DomainClock | None = None,
        bureaus: Sequence[str] = (),
        all_bureaus: Sequence[str] = (),
        **provided: Any,
    ) -> None:
        self.registry = registry
        self.service = registry.service
        self.database = database
        self.settings = settings
        self.clock = clock or DomainClock()
        self.bureaus = tuple(bureaus)
        self.all_bureaus = tuple(all_bureaus)
        self.signer = signer
        self.verifier = verifier
        #: Called after a commit that put events into the outbox, or took some into the inbox.
        self.on_outbox: Callable[[], None] = lambda: None
        self.on_inbox: Callable[[], None] = lambda: None
        #: Called after a commit that left something to be carried.
        self.on_errand: Callable[[], None] = lambda: None
        #: Whether the bus is there, and whether this process is the one that relays, seals and sweeps.
        self.on_bus: Callable[[], bool] = lambda: True
        self.leads: Callable[[], bool] = lambda: True
        self._provided = {
            "clock": self.clock,
            "policies": policies,
            "signer": signer,
            "verifier": verifier,
            "settings": settings,
            **provided,
        }
        self._moved_clock = MovedClock(self.clock, database, allowed=settings.demo)
        self._fenced: frozenset[str] = frozenset()
        self._policies = policies if registry.published else None
        if self._policies:
            self._policies.follow(self._published)
        telemetry.watch(self.service, self)
        if "audit_entries" not in registry.queries:
            registry.query(audit.audit_entries)
            for service in (name for name, keeper in audit.ANCHORED_BY.items() if keeper == self.service):
                registry.reaction(service, "audit.sealed", audit.keep_anchor)

    def _published(self, known: Sequence[str]) -> Any:
        """The documents of published policies that this process does not know yet."""
        assert self.registry.published
        with self.database.read() as session:
            return self.registry.published(session, known)

    # Requests

    def handle(self, signed: bytes) -> bytes:
        """Answer one signed request. Never raises: an error is an answer."""
        with telemetry.request(self.service) as scope:
            try:
                request, body = rpc.decode(signed, self.verifier)
                scope.correlation_id = request.correlation_id
                if request.name in ("sweep", *self.registry.commands, *self.registry.queries):
                    scope.operation = request.name
                with traces.span(self.service, scope.operation, "server", after=request.trace, **scope.seen()):
                    return rpc.answered(self._execute(request, body))
            except DomainError as error:
                scope.outcome = error.kind
                return rpc.refused(error)
            except Exception as error:
                scope.outcome = "broken"
                return rpc.broken(error)

    def _execute(self, request: rpc.Request, body: bytes) -> Any:
        if request.expired:
            raise Unavailable("request_expired")
        if request.name == "sweep":
            return self._sweep_on_request(request)
        if operation := self.registry.queries.get(request.name):
            return self._query(operation, request)
        if operation := self.registry.commands.get(request.name):
            return self._command(operation, request)
        raise NotFound("unknown_operation", "没有这一操作。", f"{self.service} offers no {request.name}.")

    def _query(self, operation: Operation, request: rpc.Request) -> Any:
        self._catch_up()
        with self.database.read() as session:
            self._begin(session, request.actor, request.correlation_id, None)
            try:
                return self._run(operation, session, request.arguments, actor=request.actor)
            finally:
                # Afterwards: what was read before a fence stood is good, what was not found behind it is not.
                if self.registry.per_bureau and request.bureau in fences.held(session):
                    raise fences.moving(request.bureau)

    def _command(self, operation: Operation, request: rpc.Request) -> Any:
        self._catch_up()
        arguments = request.arguments | self._prepared(operation, request)
        if not request.key:
            with self._unit(request.actor, request.correlation_id, request.bureau) as session:
                return self._run(operation, session, arguments, actor=request.actor)
        once = idempotency.Once(request.actor.username, operation.name, request.key, rpc.encode(request.payload))
        try:
            with self._unit(request.actor, request.correlation_id, request.bureau) as session:
                answer = self._run(operation, session, arguments, actor=request.actor)
                session.flush()
                idempotency.keep(session, once, answer, request.bureau)
            return answer
        except Unavailable:
            raise
        except Exception:
            # A repeat fails on what it did the first time, or on its key; it gets the answer of that time.
            with self.database.read() as session:
                before = idempotency.given(session, once)
            if before is None:
                raise
            return before[0]

    def _prepared(self, operation: Operation, request: rpc.Request) -> dict[str, Any]:
        """What a command has done before its transaction, where it has."""
        if operation.before is None:
            return {}
        with self.database.read() as session:
            self._begin(session, request.actor, request.correlation_id, None)
            return {"prepared": self._run(operation.before, session, request.arguments, actor=request.actor)}

    def _run(self, operation: Operation, session: Session | None, payload: dict[str, Any], **given: Any) -> Any:
        if misfit := operation.misfit(payload):
            raise Invalid("bad_request", "请求内容不符合要求。", f"The request does not fit: {misfit}.")
        provided = self._provided | {"session": session} | given
        arguments = {name: provided[name] for name in operation.wants}
        return operation.run(**arguments, **payload)

    @contextmanager
    def _unit(self, actor: Actor, correlation_id: str | None = None, bureau: str | None = None) -> Iterator[Session]:
        """A transaction with its unit of work, for a bureau: at the end outbox and audit are written, then it commits."""
        try:
            with self._changing(bureau) as session:
                work = self._begin(session, actor, correlation_id, None)
                yield session
                self._write(session, [work])
        except fences.Breach as breach:
            raise fences.moving(breach.bureau) from breach
        if work.events:
            self.on_outbox()
        if work.errand:
            self.on_errand()

    @contextmanager
    def _changing(self, *bureaus: str | None) -> Iterator[Session]:
        """A transaction that may change things, of these bureaus; Unavailable where one of them is fenced. Every change goes
        through here, so that a fence, once it stands, has seen the last of them."""
        with self.database.write() as session:
            session.info["fenced"] = fences.held(session) if self.registry.per_bureau else frozenset()
            for bureau in session.info["fenced"].intersection(bureaus):
                raise fences.moving(bureau)
            yield session

    def _begin(self, session: Session, actor: Actor, correlation_id: str | None, causation_id: str | None) -> Work:
        work = Work(self.service, self.clock, actor, causation_id=causation_id)
        if correlation_id:
            work.correlation_id = correlation_id
        session.info["work"] = work
        return work

    @staticmethod
    def _write(session: Session, works: Sequence[Work]) -> None:
        """The last of a transaction. What the functions left to be flushed goes out first, all of it together."""
        session.flush()
        fences.respect(session.info["fenced"], works)
        audit.write(session, works)
        outbox.write(session, works)

    # Events

    @property
    def serving(self) -> tuple[str, ...]:
        """The bureaus this process serves, as of the last look at the fences."""
        return tuple(bureau for bureau in self.bureaus if bureau not in self._fenced)

    def look_at_fences(self) -> None:
        """Others raise and lift them: whoever consumes looks, now and then. Each transaction looks for itself."""
        if self.registry.per_bureau:
            with self.database.read() as session:
                self._fenced = fences.held(session)

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

    def receive(self, bodies: Sequence[str | bytes], bureau: str | None = None) -> None:
        """Take events in from the bus, as text; from this bureau's queue, where each has its own."""
        self.take([inbox.Arrival.of(body, bureau) for body in bodies])

    def take(self, arrivals: Sequence[inbox.Arrival]) -> None:
        """Take events into the inbox and react to them, in one transaction: with two it would be twice the work. Where a
        reaction fails they are only taken in, and `process` tries each by itself. Unavailable, and nothing is taken, where one
        is for a bureau that is fenced: they must stay on its queue."""
        telemetry.received(self.service, len(arrivals))
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

    def _reacted(self, works: Sequence[Work]) -> None:
        if any(work.events for work in works):
            self.on_outbox()
        if any(work.errand for work in works):
            self.on_errand()
        telemetry.reacted(self.service, len(works))

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

    def _react(self, session: Session, event: Event, bureau: str | None) -> Work:
        stamp = event.actor
        actor = Actor(stamp["username"], (stamp["role"],) if stamp["role"] else (), stamp["bureau"], stamp["organisation"])
        with telemetry.reaction(self.service, event):
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
        telemetry.failed(self.service, for_good=parked)
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
            telemetry.published(self.service, (row.routing_key for row in batch))
        return len(batch)

    # Errands

    def run_errand(self, errand: Errand, taken: Callable[[], None] = lambda: None) -> bool:
        """Take a piece, carry it, settle it. False when there is nothing to do now; `taken` is called when there is, before it
        is carried. Where carrying fails, or this process dies, the piece is taken again when its hold ends."""
        self._catch_up()
        with self._unit(SYSTEM) as session:
            piece = self._run(errand.take, session, {}, actor=SYSTEM)
        if piece is None:
            return False
        taken()
        try:
            with telemetry.errand(self.service, errand.name):
                outcome = self._run(errand.carry, None, piece)
        except Exception as error:
            log.error("an errand failed; it is taken again when its hold ends", exc_info=error, extra={"operation": errand.name})
            return True
        with self._unit(SYSTEM) as session:
            self._run(errand.settle, session, {"piece": piece, "outcome": outcome}, actor=SYSTEM)
        return True

    # Time

    def sweep(self, until: datetime | None = None) -> list[dict[str, Any]]:
        """Do all that is due by an instant (now by default), each thing in its own transaction. Idempotent; one that fails
        is reported and does not stop the others."""
        self._catch_up()
        now = self.clock.now()
        by: Clock = Until(min(until, now) if until else now)
        done = []
        for sweep in self.registry.sweeps:
            with self.database.read() as session:
                self._begin(session, SYSTEM, None, None)
                due = self._run(sweep.due, session, {}, clock=by)
            for id in due:
                done.append({"service": self.service, "sweep": sweep.name, "id": id} | self._act(sweep, id))
        telemetry.swept(self.service)
        return done

    def _act(self, sweep: Sweep, id: str) -> dict[str, Any]:
        try:
            with telemetry.act(self.service, sweep.name), self._unit(SYSTEM) as session:
                return {"did": self._run(sweep.act, session, {"id": id}, actor=SYSTEM)}
        except Unavailable:
            raise
        except Exception as error:
            log.error("sweep failed", exc_info=error, extra={"id": id})
            return {"error": str(error)}

    def _sweep_on_request(self, request: rpc.Request) -> list[dict[str, Any]]:
        request.actor.require("operator")
        as_of = date.fromisoformat(request.payload["as_of"])
        if as_of > self.clock.today():
            self._moved_clock.move(as_of)
        return self.sweep(end_of_day(as_of))

    def _catch_up(self) -> None:
        """What other processes of this service did that this one must know, before a transaction begins."""
        self._moved_clock.follow()
        if self._policies:
            self._policies.look(now=False)

    def seal(self) -> int:
        """Chain the audit entries not sealed yet, and drop answers nobody will ask for again."""
        with self._unit(SYSTEM) as session:
            sealed = audit.seal(session, per_bureau=self.registry.per_bureau)
            idempotency.forget(session, real_now() - timedelta(days=ANSWERS_KEPT_DAYS))
        return sealed

    # Numbers

    def measures(self) -> Iterator[tuple[Measure, Any]]:
        """What this service shows operators of its own: each number with its values by labels."""
        with self.database.read() as session:
            for measure in self.registry.measures:
                yield measure, self._run(measure.operation, session, {})
