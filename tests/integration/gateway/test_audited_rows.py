"""If a person changes an account in the database itself, the account no longer matches the audit log. The account of an erased
person still matches it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from gateway.identity.registry import registry
from gateway.identity.tables import accounts
from services.kernel import audit
from tests.helpers.rewritten import unnoticed
from tests.integration.gateway.platform import Platform
from tests.integration.gateway.test_acting_chiefs import appoint
from tests.integration.gateway.test_keys import new_key
from tests.integration.gateway.test_personal_data import ASKED, made


def flaws(gateway: Platform) -> list[str]:
    with gateway.identity.database.snapshot() as session:
        return [flaw.what.partition(" (")[0] for flaw in audit.verify_rows(session, registry).flaws]


@pytest.mark.writes_rows
@pytest.mark.parametrize(
    "statement",
    [
        update(accounts).where(accounts.c.username == "li4").values(roles=["chief"]),
        update(accounts).where(accounts.c.username == "li4").values(bureau="450000"),
        delete(accounts).where(accounts.c.username == "li4"),
    ],
    ids=["a role", "a bureau", "removed"],
)
def test_an_account_that_was_rewritten_in_the_database_shows(gateway: Platform, statement: Any) -> None:
    made(gateway)
    with gateway.identity.database.write() as session:
        session.execute(statement)
    assert flaws(gateway) == ["account/li4: its rows are not as its last entry"]


@pytest.mark.writes_rows
def test_an_account_that_was_inserted_in_the_database_shows(gateway: Platform) -> None:
    with gateway.identity.database.write() as session:
        row = session.execute(select(accounts).limit(1)).one()._mapping
        session.execute(insert(accounts).values(**dict(row) | {"username": "uninvited", "external": None}))
    assert flaws(gateway) == ["account/uninvited: it has rows and no audit entry"]


def test_no_column_of_an_acting_chief_can_be_rewritten_unnoticed(gateway: Platform) -> None:
    assert appoint(gateway).status_code == 201
    assert unnoticed(gateway.identity.database, registry, "acting_chiefs") == []


def test_an_erased_account_is_as_its_last_entry_recorded(gateway: Platform) -> None:
    # Given an account with an API key
    new_key(gateway)
    # When the account is erased
    assert gateway.send("operator", "POST", "/accounts/portal/erasure").status_code == 200
    # Then the account's data are gone, and the audit check reports no row as changed
    with gateway.identity.database.read() as session:
        row = session.execute(select(accounts).where(accounts.c.username == "portal")).one()
    assert row.erased_at is not None and row.password_hash is None
    assert flaws(gateway) == []


def test_no_column_of_an_account_can_be_rewritten_unnoticed(gateway: Platform) -> None:
    new_key(gateway)
    assert gateway.send("", "POST", "/registrations", ASKED).status_code == 202
    assert unnoticed(gateway.identity.database, registry, "accounts", "api_keys", "registrations") == []
