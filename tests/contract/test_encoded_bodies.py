"""A compressed body is refused because it is compressed, on every route of the OpenAPI document that takes a body."""

from __future__ import annotations

import gzip

import pytest

from tests.contract.conftest import Running
from tests.contract.routes import ask, document_of, operations


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "GZIP", "identity, gzip"])
def test_no_route_takes_a_compressed_body(running: Running, coding: str) -> None:
    taking = [one for one in operations(document_of(running)) if one[0] in ("POST", "PUT", "PATCH")]
    assert len(taking) > 60
    answers = {}
    for method, path, operation in taking:
        sent = {"data": gzip.compress(b"{}"), "content_type": "application/json", "headers": {"Content-Encoding": coding}}
        answer = ask(running, method, path, operation, **sent)
        answers[f"{method} {path}"] = (answer.status_code, answer.get_json()["code"])
    assert set(answers.values()) == {(415, "content_encoding")}


def test_a_body_as_it_is_may_say_so(running: Running) -> None:
    client = running.app.test_client()
    answer = client.post("/api/v1/auth/token", json={"username": "x", "password": "x"}, headers={"Content-Encoding": "identity"})
    assert answer.status_code != 415
