"""The console's only connection to the platform: the public HTTP API, called in the same thread or over the network.

In the gateway's own process, its WSGI application is called directly. It must never be called over HTTP from its own process: the
embedded server has eight threads, and if all of them wait for requests to their own server, the platform stops.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import urllib3
from werkzeug.test import EnvironBuilder, run_wsgi_app

from console.problems import Problem

#: Seconds to wait for a connection to the gateway and for its answer. The gateway's own time limit is shorter.
PATIENCE = urllib3.Timeout(connect=3.0, read=60.0)
#: A gateway that is replaced closes its connections. Then a request that only reads is repeated; a request that may have changed
#: something is not.
RETRIES = urllib3.Retry(
    2,
    connect=2,
    read=1,
    redirect=0,
    status=0,
    other=0,
    allowed_methods={"GET"},
    backoff_factor=0.1,
    # A refusal with Retry-After is shown to the reader immediately; the console does not wait and repeat the request.
    respect_retry_after_header=False,
)
#: The number of connections to the gateway that are kept open.
CONNECTIONS = 32
_ROOT = "/api/v1"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the API; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body) if self.body else None

    @property
    def etag(self) -> str | None:
        return self.headers.get("etag")


class Transport(Protocol):
    """One way to send a request to the API."""

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, client: str) -> Answer:
        """Send a request. `target` is path and query; `client` is the reader's IP address, by which the API limits attempts such
        as logins."""


class InProcessTransport:
    """Calls the gateway's WSGI application in this thread."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, client: str) -> Answer:
        builder = EnvironBuilder(target, method=method, headers=list(headers.items()), data=body)
        environ = builder.get_environ()
        environ["REMOTE_ADDR"] = client
        environ["guichuang.console"] = True
        chunks, status, answered = run_wsgi_app(self._application, environ, buffered=True)
        lowered = {name.lower(): value for name, value in answered}
        return Answer(int(status.split()[0]), lowered, b"".join(chunks))


class HttpTransport:
    """Calls a gateway over the network. The gateway's settings must list this process among its proxies."""

    def __init__(self, base: str) -> None:
        self._base = base.rstrip("/")
        self._pool = urllib3.PoolManager(maxsize=CONNECTIONS, retries=RETRIES, timeout=PATIENCE)

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, client: str) -> Answer:
        request_headers = dict(headers) | {"X-Forwarded-For": client, "Accept-Encoding": "gzip"}
        try:
            answer = self._pool.request(method, self._base + target, headers=request_headers, body=body, redirect=False)
        except urllib3.exceptions.HTTPError:
            return Answer(503, {"retry-after": "5"}, b'{"code": "gateway_unreachable"}')
        return Answer(answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.data)


@dataclass(frozen=True, slots=True)
class Api:
    """The API as one reader calls it: every call contains the reader's token, language, IP address and browser."""

    transport: Transport
    client: str
    language: str
    user_agent: str = ""
    token: str | None = None

    def get(self, path: str, **query: Any) -> Any:
        """Return the data that the API answers to a GET request. Parameters that are None or empty are left out. Raises Problem
        if the API refuses."""
        return self.call("GET", path, query=query).data

    def post(self, path: str, body: Any = None, *, idempotency_key: str | None = None, if_match: str | None = None) -> Answer:
        return self.call("POST", path, body=body, idempotency_key=idempotency_key, if_match=if_match)

    def put(self, path: str, body: Any, *, if_match: str | None = None) -> Answer:
        return self.call("PUT", path, body=body, if_match=if_match)

    def patch(self, path: str, body: Any, *, if_match: str | None = None) -> Answer:
        return self.call("PATCH", path, body=body, if_match=if_match)

    def delete(self, path: str) -> Answer:
        return self.call("DELETE", path)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        idempotency_key: str | None = None,
        if_match: str | None = None,
        file: tuple[bytes, str] | None = None,
    ) -> Answer:
        """Send one request to a path below /api/v1. `body` is sent as JSON, a `file` as its bytes with its content type. Raises
        Problem for every answer with a status from 400 on, and for an ETag or a key that a header cannot contain."""
        if not all((value or "").isascii() and (value or "").isprintable() for value in (idempotency_key, if_match)):
            raise Problem.of_console(400, "bad_form")  # No page contains this value: the form was altered.
        query_sent = {name: value for name, value in (query or {}).items() if value not in (None, "", [])}
        target = _ROOT + path + (f"?{urlencode(query_sent, doseq=True)}" if query_sent else "")
        headers = {"Accept-Language": self.language, "User-Agent": self.user_agent or "guichuang-console"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        if if_match:
            headers["If-Match"] = if_match
        content = None
        if file is not None:
            content, headers["Content-Type"] = file
        elif body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body, ensure_ascii=False).encode()
        answer = self.transport.send(method, target, headers, content, self.client)
        if answer.status >= 400:
            raise _problem(answer)
        return answer


def path_of(*parts: str) -> str:
    """Join parts to a path below /api/v1, such as `path_of("calls", id)`. The parts may contain any character; they are
    escaped."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def _problem(answer: Answer) -> Problem:
    try:
        document = json.loads(answer.body)
    except ValueError:
        document = {}
    after = answer.headers.get("retry-after", "")
    return Problem(answer.status, document if isinstance(document, dict) else {}, int(after) if after.isdigit() else None)
