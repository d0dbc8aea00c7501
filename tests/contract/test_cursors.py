"""Every paged list of the OpenAPI document accepts only its own cursors."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.conftest import Running
from tests.contract.routes import ask, document_of, operations, parameters


def invented() -> dict[str, str]:
    """Return cursors that no list has issued, keyed by what is wrong with them."""

    def unsigned(key: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")

    return {
        "text": unsigned(["x"]),
        "number": unsigned([1]),
        "huge number": unsigned([2**70]),
        "two parts": unsigned(["x", 1]),
        "three parts": unsigned([0, "x", "x"]),
        "NUL": unsigned(["\0"]),
        "no base64": "桂",
        "nonsense": "x",
    }


@pytest.fixture(scope="module")
def document(running: Running) -> dict[str, Any]:
    return document_of(running)


def paged(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the method, path and description of every list that is read in pages."""
    for method, path, operation in operations(document):
        if "cursor" in parameters(operation):
            yield method, path, operation


def test_no_list_takes_a_cursor_it_has_not_given(running: Running, document: dict[str, Any]) -> None:
    # Given every list of the API, forged cursors, and cursors that the list of accounts issued
    lists = list(paged(document))
    assert len(lists) >= 34
    whole = running.people.operator.get("/accounts", limit=1)["next_cursor"]
    filtered = running.people.operator.get("/accounts", bureau="450000", limit=1)["next_cursor"]
    sent = invented() | {"foreign": whole, "cut off": whole[:-1], "of other filters": filtered}
    # When a client sends these cursors to each list, except the right cursor to the list of accounts
    answers = {}
    for method, path, operation in lists:
        for name, cursor in sent.items():
            if (path, name) == ("/api/v1/accounts", "foreign"):
                continue
            answer = ask(running, method, path, operation, query={"cursor": cursor})
            mistakes = [(error["pointer"], error["code"]) for error in answer.get_json().get("errors", ())]
            answers[f"{method} {path} {name}"] = (answer.status_code, mistakes)
    # Then each request is refused, and the refusal names the parameter `cursor`
    assert {where: told for where, told in answers.items() if told != (422, [("/cursor", "bad_cursor")])} == {}


def test_a_list_goes_on_from_its_own_cursor_with_its_own_filters(running: Running) -> None:
    # Given the cursor after the first account of one bureau's list
    operator = running.people.operator
    first = operator.get("/accounts", bureau="450000", limit=1)
    # When the client requests the next page with this cursor and a greater page length
    rest = operator.get("/accounts", bureau="450000", limit=200, cursor=first["next_cursor"])["items"]
    # Then the two pages together have all accounts of the bureau; with another bureau as filter, the cursor is refused
    everybody = operator.get("/accounts", bureau="450000", limit=200)["items"]
    assert first["items"] + rest == everybody
    refused = operator.send("GET", "/accounts", query={"bureau": "450200", "cursor": first["next_cursor"]})
    assert (refused.status, refused.body["errors"][0]["code"]) == (422, "bad_cursor")


def test_an_empty_cursor_is_the_first_page(running: Running) -> None:
    operator = running.people.operator
    assert operator.send("GET", "/accounts?cursor=").body == operator.get("/accounts")


def test_a_place_in_the_feed_holds_for_other_types_and_for_a_webhook(running: Running) -> None:
    # Given a cursor of the event feed, issued for events about accounts
    portal = running.people.role("portal")
    place = portal.get("/events", types="account.*", limit=1)["next_cursor"]
    # Then the feed accepts the cursor for events about registrations, and a webhook can begin at it
    assert portal.get("/events", types="registration.*", cursor=place)["next_cursor"]
    made = {"url": "https://portal.invalid/in", "types": ["*"]}
    assert portal.post("/webhooks", made | {"cursor": place})["state"] == "active"
    refused = portal.send("POST", "/webhooks", body=made | {"cursor": "WzFd"})
    assert (refused.status, [error["pointer"] for error in refused.body["errors"]]) == (422, ["/cursor"])


def test_every_answer_with_a_next_cursor_is_of_a_list_that_takes_one(document: dict[str, Any]) -> None:
    offering = {(method, path) for method, path, one in operations(document) if "next_cursor" in _members(document, one)}
    assert offering == {(method, path) for method, path, _ in paged(document)}


def _members(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    for status, answer in operation.get("responses", {}).items():
        if status.startswith("2"):
            schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
            name = schema.get("$ref", "").rpartition("/")[2]
            return dict(document["components"]["schemas"].get(name, schema).get("properties", {}))
    return {}
