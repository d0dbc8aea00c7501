"""The context of a running service: its dependencies, and the transactions in which it changes data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from sqlalchemy.orm import Session

from services.contracts.payload import JsonObject
from services.kernel import audit, deployment
from services.kernel.clock import DomainClock
from services.kernel.errors import Invalid
from services.kernel.identity import Actor
from services.kernel.messaging import outbox, parked
from services.kernel.messaging.signing import Signer, Verifier
from services.kernel.moved_clock import MovedClock
from services.kernel.observability import gauges
from services.kernel.persistence.database import Database
from services.kernel.persistence.subject_rows import Subject
from services.kernel.persistence.unit_of_work import UnitOfWork
from services.kernel.registry import Gauge, Operation, Registry
from services.kernel.relocation import fencing
from services.kernel.settings import Settings
from services.kernel.vault import Vault


class PolicyVersions(Protocol):
    """The versions of the policy that a service knows. The runtime keeps them up to date."""

    def follow(self, source: Callable[[Collection[str]], Sequence[JsonObject]]) -> None:
        """Load published versions from this source from now on. `source` gets the known references and returns the documents of
        the other versions."""

    def refresh(self, *, now: bool = True) -> None:
        """Load newly published versions; if `now` is false, check for them only if the last check is too old."""


class ServiceContext:
    """The dependencies of a service. `bureaus` are the bureaus that this process serves, `all_bureaus` all bureaus that exist (a
    service that runs per bureau needs both). `provided` are further arguments, such as `store`, for commands and queries whose
    functions name them."""

    def __init__(
        self,
        registry: Registry,
        database: Database,
        *,
        settings: Settings,
        policies: PolicyVersions | None,
        signer: Signer,
        verifier: Verifier,
        clock: DomainClock | None = None,
        bureaus: Sequence[str] = (),
        all_bureaus: Sequence[str] = (),
        vault: Vault | None = None,
        **provided: object,
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
        #: Encrypts the service's stored secrets; None if it has none.
        self.vault = vault
        #: `on_outbox` is called after a commit that wrote events to the outbox, `on_inbox` after one that left events in the
        #: inbox.
        self.on_outbox: Callable[[], None] = lambda: None
        self.on_inbox: Callable[[], None] = lambda: None
        #: The function that is called after a commit that created work for the job workers.
        self.on_job: Callable[[], None] = lambda: None
        #: `on_bus` returns whether the bus is connected; `leads`, whether this process is the leader. Only the leader publishes
        #: events, seals the audit log and runs sweeps.
        self.on_bus: Callable[[], bool] = lambda: True
        self.leads: Callable[[], bool] = lambda: True
        self._provided = {
            "clock": self.clock,
            "policies": policies,
            "signer": signer,
            "verifier": verifier,
            "settings": settings,
            "vault": vault,
            **provided,
        }
        self.moved_clock = MovedClock(self.clock, database, allowed=settings.demo)
        self.fenced: frozenset[str] = frozenset()
        self._policies = policies if registry.published else None
        if self._policies is not None:
            self._policies.follow(self._published)
        gauges.watch(self.service, self)
        if "audit_entries" not in registry.queries:
            registry.query(audit.audit_entries)
            registry.query(audit.audit_state)
            registry.query(audit.kept_heads)
            registry.query(parked.parked_events)
            registry.query(deployment.deployment)
            registry.command(parked.replay_parked)
            for service in audit.CHAINED if self.service in audit.KEEPERS else ():
                if service != self.service:
                    registry.reaction(service, "audit.sealed", audit.keep_anchor)

    def _published(self, known: Collection[str]) -> Sequence[JsonObject]:
        """Return the documents of published policies that this process has not loaded yet."""
        assert self.registry.published
        with self.database.read() as session:
            return self.registry.published(session, known)

    def load_changes(self) -> None:
        """Load what other processes of this service changed (moved date, published policies), before a transaction begins."""
        self.moved_clock.follow()
        if self._policies is not None:
            self._policies.refresh(now=False)

    def call(self, operation: Operation, session: Session | None, payload: Mapping[str, Any], **overrides: Any) -> Any:
        if mismatch := operation.mismatch(payload):
            raise Invalid("bad_request", "请求内容不符合要求。", f"The request does not fit: {mismatch}.")
        provided = self._provided | {"session": session} | overrides
        arguments = {name: provided[name] for name in operation.wants}
        return operation.run(**arguments, **payload)

    @contextmanager
    def unit(self, actor: Actor, correlation_id: str | None = None, bureau: str | None = None) -> Iterator[Session]:
        """Open a transaction with its unit of work, for a bureau. At the end, write the recorded events and audit entries, and
        commit."""
        try:
            with self.write_transaction(bureau) as session:
                work = self.begin_unit_of_work(session, actor, correlation_id, None)
                yield session
                self.write(session, [work])
        except fencing.FenceViolation as violation:
            raise fencing.moving_error(violation.bureau) from violation
        if work.events:
            self.on_outbox()
        if work.has_jobs:
            self.on_job()

    @contextmanager
    def write_transaction(self, *bureaus: str | None) -> Iterator[Session]:
        """Open a transaction that may change rows of these bureaus. Raises Unavailable if one of them is fenced. Every change
        uses this method, so that no change that began before a fence was raised is still running afterwards."""
        with self.database.write() as session:
            session.info["fenced"] = fencing.fenced_bureaus(session) if self.registry.per_bureau else frozenset()
            for bureau in session.info["fenced"].intersection(bureaus):
                raise fencing.moving_error(bureau)
            yield session

    def begin_unit_of_work(
        self, session: Session, actor: Actor, correlation_id: str | None, causation_id: str | None
    ) -> UnitOfWork:
        work = UnitOfWork(self.service, self.clock, actor, causation_id=causation_id)
        if correlation_id:
            work.correlation_id = correlation_id
        session.info["work"] = work
        return work

    def write(self, session: Session, works: Sequence[UnitOfWork]) -> None:
        """Do the last step of a transaction: flush the session, then write the events, the computed rows and the audit
        entries."""
        session.flush()
        fencing.check_events(session.info["fenced"], works)
        subjects = audit.subjects_of(works, self.registry)
        outbox.write(session, works, self._counters(subjects))
        if subjects and self.registry.derived:
            self.registry.derived(session, subjects)
        audit.write(session, works, self.registry, self.signer)

    def _counters(self, subjects: Iterable[Subject]) -> Iterator[tuple[str, str]]:
        """Return the keys of the event counters that belong to these audited subjects. A transaction that locks the counters
        thereby locks the subjects."""
        for bureau, subject in subjects:
            yield (f"{self.service}.{bureau}" if bureau else self.service, subject)

    def gauge_values(self) -> Iterator[tuple[Gauge, Any]]:
        """Yield the gauges that the service has registered, each with its values by labels."""
        with self.database.read() as session:
            for gauge in self.registry.gauges:
                yield gauge, self.call(gauge.operation, session, {})
