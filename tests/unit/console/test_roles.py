"""An officer who starts to act for a chief can sign without a new login."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

from console.api import Answer
from console.app import create_app
from console.session import Sealer
from console.settings import ConsoleSettings
from tests.unit.console.conftest import KEYS

OFFICER = {"username": "officer", "name": "某人", "roles": ["officer"], "bureau": "450200", "organisation": None, "unit": ""}


class Appointed:
    """An API that answers every request with the officer's account, for which the officer already acts for a chief. `asked`: the
    requested paths."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, client: str) -> Answer:
        self.asked.append(target.partition("/api/v1")[2])
        me = OFFICER | {"roles": ["chief", "officer"], "acting_for": "chief"}
        return Answer(200, {}, json.dumps(me).encode())


def roles_after(read_at: float, path: str = "/assets/none.css", polling: str = "") -> tuple[list[str], list[str]]:
    """Let an officer, whose roles were read from the API at `read_at`, request a page; return the roles in the session, and the
    requests that the API got."""
    api = Appointed()
    app = create_app(api, ConsoleSettings(lambda: KEYS))
    sealer = Sealer(lambda: KEYS)
    client = app.test_client()
    client.set_cookie("guichuang", sealer.seal_session(sealer.begin_session("token", 3600, OFFICER | {"read_at": read_at})))
    client.get(path, headers={"X-Polling": polling})
    cookie = client.get_cookie("guichuang")
    session = sealer.open_session(cookie.value) if cookie else None
    assert session is not None
    return session.account["roles"], api.asked


def test_roles_are_read_again_when_they_are_a_minute_old() -> None:
    assert roles_after(time.time() - 61, "/session") == (["chief", "officer"], ["/me"])


def test_roles_that_were_just_read_are_kept_and_polling_never_asks() -> None:
    assert roles_after(time.time(), "/session") == (["officer"], [])
    assert roles_after(time.time() - 61, "/session", polling="1")[0] == ["officer"]
