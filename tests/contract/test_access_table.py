"""Every route with every role: which roles the gateway admits, which personas may read an object, and which personas may not
perform an action."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from gateway.auth.authorization import SCOPES
from services.contracts.roles import ROLES
from services.kernel.clock import real_now
from tests.contract.access_table import ALL, AUDITORS_OWN, BY_TOKEN, LISTED, LOGIN_ONLY, PUBLIC, READERS, ROUTE_ROLES
from tests.contract.acts import ACTORS
from tests.contract.conftest import Running
from tests.contract.personas import PERSONAS, Cast
from tests.contract.routes import ask, document_of, gateway_without_services, operations

API = "/api/v1"
#: The routes that return the API's own documents. The OpenAPI document does not describe them.
DOCUMENTS = {"GET /openapi.json", "GET /asyncapi.json"}
#: Role → the persona that has it. The officials are the province's, whose access is the widest.
HOLDERS = {
    "applicant": "stranger",
    "officer": "province officer",
    "chief": "province chief",
    "expert": "expert",
    "third_party": "third party",
    "auditor": "auditor",
    "portal": "portal",
    "operator": "operator",
}


def routes() -> Iterator[str]:
    """Yield every route of the API as `METHOD /path/{}`."""
    for rule in gateway_without_services().url_map.iter_rules():
        if rule.rule.startswith(API):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield f"{method} {re.sub('<[^>]+>', '{}', rule.rule.removeprefix(API))}"


def blank(row: str) -> str:
    """Return a route or path of the access table in the form in which the tests compare it: without the query, and with `{}` for
    each `{name}`."""
    return re.sub(r"\{\w+\}", "{}", row).partition("?")[0]


def test_every_route_has_its_rows() -> None:
    known = set(routes())
    assert set(ROUTE_ROLES) == known
    of_things = {route for route in known if "{}" in route and route not in BY_TOKEN}
    assert {f"GET {blank(path)}" for path in READERS} == {route for route in of_things if route.startswith("GET ")}
    assert {route for route in of_things if not route.startswith("GET ")} <= {blank(act) for act in ACTORS}


@pytest.mark.parametrize("route", sorted(set(ROUTE_ROLES) - DOCUMENTS))
def test_only_these_roles_are_let_in(cast: Cast, route: str) -> None:
    method, _, path = route.partition(" ")
    path = path.replace("{}", "0197c0de-0000-7000-8000-000000000000")
    body = {} if method != "GET" else None
    answers = {role: cast.send(persona, method, path, body) for role, persona in HOLDERS.items()}
    answers["nobody"] = cast.send("nobody", method, path, body)
    refused = {role for role, answer in answers.items() if _at_the_door(answer, ROUTE_ROLES[route])}
    expected = set() if ROUTE_ROLES[route] == PUBLIC else {"nobody", *ROLES} - set(ROUTE_ROLES[route].split())
    assert refused == expected


def _at_the_door(answer: Any, roles: str) -> bool:
    """Return whether the gateway refused the request because of the login or the role, before it called a service. A refusal
    because of the role lists the route's roles."""
    return answer.status == 401 or (answer.status == 403 and set(answer.body.get("roles", ())) == set(roles.split()))


@pytest.mark.parametrize("path", READERS)
def test_only_its_parties_read_a_thing(cast: Cast, path: str) -> None:
    answers = {persona: cast.send(persona, "GET", path).status for persona in PERSONAS}
    assert {persona for persona, status in answers.items() if status < 400} == set(READERS[path])
    # 409: a persona that may read the object is told that the object does not exist yet.
    assert {status for status in answers.values() if status >= 400} <= {401, 403, 404, 409}


@pytest.mark.parametrize("path", LISTED)
def test_a_thing_is_listed_to_its_parties_alone(cast: Cast, path: str) -> None:
    thing, parties = LISTED[path]
    answers = {persona: cast.send(persona, "GET", path) for persona in PERSONAS}
    seen = {
        persona
        for persona, answer in answers.items()
        if answer.status == 200 and cast.things[thing] in [item["id"] for item in answer.body["items"]]
    }
    assert seen == set(parties)


@pytest.mark.parametrize("act", ACTORS)
def test_nobody_else_does_it(cast: Cast, act: str) -> None:
    # Given a valid request, so that only the missing rights of its sender can be a reason to refuse it
    method, _, path = act.partition(" ")
    body, may = ACTORS[act]
    if isinstance(body, dict):
        named = {name: body[name].format_map(cast.things) for name in ("subject", "consortium") if name in body}
        body = body | named
    # When each persona without the right to perform the action sends the request
    answers = {persona: cast.send(persona, method, path, body).status for persona in PERSONAS if persona not in may}
    # Then every request is refused with 401, 403 or 404
    assert set(answers.values()) <= {401, 403, 404}, answers


def test_the_auditor_changes_nothing_anywhere_but_its_own_account_and_messages(cast: Cast) -> None:
    changing = {route for route in ROUTE_ROLES if not route.startswith("GET ")}
    assert {route for route in changing if "auditor" in ROUTE_ROLES[route].split()} == AUDITORS_OWN
    assert {act for act, (_, may) in ACTORS.items() if "auditor" in may and blank(act) not in AUDITORS_OWN} == set()
    # When the auditor sends a request to every changing route that needs a login, except the auditor's own ones; where the table
    # has a valid body, the request has it
    sound = {blank(act): (act, body) for act, (body, _) in ACTORS.items()}
    answers = {}
    for route in sorted(changing - AUDITORS_OWN):
        if ROUTE_ROLES[route] != PUBLIC:
            act, body = sound.get(route, (route.replace("{}", "{application}"), {}))
            method, _, path = act.partition(" ")
            answers[route] = cast.send("auditor", method, path, body).status
    # Then each request is refused with 403
    assert {route: status for route, status in answers.items() if status != 403} == {}


def test_an_api_key_does_not_act_as_the_person(running: Running) -> None:
    # Given an API key of a portal, with every scope
    new = {"account": "portal", "name": "门户", "scopes": list(SCOPES)}
    new["expires_at"] = (real_now() + timedelta(days=1)).isoformat()
    key = running.people.operator.post("/api-keys", new)["key"]
    # When the key's holder sends a request to every route that admits the role `portal`
    refused = set()
    for method, path, operation in operations(document_of(running)):
        if "portal" in operation.get("x-roles", ()):
            answer = ask(running, method, path, operation, headers={"Authorization": f"Bearer {key}"})
            if answer.status_code == 403 and answer.get_json()["code"] == "login_required_here":
                refused.add(f"{method} {blank(path.removeprefix(API))}")
    # Then exactly the routes in LOGIN_ONLY refuse the key, among them every route below /me, and the API's document says so
    assert {route for route in ROUTE_ROLES if "/me/" in route} <= LOGIN_ONLY
    assert refused == LOGIN_ONLY
    unscoped = {
        f"{method} {blank(path.removeprefix(API))}"
        for method, path, operation in operations(document_of(running))
        if "x-roles" in operation and operation["x-key-scope"] is None
    }
    assert unscoped == LOGIN_ONLY


def test_the_document_says_who_may(running: Running) -> None:
    paths = running.app.test_client().get(f"{API}/openapi.json").get_json()["paths"]
    told = {
        f"{method.upper()} {blank(path.removeprefix(API))}": " ".join(operation.get("x-roles", [])) or PUBLIC
        for path, operations in paths.items()
        for method, operation in operations.items()
        if method != "parameters"
    }
    assert {route: set(roles.split()) for route, roles in told.items()} == {
        route: set(roles.split()) for route, roles in ROUTE_ROLES.items() if route not in DOCUMENTS
    }
    assert set(ALL.split()) == set(ROLES)
