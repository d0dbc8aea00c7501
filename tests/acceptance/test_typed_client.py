"""Developers can use the typed Python client that is generated from the platform's OpenAPI document."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from deploy.contract import client as generate
from deploy.demo.people import People


class Generated:
    """The generated Python package. `of("me.token")` returns the package's module for one operation of the API, and
    `model("Credentials")` a class for one schema."""

    def of(self, name: str) -> ModuleType:
        return importlib.import_module(f"guichuang_client.api.{name}")

    def model(self, name: str) -> Any:
        return getattr(importlib.import_module("guichuang_client.models"), name)

    def client(self, base: str, token: str = "") -> Any:
        package = importlib.import_module("guichuang_client")
        return package.AuthenticatedClient(base, token=token) if token else package.Client(base)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generated]:
    folder: Path = tmp_path_factory.mktemp("client")
    generate(folder)
    sys.path.insert(0, str(folder))
    yield Generated()
    sys.path.remove(str(folder))


def test_somebody_logs_in_reads_and_writes_with_the_typed_client(people: People, generated: Generated, call: str) -> None:
    base, chief = people.server.base, people.chief()
    # Given a chief who logs in through the generated client
    credentials = generated.model("Credentials")(username=chief.username, password=chief.password)
    token = generated.of("me.token").sync(client=generated.client(base), body=credentials)
    client = generated.client(base, token.access_token)
    # When the client reads the chief's account and the list of calls, Then the results are objects of the generated types
    me = generated.of("me.me").sync(client=client)
    assert (me.username, me.roles, me.bureau) == (chief.username, ["chief"], "450000")
    page = generated.of("calls.list_calls").sync(client=client, limit=200)
    assert call in [item.id for item in page.items]
    # and the client can write notification preferences and gets them back
    wish = generated.model("Preferences")(language=None, muted=["call.opened"])
    assert generated.of("notifications.set_preferences").sync(client=client, body=wish).muted == ["call.opened"]
    wish = generated.model("Preferences")(language=None, muted=[])
    assert generated.of("notifications.set_preferences").sync(client=client, body=wish).muted == []


def test_a_refusal_is_a_typed_problem(people: People, generated: Generated) -> None:
    client = generated.client(people.server.base, people.chief().token())
    answer = generated.of("consortia.get_consortium").sync_detailed("no-such", client=client, accept_language="en")
    assert (answer.status_code, type(answer.parsed).__name__, answer.parsed.status) == (404, "Problem", 404)
    assert "Problem" in str(type(answer.parsed)) and answer.parsed.code
