"""A bare application with our problem documents, for rules that need a request but no platform."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gateway.http import errors


@pytest.fixture
def answering() -> Callable[..., FlaskClient]:
    """Return a function that returns a client of an application with one route (`/`, any method), which the given view
    answers."""

    def client(view: Callable[..., Any]) -> FlaskClient:
        app = Flask("bare")
        errors.register(app)
        app.add_url_rule("/", view_func=view, methods=["GET", "POST"], endpoint="view")
        return app.test_client()

    return client
