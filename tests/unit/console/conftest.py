"""A console whose API is down: no server listens at its address."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from console.api import HttpTransport
from console.app import create_app
from console.session import Sealer, Session
from console.settings import ConsoleSettings
from deploy.local_services.local_service import free_ports

KEYS = ("one key",)


@pytest.fixture(scope="session")
def console() -> Flask:
    """Return a console that cannot reach its API."""
    nowhere = f"http://127.0.0.1:{free_ports(['nowhere'])['nowhere']}"
    return create_app(HttpTransport(nowhere), ConsoleSettings(lambda: KEYS, public_url="https://guichuang.example"))


@pytest.fixture
def visitor(console: Flask) -> FlaskClient:
    return console.test_client()


@pytest.fixture
def reader(console: Flask) -> Callable[..., tuple[FlaskClient, Session]]:
    """Return a function that returns a browser in which an account with the given roles is logged in, and the browser's
    session."""

    def logged_in(*roles: str) -> tuple[FlaskClient, Session]:
        account = {"username": "someone", "name": "某人", "roles": list(roles), "bureau": None, "organisation": None, "unit": ""}
        session = Sealer(lambda: KEYS).begin_session("token", 3600, account | {"may_sign": True})
        client = console.test_client()
        client.set_cookie("guichuang", Sealer(lambda: KEYS).seal_session(session))
        return client, session

    return logged_in
