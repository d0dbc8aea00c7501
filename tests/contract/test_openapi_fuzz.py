"""schemathesis sends generated requests to every operation as every role: no response is a server error or has an undocumented
status, and every response fits its schema."""

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

#: The number of generated requests for each operation, kind of data and role; and the number if the gateway does not admit the
#: role.
EXAMPLES, AT_THE_DOOR = 4, 1
#: Checks of schemathesis that do not apply to this API: data that fit their schema may break a rule of the domain (422), and no
#: header is required.
EXCLUDED = [positive_data_acceptance, missing_required_header]
#: Routes that are left out: they transfer bytes instead of JSON, or end the token that the other requests need.
NOT_ASKED = ("/api/v1/uploads/{token}", "/api/v1/downloads/{token}", "/api/v1/auth/logout")
#: First segment of a route's path → the name in the cast of the object whose id the test uses.
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
    """Return a generated value as the bytes of a workbook file, which need not be a valid workbook."""
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
    """Return how an operation's responses differ from the OpenAPI document. Each generated request is sent as every role, because
    generating a request takes longer than answering it."""
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
            # Every second request has the id of an existing object.
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
    """Yield how the response to one request differs from the OpenAPI document."""
    sent = {"Accept-Encoding": "identity"} | headers  # schemathesis cannot decode brotli.
    try:
        case.validate_response(case.call(headers=sent), headers=sent, excluded_checks=EXCLUDED)
    except FailureGroup as failure:
        yield f"{case.operation.label} as {role}: {failure}"
