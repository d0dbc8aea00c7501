"""Errors become RFC 9457 problem documents with a stable code, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway.http.errors import KINDS
from services.kernel.errors import Conflict, DomainError, FieldError, Invalid, Text, TooMany, Unauthenticated, Unavailable

Answering = Callable[..., FlaskClient]


def raising(error: Exception) -> Callable[[], Any]:
    def view() -> Any:
        raise error

    return view


def test_every_kind_of_error_has_its_status() -> None:
    assert set(KINDS) == set(DomainError.kinds)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_error_answers_with_the_status_of_its_kind(answering: Answering, kind: str) -> None:
    error = DomainError.from_dict(
        {"kind": kind, "code": "some_code", "text": {"zh": "不行", "en": "no"}, "errors": [], "details": {}}
    )
    answer = answering(raising(error)).get("/")
    assert answer.status_code == KINDS[kind].status
    assert answer.content_type == "application/problem+json"
    assert answer.get_json() == {
        "type": "urn:guichuang:problem:some_code",
        "title": KINDS[kind].title.zh,
        "status": KINDS[kind].status,
        "detail": "不行",
        "code": "some_code",
    }


def test_english_is_spoken_to_who_asks_for_it(answering: Answering) -> None:
    error = Invalid(
        "c", "不行", "no", errors=(FieldError("/a", "f", Text("错", "wrong")),), findings=[{"zh": "差", "en": "short"}]
    )
    answer = answering(raising(error)).get("/", headers={"Accept-Language": "en-GB,en;q=0.9"}).get_json()
    assert answer["detail"] == "no"
    assert answer["errors"] == [{"pointer": "/a", "code": "f", "message": "wrong"}]
    assert answer["findings"] == ["short"]


@pytest.mark.parametrize("header", ["", "zh-CN", "fr", "zh;q=0.9,en;q=0.3", "*", "en;q=x", ";;;"])
def test_chinese_is_spoken_to_everybody_else(answering: Answering, header: str) -> None:
    answer = answering(raising(Conflict("c", "不行", "no"))).get("/", headers={"Accept-Language": header})
    assert answer.get_json()["detail"] == "不行"


def test_a_conflict_tells_the_present_state_beside_the_http_status(answering: Answering) -> None:
    answer = answering(raising(Conflict("c", "不行", "no", status="withdrawn"))).get("/").get_json()
    assert (answer["status"], answer["current_status"]) == (409, "withdrawn")


@pytest.mark.parametrize("error", [TooMany("c", "慢", "slow", retry_after=7), Unavailable(retry_after=7)])
def test_who_should_come_back_is_told_when(answering: Answering, error: DomainError) -> None:
    assert answering(raising(error)).get("/").headers["Retry-After"] == "7"


def test_who_is_not_known_is_told_how_to_be(answering: Answering) -> None:
    answer = answering(raising(Unauthenticated("token_expired", "过期", "expired"))).get("/")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_a_defect_shows_nothing_of_its_insides(answering: Answering) -> None:
    answer = answering(raising(RuntimeError("secret detail"))).get("/")
    assert answer.status_code == 500
    assert answer.get_json()["code"] == "internal_error"
    assert b"secret" not in answer.data
    assert b"Traceback" not in answer.data


def test_an_unknown_path_and_a_wrong_method_are_problems_too(answering: Answering) -> None:
    client = answering(lambda: "")
    assert client.get("/nowhere").get_json()["code"] == "no_such_path"
    wrong = client.delete("/")
    assert (wrong.status_code, wrong.get_json()["code"]) == (405, "method_not_allowed")
    assert wrong.headers["Allow"] == "GET, HEAD, OPTIONS, POST"
