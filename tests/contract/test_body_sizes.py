"""Before its sender is known, a request is refused by its header when it says too large a body: on every route."""

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
    """A body that nobody may read."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        raise AssertionError("the body was read")


def test_no_route_reads_a_body_that_its_header_says_is_too_large(running: Running) -> None:
    # Given every route, and a body of 900 MB that a stranger announces
    client = running.app.test_client()
    routes = [(method, path) for method, path, _ in operations(document_of(running))] + ELSEWHERE
    answers = {}
    for method, path in routes:
        sent = {"wsgi.input": Unread(), "CONTENT_LENGTH": "900000000", "CONTENT_TYPE": "application/json"}
        answer = client.open(re.sub("{[^}]+}", "x", path), method=method, environ_overrides=sent)
        answers[f"{method} {path}"] = (answer.status_code, answer.get_json()["code"])
    # Then each is refused unread, an upload without a token of ours among them
    assert set(answers.values()) == {(413, "too_large")}
    assert len(answers) > 150


@pytest.mark.parametrize(("beyond", "status"), [(0, 422), (1, 422), (2, 413)])
def test_an_upload_is_as_long_as_it_was_announced(running: Running, cast: Cast, beyond: int, status: int) -> None:
    # Given an upload of two megabytes that was announced
    size = 2_000_000
    sent = {"filename": "a.pdf", "kind": "platform_evidence", "size": size, "sha256": "0" * 64}
    url = cast.account("lead").post("/documents", sent | {"subject": f"organisation/{cast.things['organisation']}"})["upload"][
        "url"
    ]
    # When as many bytes are sent, or more
    path = url.removeprefix(running.people.server.base)
    more = {"environ_overrides": {"wsgi.input_terminated": True}}
    answer = running.app.test_client().put(path, data=b"x" * (size + beyond), **more)
    # Then they are taken in and found not to be what was announced, or refused by their length
    assert answer.status_code == status
