"""A body must be JSON of the documented shape, without values that cannot be stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import jsonify
from flask.testing import FlaskClient
from marshmallow import fields

from gateway.http.blueprint import Blueprint
from services.contracts.common import Body, Page, search_words, text

Answering = Callable[..., FlaskClient]


class Note(Body):
    text = text(20, required=True)
    more = fields.Raw()


@pytest.fixture
def notes(answering: Answering) -> FlaskClient:
    blueprint = Blueprint("notes", __name__)

    @blueprint.arguments(Note)
    def view(**body: Any) -> Any:
        return jsonify(body)

    return answering(view)


@pytest.mark.parametrize(
    ("body", "media_type", "status", "code"),
    [
        (b'{"text": "a"}', "application/json", 200, None),
        (b'{"text": "a"}', "application/merge-patch+json", 200, None),
        (b'{"text": "a"}', "text/plain", 415, "json_required"),
        (b"text=a", "application/x-www-form-urlencoded", 415, "json_required"),
        (b"{", "application/json", 400, "malformed_json"),
        (b'{"text": NaN}', "application/json", 400, "malformed_json"),
        (b"\xff\xfe", "application/json", 400, "malformed_json"),
        (b"[" * 100_000, "application/json", 400, "malformed_json"),
        (b'{"text": "\\ud800"}', "application/json", 422, "bad_character"),
        (b'{"text": "\\u0000"}', "application/json", 422, "bad_character"),
        (b'{"text": "a", "more": {"\\u0000": 1}}', "application/json", 422, "bad_character"),
        (b"", "application/json", 422, "invalid_input"),
        (b"null", "application/json", 422, "invalid_input"),
        (b'{"text": 1}', "application/json", 422, "invalid_input"),
    ],
)
def test_a_body_is_read_strictly(notes: FlaskClient, body: bytes, media_type: str, status: int, code: str | None) -> None:
    answer = notes.post("/", data=body, content_type=media_type)
    assert (answer.status_code, answer.get_json().get("code")) == (status, code)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"text": "a\0"}, ["/text"]),
        ({"more": [{"a/b~": "\0"}, "\0", "a"], "text": "\0"}, ["/more/0/a~1b~0", "/more/1", "/text"]),
        ({"more": {"\0": 1}}, ["/more"]),
        ("\0", [""]),
        ({"text": "\ud800"}, ["/text"]),
        ({"more": [{"a": "\udfff"}], "text": "\ud83d\udca7"}, ["/more/0/a"]),
    ],
)
def test_what_cannot_be_stored_is_told_where_it_is(notes: FlaskClient, body: Any, pointers: list[str]) -> None:
    answer = notes.post("/", data=json.dumps(body), content_type="application/json")
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.get_json()["errors"]] == [
        (p, "bad_character") for p in pointers
    ]


class Search(Body):
    q = search_words(20)


@pytest.fixture
def search(answering: Answering) -> FlaskClient:
    blueprint = Blueprint("search", __name__)

    @blueprint.arguments(Search, location="query")
    def view(**asked: Any) -> Any:
        return jsonify(asked)

    return answering(view)


@pytest.mark.parametrize("q", ["%ff%fe", "a%c3", "%ed%a0%80"])
def test_a_parameter_that_is_no_utf_8_is_refused_at_its_name(search: FlaskClient, q: str) -> None:
    answer = search.get(f"/?q={q}")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "bad_character")
    assert [error["pointer"] for error in answer.get_json()["errors"]] == ["/q"]


@pytest.mark.parametrize("q", ["%E6%B2%B9%E8%8C%B6", "a+b", "%F0%A0%87%94"])
def test_a_parameter_in_utf_8_is_taken(search: FlaskClient, q: str) -> None:
    assert search.get(f"/?q={q}").status_code == 200


def test_a_backslash_before_u0000_is_no_nul(notes: FlaskClient) -> None:
    assert notes.post("/", data=r'{"text": "\\u0000", "more": "\u0041"}', content_type="application/json").status_code == 200


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("limit=0", "/limit"), ("limit=a", "/limit"), ("limit=201", "/limit"), ("limt=5", "/limt")],
)
def test_a_query_is_read_strictly(answering: Answering, query: str, pointer: str) -> None:
    blueprint = Blueprint("lists", __name__)

    @blueprint.arguments(Page, location="query")
    def view(**query: Any) -> Any:
        return jsonify(query)

    client = answering(view)
    assert client.get("/?limit=5").get_json() == {"limit": 5, "cursor": None}
    answer = client.get(f"/?{query}")
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.get_json()["errors"]] == [pointer]


def test_an_answer_goes_out_as_it_is_with_its_status_and_headers(answering: Answering) -> None:
    blueprint = Blueprint("answers", __name__)

    @blueprint.response(201, Note)
    def view() -> Any:
        return {"text": "桂", "not in the schema": 1}, {"ETag": '"3"'}

    answer = answering(view).get("/")
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"3"'
    assert answer.data.decode() == '{"text":"桂","not in the schema":1}'
