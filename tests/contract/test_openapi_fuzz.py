"""schemathesis tests the whole document with every role: no 5xx, no undocumented status, and every answer fits its schema."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.core.failures import FailureGroup
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import missing_required_header, positive_data_acceptance

from services.contracts.roles import ROLES
from tests.contract.conftest import Running
from tests.contract.personas import XLSX, Cast
from tests.contract.test_access_table import HOLDERS

#: How many requests are generated per operation, kind of data and role; and how many per operation if the gateway refuses the
#: role.
EXAMPLES, AT_THE_DOOR = 4, 1
#: Checks of schemathesis that do not apply to this API: data that fit their schema may break a rule of the domain (422), and no
#: header is required.
EXCLUDED = [positive_data_acceptance, missing_required_header]
#: Routes that take bytes instead of JSON, and the route that ends the token with which it is called.
NOT_ASKED = ("/api/v1/uploads/{token}", "/api/v1/downloads/{token}", "/api/v1/auth/logout")
#: For the segment of a path before an id: the name of that id in the cast.
THINGS = {
    "accounts": "account",
    "applications": "application",
    "calls": "call",
    "consortia": "consortium",
    "documents": "document",
    "notifications": "notification",
    "organisations": "organisation",
    "registrations": "registration",
    "reviews": "review",
}


@schemathesis.serializer(XLSX)  # type: ignore[untyped-decorator]
def as_workbook(_context: Any, value: Any) -> bytes:
    """Return any generated value as the bytes of a file."""
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture(scope="module")
def schema(running: Running) -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", running.app)


def test_the_api_keeps_what_its_document_promises_to_every_role(cast: Cast, schema: Any) -> None:
    tokens = {role: cast.account(HOLDERS[role]).token() for role in ROLES}
    headers = {role: {"Authorization": f"Bearer {token}"} for role, token in tokens.items()} | {"nobody": {}}
    broken = [line for operation in operations(schema) for line in breaches(operation, cast.things, headers)]
    assert not broken, "\n\n".join(broken)


def operations(schema: Any) -> Iterator[Any]:
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path not in NOT_ASKED:
            yield operation


def breaches(operation: Any, things: dict[str, str], headers: dict[str, dict[str, str]]) -> list[str]:
    """Return the differences between an operation's answers and its document. Generating a request takes longer than answering
    it, so each generated request is sent as every role."""
    roles = operation.definition.raw.get("x-roles")
    word = operation.path.removeprefix("/api/v1/").partition("/")[0]
    told: list[str] = []
    for mode in GenerationMode:
        turn = 0

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def run(case: Any) -> None:
            nonlocal turn
            turn += 1
            # Every second request uses the id of an object that exists.
            if turn % 2 and "id" in case.path_parameters and word in THINGS:
                case.path_parameters["id"] = things[THINGS[word]]
            for role, own in headers.items():
                if roles is None or role in roles or turn <= AT_THE_DOOR:
                    told.extend(breach(case, role, own))

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                run()
        except Unsatisfiable:
            if mode is GenerationMode.POSITIVE:  # For some operations no invalid request can be generated.
                raise
    return told


def breach(case: Any, role: str, headers: dict[str, str]) -> Iterator[str]:
    """Yield the differences between the answer to one request and the document."""
    sent = {"Accept-Encoding": "identity"} | headers  # schemathesis cannot decode brotli.
    try:
        case.validate_response(case.call(headers=sent), headers=sent, excluded_checks=EXCLUDED)
    except FailureGroup as failure:
        yield f"{case.operation.label} as {role}: {failure}"
