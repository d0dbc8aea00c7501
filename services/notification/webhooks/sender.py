"""Send one delivery, signed by the Standard Webhooks scheme, to exactly the IP address that was checked."""

from __future__ import annotations

import base64
import http.client
import secrets
import socket
import ssl
import time
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from urllib.parse import quote, urlsplit

from standardwebhooks import Webhook

from services.contracts.notification_answers import CloudEventDict
from services.input.web_address import BadAddress, parse_web_address
from services.kernel.clock import real_now
from services.kernel.messaging.rpc import encode
from services.notification.webhooks.deadline_socket import Wire, resolve
from services.notification.webhooks.delivery_rules import Allowed

#: The most seconds for one try, from the connection to the last header of the response.
EXCHANGE = 15.0
#: Characters that are not percent-encoded in a path.
_IN_PATH = "/%:=&?~+!$,;'@()*[]"


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one try to send a delivery. `reached` is false if there was no response; `status` is the HTTP status of the
    response."""

    delivered: bool
    reached: bool
    status: int | None = None
    error: str | None = None


def new_secret() -> str:
    """Return a new secret in the form in which subscribers get it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def signatures(id: str, at: datetime, body: bytes, keys: list[str]) -> str:
    """Return the `webhook-signature` header: one signature for each valid secret. `at` must be in UTC, because the `Webhook`
    library ignores other time zones."""
    return " ".join(Webhook(key).sign(id, at, body.decode()) for key in keys)


class Line:
    """A connection to one subscriber, which stays open for a batch of deliveries. The host name is resolved once, every resulting
    address is checked, and the connection uses a checked address. So a host name that resolves to an internal address a moment
    later does no harm. Redirects are not followed."""

    def __init__(self, url: str, allowed: Allowed) -> None:
        self._parts = urlsplit(_in_ascii(url))
        self._port = self._parts.port or (443 if self._parts.scheme == "https" else 80)
        self._allowed = allowed
        self._path = quote((self._parts.path or "/") + (f"?{self._parts.query}" if self._parts.query else ""), safe=_IN_PATH)
        self._wire: Wire | None = None

    def send(self, body: CloudEventDict, keys: list[str]) -> Result:
        """Send one delivery and return the result."""
        content, at = encode(body), real_now()
        headers = {
            "Host": self._parts.netloc,
            "Content-Type": "application/cloudevents+json; charset=utf-8",
            "User-Agent": "Guichuang-Webhook/1",
            "webhook-id": body["id"],
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signatures(body["id"], at, content, keys),
        }
        try:
            status = self._exchange(content, headers)
        except _Refused as error:
            return Result(False, False, error=str(error))
        except (http.client.HTTPException, OSError, ValueError) as error:
            self.close()
            return Result(False, False, error=type(error).__name__)
        succeeded = 200 <= status < 300
        return Result(succeeded, True, status, None if succeeded else f"HTTP {status}")

    def close(self) -> None:
        if self._wire:
            self._wire.close()
            self._wire = None

    def _exchange(self, content: bytes, headers: dict[str, str]) -> int:
        wire = self._wire = self._ready()
        connection = http.client.HTTPConnection(self._parts.hostname or "", self._port)
        connection.sock = cast(socket.socket, wire)
        connection.request("POST", self._path, body=content, headers=headers)
        answer = connection.getresponse()
        # The response's body is not needed. Reading it would let a subscriber occupy a worker for as long as it likes.
        if answer.length != 0 or answer.will_close:
            self.close()
        return answer.status

    def _ready(self) -> Wire:
        """Return the connection of the last try if it can still be used, otherwise a new one."""
        if self._wire and self._wire.quiet():
            self._wire.allow(EXCHANGE)
            return self._wire
        self.close()
        host, tls = self._parts.hostname or "", self._parts.scheme == "https"
        if not tls and not self._allowed.host(host):
            raise _Refused("plain_http")
        until = time.monotonic() + EXCHANGE
        addresses = resolve(host, self._port, EXCHANGE)
        # If any of the host's addresses is forbidden, the host is refused, because the subscriber could influence which address
        # is used.
        if not addresses or not all(self._allowed.address(host, address) for address in addresses):
            raise _Refused("private_address")
        context = ssl.create_default_context() if tls else None
        return Wire(addresses[0], self._port, tls=context, name=host, seconds=until - time.monotonic())


def _in_ascii(url: str) -> str:
    """Return the URL in ASCII, because a URL that an earlier version stored may contain other characters. A URL that can never
    work is returned unchanged: the check of its addresses refuses it later."""
    try:
        return parse_web_address(url)
    except BadAddress:
        return url


class _Refused(Exception):
    """The delivery is refused before it is sent: the host has an address to which deliveries are not allowed, or plain http is
    not allowed for the host."""
