"""A gateway with real accounts and one sample service behind it, for rules that concern the gateway alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from deploy import composition
from gateway.app import create_app
from gateway.identity.seed import seed_demonstration
from gateway.serve import InProcessTransport
from services.kernel.errors import Unavailable
from services.kernel.identity import Actor
from services.kernel.messaging.envelope import Event
from services.kernel.messaging.rpc import Caller
from services.kernel.persistence import tables
from services.kernel.persistence.database import Database
from services.kernel.persistence.tables import audit, outbox
from services.kernel.persistence.unit_of_work import audit_only
from services.kernel.registry import Registry
from services.kernel.runtime import ServiceRuntime
from services.kernel.settings import Settings
from services.kernel.storage.factory import store_of
from services.kernel.testing import FixedClock, runtimes


class Line:
    """The gateway's bus client. `services`: queue → the service that answers requests in it; `cut`: requests fail, as if the
    broker were down; `carried`: the queues to which requests were sent."""

    def __init__(self, services: dict[str, ServiceRuntime]) -> None:
        self.services = services
        self.cut = False
        self.carried: list[str] = []

    def send(self, queue: str, body: bytes, timeout: float) -> bytes:
        self.carried.append(queue)
        service = self.services.get(queue)
        if self.cut or service is None:
            raise Unavailable()
        return service.handle(body)


def made_up(name: str) -> Registry:
    """Return the registry of a sample service. It answers a few queries with the caller's name or with nothing, and it has two
    due items for the sweep."""
    registry = Registry(name)
    due = ["late-1", "late-2"]

    def list_calls(actor: Actor, **asked: Any) -> dict[str, Any]:
        return {"items": [{"for": actor.username}], "next_cursor": None}

    def list_applications(actor: Actor, **asked: Any) -> dict[str, Any]:
        return {"items": [{"for": actor.username}], "next_cursor": None}

    def act(session: Any, id: str) -> str:
        due.remove(id)
        audit_only(session, "thing.lapsed", f"application/{id}", bureau="450000", article="A12")
        return "lapsed"

    def policy_words(actor: Actor) -> dict[str, Any]:
        lists = ("rules", "questions", "required_documents", "grades", "measures", "grounds")
        return {name: [] for name in lists} | {"policy": "p", "policy_title": {"zh": "办法", "en": "Measures"}}

    def own_letters(actor: Actor) -> dict[str, Any]:
        return {"contact": None, "letters": []}

    registry.query(own_letters)
    registry.query(policy_words)
    registry.query(list_calls)
    registry.query(list_calls, "public_consortia")
    registry.query(list_calls, "organisation_name")
    registry.query(list_applications)
    registry.sweep("lapse", lambda session, clock: sorted(due), act)
    return registry


class Platform:
    """The gateway of one test: its application, its accounts, its bus client, and the services behind it."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.settings = Settings(var=str(folder), **({"seed": "demo", "rate_limit": "0"} | settings))
        folder.mkdir(parents=True, exist_ok=True)
        composition.make_keys(self.settings)
        composition.migrate_all(self.settings, ["gateway"])
        self.identity = composition.runtime_of("gateway", self.settings)
        runtimes.append(self.identity)
        queues = ("rpc.application", "rpc.evaluation", "rpc.documents", "rpc.notification", "rpc.review.450000")
        self.line = Line({queue: self._service(queue.split(".")[1]) for queue in queues})
        signer = composition.signer("gateway", self.settings)
        self.known = Caller(InProcessTransport(self.identity), signer)
        seed_demonstration(self.known, self.settings)
        self.accounts = {entry["username"]: entry for entry in json.loads((folder / "accounts.json").read_text(encoding="utf-8"))}
        self.health = {"bus": True, "database": True}
        self.app = create_app(
            Caller(self.line, signer),
            self.settings,
            identity=self.known,
            signer=signer,
            verifier=composition.verifier(self.settings),
            vault=composition.vault("gateway", self.settings),
            store=store_of(self.settings),
            health=lambda: self.health,
        )
        self._tokens: dict[str, str] = {}

    def _service(self, name: str) -> ServiceRuntime:
        database = Database(f"sqlite:///{self.settings.folder}/{name}.db")
        tables.metadata.create_all(database.engine)
        return ServiceRuntime(
            made_up(name),
            database,
            settings=self.settings,
            policies=None,
            signer=composition.signer(name, self.settings),
            verifier=composition.verifier(self.settings),
            clock=FixedClock(),
        )

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def log_in(self, username: str, password: str | None = None, **more: Any) -> TestResponse:
        body = {"username": username, "password": password or self.accounts[username]["password"]}
        return self.client.post("/api/v1/auth/token", json=body, **more)

    def token(self, username: str) -> str:
        if username not in self._tokens:
            self._tokens[username] = self.log_in(username).get_json()["access_token"]
        return self._tokens[username]

    def send(self, username: str, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Send one request from an account. In the names of headers, write _ in place of -."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if username:
            sent["Authorization"] = f"Bearer {self.token(username)}"
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers=sent)

    def events(self) -> list[Event]:
        """Return the events in the identity service's outbox, in order."""
        with self.identity.database.read() as session:
            return [
                Event.from_json(body) for body in session.execute(select(outbox.c.body).order_by(outbox.c.position)).scalars()
            ]

    def audited(self) -> list[tuple[str, str]]:
        """Return (action, subject) of all entries in the identity service's audit log, in order."""
        with self.identity.database.read() as session:
            rows = session.execute(select(audit.c.action, audit.c.subject).order_by(audit.c.position))
            return [(row.action, row.subject) for row in rows]

    def close(self) -> None:
        for runtime in (self.identity, *self.line.services.values()):
            runtime.database.close()
