"""On every route, a request whose header announces too large a body is refused before its sender is authenticated."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from tests.contract.conftest import Running
from tests.contract.personas import Cast
from tests.contract.routes import document_of, operations

ELSEWHERE = [("GET", "/healthz"), ("POST", "/docs"), ("PUT", "/nowhere"), ("GET", "/")]


class Unread(io.RawIOBase):
    """A body of a request; the test fails if the server reads it."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        raise AssertionError("the body was read")


def test_no_route_reads_a_body_that_its_header_says_is_too_large(running: Running) -> None:
    # Given every route, and a client without an account whose request announces a body of 900 MB
    client = running.app.test_client()
    routes = [(method, path) for method, path, _ in operations(document_of(running))] + ELSEWHERE
    answers = {}
    for method, path in routes:
        sent = {"wsgi.input": Unread(), "CONTENT_LENGTH": "900000000", "CONTENT_TYPE": "application/json"}
        answer = client.open(re.sub("{[^}]+}", "x", path), method=method, environ_overrides=sent)
        answers[f"{method} {path}"] = (answer.status_code, answer.get_json()["code"])
    # Then each request is refused for its size, without its body being read
    assert set(answers.values()) == {(413, "too_large")}
    assert len(answers) > 150


@pytest.mark.parametrize(("beyond", "status"), [(0, 422), (1, 422), (2, 413)])
def test_an_upload_is_as_long_as_it_was_announced(running: Running, cast: Cast, beyond: int, status: int) -> None:
    # Given a lead who has announced a document of two megabytes
    size = 2_000_000
    sent = {"filename": "a.pdf", "kind": "platform_evidence", "size": size, "sha256": "0" * 64}
    url = cast.account("lead").post("/documents", sent | {"subject": f"organisation/{cast.things['organisation']}"})["upload"][
        "url"
    ]
    # When the lead uploads the announced number of bytes, or one or two bytes more
    path = url.removeprefix(running.people.server.base)
    more = {"environ_overrides": {"wsgi.input_terminated": True}}
    answer = running.app.test_client().put(path, data=b"x" * (size + beyond), **more)
    # Then up to one byte more the content is read and refused because it differs from the announced document; two bytes more are
    # refused for their size
    assert answer.status_code == status
