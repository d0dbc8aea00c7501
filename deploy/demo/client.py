"""The platform as an outside client sees it: HTTP, JSON and problem documents."""

from __future__ import annotations

import hashlib
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode, urljoin

import urllib3

from services.contracts.payload import JsonObject

T = TypeVar("T")

#: The path prefix of the API.
API = "/api/v1"
#: Seconds for which a client repeats a request while the platform asks for a later attempt (429, 503) or does not answer.
PATIENCE = 90.0


class Refused(Exception):
    """The platform refused a request. `status` is the HTTP status, `problem` the problem document, `code` its stable code."""

    def __init__(self, method: str, path: str, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{method} {path}: {status} {problem.get('code')}: {problem.get('detail')} {problem.get('errors', '')}")
        self.status = status
        self.problem = problem

    @property
    def code(self) -> str:
        return str(self.problem.get("code", ""))

    @property
    def pointers(self) -> dict[str, str]:
        """Return the mistakes in the input: the JSON pointer of the field → the error code."""
        return {error["pointer"]: error["code"] for error in self.problem.get("errors", ())}


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; `body` is the parsed JSON, or the bytes of any other content."""

    status: int
    headers: Mapping[str, str]
    body: Any


class Server:
    """One platform at a base URL. `patience`: the seconds for which a request is repeated while the platform asks for a later
    attempt or does not answer."""

    def __init__(self, base: str, *, language: str = "zh", patience: float = PATIENCE) -> None:
        self.base = base.rstrip("/")
        self.patience = patience
        self._language = language
        self._pool = urllib3.PoolManager(maxsize=64, block=False, retries=False, timeout=60)

    def send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        patience: float | None = None,
    ) -> Answer:
        """Send one request and return any answer. Every POST has an Idempotency-Key, so that a repeated request is not executed
        twice."""
        sent_headers = {"Accept-Language": self._language, "Accept": "application/json"}
        if body is not None:
            data = json.dumps(body, ensure_ascii=False).encode()
            sent_headers["Content-Type"] = "application/json"
        if method == "POST":
            sent_headers["Idempotency-Key"] = str(uuid.uuid4())
        sent_headers |= headers or {}
        query_sent = {name: value for name, value in (query or {}).items() if value is not None}
        url = self.url(path) + (f"?{urlencode(query_sent)}" if query_sent else "")
        until = time.monotonic() + (self.patience if patience is None else patience)
        while True:
            try:
                answer = self._once(method, url, data, sent_headers)
            except urllib3.exceptions.HTTPError:
                if time.monotonic() >= until:
                    raise
                time.sleep(0.2)
                continue
            wait = float(answer.headers.get("Retry-After", 1))
            if answer.status not in (429, 503) or time.monotonic() + wait > until:
                return answer
            time.sleep(wait)

    def url(self, path: str) -> str:
        """Return the URL of a path. The API's prefix is added unless the path begins with another known prefix; full URLs
        (presigned ones) stay unchanged."""
        if "://" in path:
            return path
        is_own_path = path.startswith((API, "/healthz", "/readyz", "/docs"))
        return urljoin(self.base + "/", (path if is_own_path else API + path).lstrip("/"))

    def _once(self, method: str, url: str, data: bytes | None, headers: Mapping[str, str]) -> Answer:
        response = self._pool.request(method, url, body=data, headers=dict(headers), redirect=False)
        content = response.headers.get("Content-Type", "")
        is_json = "json" in content and response.data
        return Answer(response.status, response.headers, json.loads(response.data) if is_json else response.data)

    def ask(self, method: str, path: str, **what: Any) -> Any:
        """Return the JSON of a successful answer. Raises Refused for any other answer."""
        answer = self.send(method, path, **what)
        if answer.status >= 400:
            raise Refused(method, path, answer.status, answer.body if isinstance(answer.body, dict) else {})
        return answer.body

    def login(self, username: str, password: str) -> Account:
        """Return an account on this platform. The account's token is fetched at the first request."""
        return Account(self, username, password)

    def ready(self) -> bool:
        """Return whether the platform and all its parts are available."""
        try:
            return self.send("GET", "/readyz", patience=0).status == 200
        except urllib3.exceptions.HTTPError:
            return False


class Account:
    """One person on the platform: an account and its bearer token."""

    def __init__(self, server: Server, username: str, password: str) -> None:
        self.server = server
        self.username = username
        self.password = password
        self._token = ""
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<{self.username}>"

    def send(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **what: Any) -> Answer:
        """Send one request as this person and return any answer. If the token has expired, log in again."""
        answer = self._send(method, path, headers, what)
        if answer.status == 401:
            self._token = ""
            answer = self._send(method, path, headers, what)
        return answer

    def _send(self, method: str, path: str, headers: Mapping[str, str] | None, what: JsonObject) -> Answer:
        return self.server.send(method, path, headers={"Authorization": f"Bearer {self.token()}", **(headers or {})}, **what)

    def token(self) -> str:
        with self._lock:
            if not self._token:
                body = {"username": self.username, "password": self.password}
                self._token = self.server.ask("POST", "/auth/token", body=body)["access_token"]
            return self._token

    def ask(self, method: str, path: str, **what: Any) -> Any:
        """Return the JSON of a successful answer. Raises Refused for any other answer."""
        answer = self.send(method, path, **what)
        if answer.status >= 400:
            raise Refused(method, path, answer.status, answer.body if isinstance(answer.body, dict) else {})
        return answer.body

    def get(self, path: str, **query: Any) -> Any:
        return self.ask("GET", path, query=query)

    def post(self, path: str, body: Any = None, **what: Any) -> Any:
        return self.ask("POST", path, body={} if body is None else body, **what)

    def approve(self, thing: str, act: str, body: Any = None) -> Any:
        """Read an object, then approve, verify, publish or decide exactly the version that was read, which its ETag identifies.
        If the object has changed in between, repeat both steps."""
        while True:
            try:
                return self.post(f"{thing}/{act}", body, headers=as_read(self.get(thing)))
            except Refused as refused:
                if refused.status != 412:
                    raise

    def put(self, path: str, body: Any, **what: Any) -> Any:
        return self.ask("PUT", path, body=body, **what)

    def patch(self, path: str, body: Any, **what: Any) -> Any:
        return self.ask("PATCH", path, body=body, **what)

    def all(self, path: str, **query: Any) -> Iterator[JsonObject]:
        """Yield every item of a list, which is fetched page by page."""
        cursor = None
        while True:
            page = self.get(path, cursor=cursor, **query)
            yield from page["items"]
            cursor = page["next_cursor"]
            if not cursor:
                return

    def upload(self, subject: str, kind: str, filename: str, content: bytes) -> str:
        """Upload a document: announce it, send its bytes to the URL that the platform gives, and complete it. Return its id."""
        announced = {
            "filename": filename,
            "kind": kind,
            "subject": subject,
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        document = self.post("/documents", announced)
        upload = document["upload"]
        self.server.ask(upload["method"], upload["url"], data=content, headers=upload["headers"])
        self.post(f"/documents/{document['id']}/completion")
        return str(document["id"])

    def download(self, document: str) -> bytes:
        """Return the bytes of a document, from the store that the platform names."""
        answer = self.send("GET", f"/documents/{document}/content")
        if answer.status in (302, 303, 307):
            answer = self.server.send("GET", urljoin(self.server.base + "/", answer.headers["Location"]))
        if answer.status != 200:
            raise Refused("GET", f"/documents/{document}/content", answer.status, answer.body)
        return bytes(answer.body)


def as_read(seen: Mapping[str, Any]) -> dict[str, str]:
    """Return the If-Match header with which an approval identifies the version of the object that was read."""
    return {"If-Match": f'"{seen["etag"]}"'}


def until(look: Callable[[], T | None], what: str, *, seconds: float = PATIENCE) -> T:
    """Call `look` repeatedly until it returns a result. A decision of one service reaches the others a moment later, and until
    then they answer 404.

    Raises TimeoutError with the name of the awaited result.
    """
    end = time.monotonic() + seconds
    pause = 0.02
    while True:
        try:
            if result := look():
                return result
        except Refused as refused:
            if refused.status != 404:
                raise
        if time.monotonic() >= end:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)
