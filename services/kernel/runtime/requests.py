"""The requests of a running service: verify a signed command or query, run it, and return the answer."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.kernel import observability
from services.kernel.clock import end_of_day
from services.kernel.errors import DomainError, Invalid, NotFound, Unavailable
from services.kernel.messaging import idempotency, rpc
from services.kernel.observability import tracing
from services.kernel.registry import Operation
from services.kernel.relocation import fencing
from services.kernel.runtime.schedule import Schedule, SweepResult
from services.kernel.runtime.service_context import ServiceContext


class RequestHandler:
    """Answers requests. A command with an idempotency key runs only once. An operator's request for a sweep is handled like a
    command."""

    def __init__(self, context: ServiceContext, schedule: Schedule) -> None:
        self._context = context
        self._schedule = schedule

    def handle(self, signed: bytes) -> bytes:
        """Answer one signed request. The method never raises an error: errors are encoded as answers."""
        with observability.request(self._context.service) as scope:
            try:
                request, body = rpc.decode(signed, self._context.verifier)
                scope.correlation_id = request.correlation_id
                if request.name in ("sweep", *self._context.registry.commands, *self._context.registry.queries):
                    scope.operation = request.name
                with tracing.span(
                    self._context.service, scope.operation, "server", after=request.trace, **scope.span_attributes()
                ):
                    return rpc.encode_answer(self._execute(request, body))
            except DomainError as error:
                scope.outcome = error.kind
                return rpc.encode_error(error)
            except Exception as error:
                scope.outcome = "broken"
                return rpc.encode_unexpected(error)

    def _execute(self, request: rpc.Request, body: bytes) -> Any:
        if request.expired:
            raise Unavailable("request_expired")
        if request.name == "sweep":
            return self._sweep_on_request(request)
        if operation := self._context.registry.queries.get(request.name):
            return self._query(operation, request)
        if operation := self._context.registry.commands.get(request.name):
            return self._command(operation, request)
        raise NotFound("unknown_operation", "没有这一操作。", f"{self._context.service} offers no {request.name}.")

    def _query(self, operation: Operation, request: rpc.Request) -> Any:
        self._context.load_changes()
        with self._context.database.read() as session:
            self._context.begin_unit_of_work(session, request.actor, request.correlation_id, None)
            try:
                return self._context.call(operation, session, _arguments(operation, request), actor=request.actor)
            finally:
                # Check the fence after reading. Rows that were read before the fence was raised are valid. But a row may be
                # missing because its bureau has moved; then the answer must be that the bureau is moving, and not "not found".
                if self._context.registry.per_bureau and request.bureau in fencing.fenced_bureaus(session):
                    raise fencing.moving_error(request.bureau)

    def _command(self, operation: Operation, request: rpc.Request) -> Any:
        self._context.load_changes()
        arguments = _arguments(operation, request) | self._run_before(operation, request)
        if not request.key:
            with self._context.unit(request.actor, request.correlation_id, request.bureau) as session:
                return self._context.call(operation, session, arguments, actor=request.actor)
        once = idempotency.Once(request.actor.username, operation.name, request.key, rpc.encode(request.payload))
        try:
            with self._context.unit(request.actor, request.correlation_id, request.bureau) as session:
                answer = self._context.call(operation, session, arguments, actor=request.actor)
                session.flush()
                idempotency.store_answer(session, once, answer, request.bureau)
            return answer
        except Unavailable:
            raise
        except Exception:
            # A repeated command failed, because its key was used or because of the effect that the first command had. Return the
            # stored answer of the first command.
            with self._context.database.read() as session:
                stored = idempotency.stored_answer(session, once)
            if stored is None:
                raise
            return stored[0]

    def _run_before(self, operation: Operation, request: rpc.Request) -> dict[str, object]:
        """Return the result of the command's `before` function, which runs outside the transaction; empty if it has none."""
        if operation.before is None:
            return {}
        with self._context.database.read() as session:
            self._context.begin_unit_of_work(session, request.actor, request.correlation_id, None)
            arguments = _arguments(operation.before, request)
            return {"prepared": self._context.call(operation.before, session, arguments, actor=request.actor)}

    def _sweep_on_request(self, request: rpc.Request) -> list[SweepResult]:
        request.actor.require("operator")
        as_of = date.fromisoformat(request.payload["as_of"])
        if as_of > self._context.clock.today():
            self._context.moved_clock.move(as_of)
        return self._schedule.sweep(end_of_day(as_of))


def _arguments(operation: Operation, request: rpc.Request) -> dict[str, object]:
    """Return the request's arguments, read according to the annotations of the operation's function. Raises Invalid if an
    argument lacks a member."""
    try:
        return operation.decode(request.arguments)
    except ValueError as error:
        raise Invalid("bad_request", "请求内容不符合要求。", f"The request does not fit: {error}.") from error
