"""The format of requests and answers. Requests and answers are bytes, and both buses (RabbitMQ and the in-memory bus) transport
the same bytes."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from typing import Any, Protocol

from services.contracts.payload import JsonObject
from services.kernel.clock import real_now
from services.kernel.errors import DomainError, Forbidden, Unavailable
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.messaging.signing import Signer, Verifier
from services.kernel.observability import tracing

#: Seconds for which a caller waits for an answer by default.
TIMEOUT = 10.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """A command or query as the service receives it. `expires_at`: the Unix time after which the caller no longer waits.
    `carried`: further arguments that the gateway obtained for this attempt, such as signed statements. They may differ in every
    attempt, so they are ignored when a repeated command is compared with the first one. `trace` is the caller's `traceparent`, if
    traces are on."""

    service: str
    name: str
    payload: JsonObject
    actor: Actor
    key: str | None
    bureau: str | None
    correlation_id: str
    expires_at: float
    carried: JsonObject = field(default_factory=dict)
    trace: str | None = None

    @property
    def arguments(self) -> JsonObject:
        return self.payload | self.carried

    @property
    def expired(self) -> bool:
        return self.expires_at < real_now().timestamp()


_FIELDS = tuple(Request.__dataclass_fields__)


class Transport(Protocol):
    """Sends a signed request to a request queue and returns the answer. Raises Unavailable immediately if no process consumes the
    queue, and after `timeout` seconds without an answer."""

    def send(self, queue: str, body: bytes, timeout: float) -> bytes: ...


def queue_of(service: str, bureau: str | None) -> str:
    """Return the name of a service's request queue. A service that runs per bureau has one request queue for each bureau."""
    return f"rpc.{service}.{bureau}" if bureau else f"rpc.{service}"


def encode(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


class Caller:
    """Signs requests and sends them to services in the name of an authenticated actor."""

    def __init__(self, transport: Transport, signer: Signer) -> None:
        self._transport = transport
        self._signer = signer

    def call(
        self,
        service: str,
        name: str,
        payload: JsonObject,
        actor: Actor,
        *,
        bureau: str | None = None,
        key: str | None = None,
        correlation_id: str | None = None,
        carried: JsonObject | None = None,
        timeout: float = TIMEOUT,
    ) -> Any:
        """Send a request and return its answer, or raise the DomainError that the service raised. `bureau` selects the queue of a
        service that runs per bureau. With a `key` a command can be repeated safely."""
        request = {
            "service": service,
            "name": name,
            "payload": payload,
            "carried": carried or {},
            "actor": actor.to_dict(),
            "key": key,
            "bureau": bureau,
            "correlation_id": correlation_id or new_id(),
            "expires_at": real_now().timestamp() + timeout,
        }
        with tracing.span(self._signer.name, f"ask {service} {name}", "client"):
            if traceparent := tracing.current_traceparent():
                request["trace"] = traceparent
            signed = self._signer.wrap(encode(request))
            answer = json.loads(self._transport.send(queue_of(service, bureau), signed, timeout))
            if "error" in answer:
                raise DomainError.from_dict(answer["error"])
            return answer["answer"]


def decode(signed: bytes, verifier: Verifier) -> tuple[Request, bytes]:
    """Return the request and the bytes of its body. Raises Forbidden unless the gateway signed it."""
    signer, body = verifier.unwrap(signed)
    if signer != "gateway":
        raise Forbidden("bad_signature", "签名无效，请求未被处理。", "Only the gateway may ask.")
    data = json.loads(body)
    data["actor"] = Actor.from_dict(data["actor"])
    # Unknown fields are ignored: a newer gateway may send additional ones.
    return Request(**{name: data[name] for name in _FIELDS if name in data}), body


def encode_answer(value: Any) -> bytes:
    return encode({"answer": value})


def encode_error(error: DomainError) -> bytes:
    return encode({"error": error.to_dict()})


def encode_unexpected(error: Exception) -> bytes:
    """Log an unexpected error completely, and return the answer for the caller, which contains no details."""
    log.error("request failed", exc_info=error)
    return encode_error(
        Unavailable(
            "internal_error",
            "系统内部错误，操作未完成，已记录。请稍后重试或联系管理员。",
            "An internal error; nothing was done. It has been logged.",
        )
    )
