"""Requests: a command or a query comes signed, and is answered."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.kernel import observability
from services.kernel.clock import end_of_day
from services.kernel.errors import DomainError, NotFound, Unavailable
from services.kernel.messaging import idempotency, rpc
from services.kernel.observability import tracing
from services.kernel.registry import Operation
from services.kernel.relocation import fencing
from services.kernel.runtime.schedule import Sweeps


class Requests(Sweeps):
    """A sweep is asked for like anything else."""

    def handle(self, signed: bytes) -> bytes:
        """Answer one signed request. Never raises: an error is an answer."""
        with observability.request(self.service) as scope:
            try:
                request, body = rpc.decode(signed, self.verifier)
                scope.correlation_id = request.correlation_id
                if request.name in ("sweep", *self.registry.commands, *self.registry.queries):
                    scope.operation = request.name
                with tracing.span(self.service, scope.operation, "server", after=request.trace, **scope.seen()):
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
                if self.registry.per_bureau and request.bureau in fencing.fenced_bureaus(session):
                    raise fencing.moving(request.bureau)

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

    def _sweep_on_request(self, request: rpc.Request) -> list[dict[str, Any]]:
        request.actor.require("operator")
        as_of = date.fromisoformat(request.payload["as_of"])
        if as_of > self.clock.today():
            self._moved_clock.move(as_of)
        return self.sweep(end_of_day(as_of))
