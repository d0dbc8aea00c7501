"""The registry of a service: its operations by name. Operations are plain functions with explicit arguments. The RabbitMQ bus and
the in-memory bus both use the registry."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from inspect import Parameter
from typing import Any, Literal, get_args

from sqlalchemy import Table
from sqlalchemy.orm import Session

from services.contracts.payload import JsonObject, Payload, decoder_of
from services.kernel.persistence.subject_rows import Subject, SubjectKind, SubjectRegister, SubjectRows

#: Services that run per bureau: the events of each bureau are published through an exchange of its own, `<service>.<bureau>`.
PER_BUREAU = ("review",)

#: The arguments that the runtime provides to a function that names them; all other arguments are taken from the payload.
PROVIDED = frozenset({"session", "clock", "policies", "actor", "event", "signer", "verifier", "vault", "store", "settings"})


PayloadClass = type[Payload]


@dataclass(frozen=True, slots=True)
class Operation:
    """A command, query, reaction or sweep step. It lists the arguments that the runtime must provide, those that the payload must
    contain, and those that the payload may contain."""

    name: str
    run: Callable[..., Any]
    wants: frozenset[str]
    needs: frozenset[str]
    #: The names of all arguments that the payload may contain; None if the function accepts any argument.
    takes: frozenset[str] | None
    #: Argument → the function that reads it from JSON, for arguments that are payloads or `StrEnum` and not plain JSON.
    decoders: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    #: Slow work that runs before the command's transaction, because it needs none; its result is the argument `prepared`.
    before: Operation | None = None

    def mismatch(self, payload: Collection[str]) -> str | None:
        """Return an error message if a payload with these argument names does not fit the function; otherwise None."""
        if missing := self.needs - frozenset(payload):
            return f"missing: {', '.join(sorted(missing))}"
        if self.takes is not None and (unknown := frozenset(payload) - self.takes):
            return f"unknown: {', '.join(sorted(unknown))}"
        return None

    def decode(self, payload: Mapping[str, object]) -> dict[str, object]:
        """Return the arguments of a request, each read from its JSON according to the function's annotation. Raises ValueError if
        an argument lacks a member."""
        return {name: self.decoders[name](value) if name in self.decoders else value for name, value in payload.items()}


@dataclass(frozen=True, slots=True)
class Reaction:
    """The function to run on another service's event. `scope` matters only in a service that runs per bureau: `addressed` runs
    the function for events addressed to the bureaus that the process serves, `province` for all events of the type, on the
    province's queue."""

    producer: str
    type: str
    operation: Operation
    scope: Literal["addressed", "province"]
    #: The class as which the function reads the event's data, from its annotation `event: Event[…]`; None if the function reads
    #: the JSON.
    payload: PayloadClass | None


@dataclass(frozen=True, slots=True)
class Sweep:
    """Work that becomes due by date. `due(session, clock)` lists ids, and `act(session, …, id)` handles one of them, each in its
    own transaction. Both functions are idempotent."""

    name: str
    due: Operation
    act: Operation


@dataclass(frozen=True, slots=True)
class Job:
    """Slow work outside the database. `claim(session, …)` leases one piece of work and returns it, or None; `run(…, **piece)`
    does the work without a session; `complete(session, …, piece, outcome)` stores the outcome."""

    name: str
    claim: Operation
    run: Operation
    complete: Operation
    at_once: int


@dataclass(frozen=True, slots=True)
class Gauge:
    """A Prometheus gauge `guichuang_<name>`, computed at each scrape. `operation` returns label values → number, from the
    service's own tables and with the help of an index."""

    name: str
    about: str
    labels: tuple[str, ...]
    operation: Operation


def _operation(name: str, run: Callable[..., Any]) -> Operation:
    parameters = inspect.signature(run, eval_str=True).parameters.values()
    named = [parameter for parameter in parameters if parameter.kind is not Parameter.VAR_KEYWORD]
    names = frozenset(parameter.name for parameter in named)
    needs = frozenset(parameter.name for parameter in named if parameter.default is Parameter.empty)
    takes = names - PROVIDED if len(named) == len(parameters) else None
    decoder_by_name = {each.name: decoder_of(each.annotation) for each in named if each.name not in PROVIDED}
    decoders = {name: decode for name, decode in decoder_by_name.items() if decode}
    return Operation(name, run, names & PROVIDED, needs - PROVIDED, takes, decoders)


def _payload_of(run: Callable[..., Any]) -> PayloadClass | None:
    """Return the class as which a reaction reads the event's data; None if it reads the JSON."""
    arguments = get_args(inspect.signature(run, eval_str=True).parameters["event"].annotation)
    payload = arguments[0] if arguments else None
    return payload if isinstance(payload, type) and issubclass(payload, Payload) else None


class Registry:
    """The commands, queries, reactions and sweeps of one service."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.commands: dict[str, Operation] = {}
        self.queries: dict[str, Operation] = {}
        self.reactions: dict[tuple[str, str], list[Reaction]] = {}
        self.sweeps: list[Sweep] = []
        self.jobs: list[Job] = []
        self.gauges: list[Gauge] = []
        #: The table rows that belong to each subject of the audit log.
        self.subjects = SubjectRegister()
        #: The tables with personal data, from which the erasure of a person's data deletes rows.
        self.personal: list[Table] = []
        #: The function that computes rows from audited rows again: (session, the subjects that a transaction changed). It runs at
        #: the end of the transaction, while the subjects are locked.
        self.derived: Callable[[Session, Collection[Subject]], None] | None = None
        #: The function that returns published policies: (session, references of versions that are loaded already) → the documents
        #: of the other versions.
        self.published: Callable[[Session, Collection[str]], Sequence[JsonObject]] | None = None

    @property
    def per_bureau(self) -> bool:
        return self.service in PER_BUREAU

    def command(self, run: Callable[..., Any], name: str | None = None, *, before: Callable[..., Any] | None = None) -> None:
        """Register a command, which may change data. It runs in a transaction that commits before the answer is sent. Its name is
        the function's name by default. `before` takes the same payload and runs before that transaction, with a read-only
        session; it may run more than once."""
        name = name or run.__name__
        self._add(self.commands, name, run)
        if before:
            self.commands[name] = replace(self.commands[name], before=_operation(before.__name__, before))

    def query(self, run: Callable[..., Any], name: str | None = None) -> None:
        """Register a query. It runs in a read-only transaction."""
        name = name or run.__name__
        self._add(self.queries, name, run)

    def reaction(
        self,
        producer: str,
        type: str,
        run: Callable[..., Any],
        scope: Literal["addressed", "province"] = "addressed",
    ) -> None:
        """Register a reaction to another service's event. It runs in the transaction that marks the event in the inbox as
        processed."""
        reaction = Reaction(producer, type, _operation(run.__name__, run), scope, _payload_of(run))
        self.reactions.setdefault((producer, type), []).append(reaction)

    def sweep(self, name: str, due: Callable[..., Any], act: Callable[..., Any]) -> None:
        """Register work that becomes due by date: `due(session, …)` lists ids, `act(session, id, …)` handles one of them."""
        self.sweeps.append(Sweep(name, _operation(name, due), _operation(name, act)))

    def job(
        self, name: str, claim: Callable[..., Any], run: Callable[..., Any], complete: Callable[..., Any], *, at_once: int
    ) -> None:
        """Register work that must not run inside a transaction or a request: sending, fetching, computing. Each piece is done at
        least once; if its worker dies, it is claimed again when its lease ends. Each process has `at_once` workers for the
        job."""
        job = Job(name, _operation(name, claim), _operation(name, run), _operation(name, complete), at_once)
        if "session" in job.run.wants:
            raise ValueError(f"{name}: a job runs without a session")
        self.jobs.append(job)

    def gauge(self, name: str, labels: tuple[str, ...], run: Callable[..., Any]) -> None:
        """Register a gauge; the function's docstring is its help text. A label has few values and is never an id."""
        self.gauges.append(Gauge(name, (run.__doc__ or "").strip(), labels, _operation(run.__name__, run)))

    def audits(self, kind: str, *rows: SubjectRows, **more: Any) -> None:
        """Register the table rows that belong to subjects `<kind>/<id>`. Each audit entry about such a subject records the digest
        of its rows, so every change of the rows needs an entry in the same transaction; the audit check compares the last digest
        with the rows. Kind "" covers all kinds that are not registered; the key is then the whole subject. `more` is passed to
        `SubjectKind`."""
        self.subjects.kinds[kind] = SubjectKind(kind, rows, **more)

    def keeps_personal_data(self, *tables: Table) -> None:
        """Register tables from which an erasure deletes rows, so that `scrub` also cleans them in the database's files."""
        self.personal += tables

    def reactions_to(self, producer: str, type: str) -> list[Reaction]:
        """Return the reactions to an event type. `producer` is the name in the event's envelope; `review.450200` counts as
        `review`."""
        return self.reactions.get((producer.partition(".")[0], type), [])

    def _add(self, table: dict[str, Operation], name: str, run: Callable[..., Any]) -> None:
        if name in self.commands or name in self.queries:
            raise ValueError(f"{self.service} offers {name} twice")
        table[name] = _operation(name, run)
