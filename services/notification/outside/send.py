"""Sending one delivery: signed by the Standard Webhooks scheme, to the very address that was checked, and nowhere else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import socket
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import urllib3

from services.kernel.clock import real_now
from services.kernel.rpc import encode
from services.notification.outside.webhook import Allowed

#: Seconds to connect, and to answer.
TIMEOUT = urllib3.Timeout(connect=5.0, read=10.0)
PREFIX = "whsec_"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one try. `reached` is false where nobody answered at all; `status` is the answer's."""

    delivered: bool
    reached: bool
    status: int | None = None
    error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"delivered": self.delivered, "reached": self.reached, "status": self.status, "error": self.error}


def new_secret() -> str:
    """A fresh secret as subscribers get it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signatures(id: str, timestamp: int, body: bytes, keys: list[str]) -> str:
    """`webhook-signature`: one for each secret that still counts."""
    signed = f"{id}.{timestamp}.".encode() + body
    digests = (hmac.digest(base64.b64decode(key.removeprefix(PREFIX)), signed, hashlib.sha256) for key in keys)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)


class Line:
    """A connection to one subscriber, kept for a batch. The name is resolved once, every address is checked, and the connection
    goes to an address that was: a name that resolves otherwise the next moment leads nowhere. Redirects are not followed."""

    def __init__(self, url: str, allowed: Allowed) -> None:
        self._parts = urlsplit(url)
        self._allowed = allowed
        self._pool: urllib3.HTTPConnectionPool | None = None

    def send(self, body: dict[str, Any], keys: list[str]) -> Result:
        """One try."""
        content, timestamp = encode(body), int(real_now().timestamp())
        headers = {
            "Host": self._parts.netloc,
            "Content-Type": "application/cloudevents+json; charset=utf-8",
            "User-Agent": "Guichuang-Webhook/1",
            "webhook-id": body["id"],
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signatures(body["id"], timestamp, content, keys),
        }
        path = (self._parts.path or "/") + (f"?{self._parts.query}" if self._parts.query else "")
        try:
            pool = self._pool = self._pool or self._connected()
            answer = pool.urlopen(
                "POST", path, body=content, headers=headers, redirect=False, retries=False, preload_content=False, timeout=TIMEOUT
            )
            # What they say matters to nobody, and reading it would let them hold a worker for as long as they like.
            if answer.length_remaining == 0:
                answer.release_conn()
            else:
                answer.close()
        except _Refused as error:
            return Result(False, False, error=str(error))
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            return Result(False, False, error=type(error).__name__)
        good = 200 <= answer.status < 300
        return Result(good, True, answer.status, None if good else f"HTTP {answer.status}")

    def close(self) -> None:
        if self._pool:
            self._pool.close()

    def _connected(self) -> urllib3.HTTPConnectionPool:
        host, tls = self._parts.hostname or "", self._parts.scheme == "https"
        port = self._parts.port or (443 if tls else 80)
        if not tls and not self._allowed.host(host):
            raise _Refused("plain_http")
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in found]
        # One bad address among good ones is an attack as well: whoever answers chooses.
        if not addresses or not all(self._allowed.address(host, address) for address in addresses):
            raise _Refused("private_address")
        if not tls:
            return urllib3.HTTPConnectionPool(addresses[0], port, maxsize=1)
        context = ssl.create_default_context()
        return urllib3.HTTPSConnectionPool(
            addresses[0], port, maxsize=1, ssl_context=context, server_hostname=host, assert_hostname=host
        )


class _Refused(Exception):
    """We do not go there."""
