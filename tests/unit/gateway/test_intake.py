"""A request whose framing a proxy may read differently is refused, whichever server receives it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, request

from gateway.http import body_limits, errors
from gateway.http.framing import CLOSE, LARGEST_BODY, valid_host


@pytest.mark.parametrize("host", ["a", "a.example:8000", "127.0.0.1", "[::1]:8000", "my_service", "a-b"])
def test_a_host_names_one_host(host: str) -> None:
    assert valid_host(host)


@pytest.mark.parametrize("host", ["", "a, b", "a b", "a/b", "user@a", "a:b", "a:123456", "桂", "[g]", "a\n", "a?b"])
def test_anything_else_is_no_host(host: str) -> None:
    assert not valid_host(host)


@pytest.fixture
def refused() -> Callable[..., tuple[int, bool]]:
    """Return a function that sends a request with this environment, and returns the status of the answer, and whether the
    connection must be closed."""
    app = Flask("bare")
    app.config.update(STORE=None)
    errors.register(app)
    seen: dict[str, Any] = {}

    @app.before_request
    def check() -> None:
        seen["environ"] = request.environ
        body_limits.check()

    app.add_url_rule("/", view_func=lambda: "ok", methods=["GET", "POST"], endpoint="view")

    def ask(**environ: str) -> tuple[int, bool]:
        answer = app.test_client().post("/", environ_overrides=environ)
        return answer.status_code, seen["environ"].get(CLOSE, False)

    return ask


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, (200, False)),
        ({"CONTENT_LENGTH": str(LARGEST_BODY)}, (200, False)),
        ({"CONTENT_LENGTH": str(LARGEST_BODY + 1)}, (413, True)),
        ({"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}, (400, True)),
        ({"HTTP_TRANSFER_ENCODING": "gzip, chunked"}, (400, True)),
        ({"HTTP_HOST": "a,b"}, (400, True)),
    ],
)
def test_what_cannot_be_told_apart_is_refused_and_closed(
    refused: Callable[..., tuple[int, bool]], environ: dict[str, str], expected: tuple[int, bool]
) -> None:
    assert refused(**environ) == expected
