"""Every response that the API gives while a consortium is formed, a refusal too, conforms to the OpenAPI document."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema_rs
import pytest

from deploy.demo.life import play
from tests.contract.conftest import Given, Running


def breach(document: dict[str, Any], given: Given) -> str | None:
    """Return how a response differs from the OpenAPI document; None if it conforms."""
    path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", given.route)
    where = f"{given.method} {path} → {given.status}"
    responses = document["paths"][path][given.method.lower()]["responses"]
    if str(given.status) not in responses:
        return f"{where}: this status is not documented"
    response = responses[str(given.status)]
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
    content = response.get("content", {})
    if not content:
        return None
    if given.media_type not in content:
        return f"{where}: {given.media_type} is not documented"
    schema = content[given.media_type]["schema"] | {"components": document["components"]}
    errors = list(jsonschema_rs.validator_for(schema).iter_errors(json.loads(given.body)))
    return f"{where}: {errors[0].message} at {errors[0].instance_path}" if errors else None


@pytest.fixture(scope="module")
def answers(running: Running) -> list[Given]:
    """Return all responses of the API that were given while a consortium was formed."""
    play(running.people)
    return [given for given in running.given if given.route.startswith("/api/")]


def test_a_whole_life_answers_as_documented(running: Running, answers: list[Given]) -> None:
    document = running.app.test_client().get("/api/v1/openapi.json").get_json()
    assert {given.status // 100 for given in answers} >= {2, 4}
    assert sorted({broken for given in answers if (broken := breach(document, given))}) == []


def test_one_action_asks_the_services_twice_at_most(answers: list[Given]) -> None:
    actions = {(given.method, given.route, given.asked) for given in answers if given.route != "/api/v1/sweeps"}
    assert {action for action in actions if action[2] > 2} == set()
    assert ("POST", "/api/v1/applications/<id>/submission", 2) in actions
