"""Guessing passwords is slowed down, even if the attempts are spread over time, processes and addresses, and other users are not
locked out."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from deploy.local_services.postgres import Postgres
from gateway.auth.login_throttle import (
    CODE_ATTEMPTS,
    LOGIN_ATTEMPTS,
    LOGIN_ATTEMPTS_FOR,
    LOGIN_ATTEMPTS_FROM,
    LOGIN_WINDOW,
    REGISTRATIONS_OF,
    Throttle,
)
from gateway.identity import login_attempts as attempts_module
from gateway.identity.registry import registry
from gateway.identity.tables import attempts
from services.kernel.clock import real_now
from services.kernel.errors import TooMany, Unauthenticated
from services.kernel.testing import ServiceHarness
from tests.integration.gateway.platform import Platform
from tests.integration.gateway.test_registrations import ASKED
from tests.integration.gateway.test_second_factor import switch_on

WRONG = "not the password"


def at_once(times: int, ask: Callable[[int], TestResponse]) -> Counter[int]:
    """Send all requests at the same moment; return the number of answers by status."""
    ready = threading.Barrier(times)

    def one(number: int) -> int:
        ready.wait()
        return ask(number).status_code

    with ThreadPoolExecutor(times) as threads:
        return Counter(threads.map(one, range(times)))


def from_(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


@pytest.fixture
def exposed(gateway_with: Callable[..., Platform]) -> Platform:
    """Return a gateway behind a proxy that reports each client's address."""
    return gateway_with(rate_limit="60000", proxies="1")


def test_of_forty_passwords_at_once_five_are_checked(gateway: Platform) -> None:
    assert at_once(40, lambda _: gateway.log_in("auditor", WRONG)) == {401: LOGIN_ATTEMPTS, 429: 40 - LOGIN_ATTEMPTS}


def test_of_forty_proofs_at_once_five_are_checked(gateway: Platform) -> None:
    gateway.token("auditor")
    body = {"current": WRONG, "new": "a quite new passphrase"}
    statuses = at_once(40, lambda _: gateway.send("auditor", "PUT", "/me/password", body))
    assert statuses == {422: LOGIN_ATTEMPTS, 429: 40 - LOGIN_ATTEMPTS}
    assert gateway.send("auditor", "POST", "/me/erasure", {"password": WRONG}).status_code == 429


def test_of_forty_codes_at_once_five_are_checked(exposed: Platform) -> None:
    # Given an attacker who knows the password and sends requests from forty addresses
    switch_on(exposed)
    body = {"username": "450200-chief", "password": exposed.accounts["450200-chief"]["password"], "code": "000000"}
    # When the attacker sends forty one-time codes at the same time
    statuses = at_once(40, lambda n: exposed.client.post("/api/v1/auth/token", json=body, headers=from_(f"192.0.2.{n}")))
    # Then five codes are checked; after that not even recovery codes are checked
    assert statuses == {401: CODE_ATTEMPTS, 429: 40 - CODE_ATTEMPTS}
    recovery = exposed.client.post("/api/v1/auth/token", json=body | {"code": "0123456789"}, headers=from_("192.0.2.99"))
    assert recovery.status_code == 429


def test_of_forty_codes_that_switch_it_on_five_are_checked(gateway: Platform) -> None:
    gateway.send("450200-chief", "POST", "/me/second-factor", {"password": gateway.accounts["450200-chief"]["password"]})
    path, wrong = "/me/second-factor/confirmation", {"code": "000000"}
    assert at_once(40, lambda _: gateway.send("450200-chief", "POST", path, wrong)) == {422: 5, 429: 35}


def test_asking_for_the_code_is_no_failure(gateway: Platform) -> None:
    switch_on(gateway)
    for _ in range(2 * LOGIN_ATTEMPTS):
        assert gateway.log_in("450200-chief").get_json()["code"] == "code_required"


def test_of_forty_registrations_at_once_ten_are_taken(exposed: Platform) -> None:
    statuses = at_once(
        40,
        lambda n: exposed.client.post(
            "/api/v1/registrations", json=ASKED | {"username": f"name-{n}"}, headers=from_(f"192.0.2.{n}")
        ),
    )
    assert statuses[429] == 40 - REGISTRATIONS_OF


def test_those_who_know_the_password_get_in_at_once_or_after_a_moment(gateway: Platform) -> None:
    answers: list[TestResponse] = []

    def log_in(_: int) -> TestResponse:
        answers.append(gateway.log_in("auditor"))
        return answers[-1]

    statuses = at_once(20, log_in)
    assert set(statuses) <= {200, 429}
    assert statuses[200] >= LOGIN_ATTEMPTS
    assert {answer.headers["Retry-After"] for answer in answers if answer.status_code == 429} <= {"1"}
    assert gateway.log_in("auditor").status_code == 200


def test_guessing_a_name_from_many_addresses_ends_and_spares_where_it_logged_in(exposed: Platform) -> None:
    # Given a person who regularly logs in from one address
    home = from_("198.51.100.1")
    assert exposed.log_in("auditor", headers=home).status_code == 200
    # When the account's password is guessed from many other addresses
    for number in range(LOGIN_ATTEMPTS_FOR):
        assert exposed.log_in("auditor", WRONG, headers=from_(f"192.0.2.{number}")).status_code == 401
    # Then the password is no longer checked for requests from new addresses, and the person can still log in from the known
    # address
    assert exposed.log_in("auditor", headers=from_("192.0.2.200")).status_code == 429
    assert exposed.log_in("auditor", headers=home).status_code == 200


def test_guessing_from_an_address_that_many_share_keeps_nobody_out_who_works_there(
    exposed: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given an office whose people share one address
    office = from_("198.51.100.1")
    assert exposed.log_in("auditor", headers=office).status_code == 200
    # When a client at that address tries passwords for one account name after another
    monkeypatch.setattr("gateway.auth.password_check.passwords.matches", lambda password, kept: password != WRONG)
    for number in range(LOGIN_ATTEMPTS_FROM):
        assert exposed.log_in(f"name-{number}", WRONG, headers=office).status_code == 401
    # Then passwords for names that never logged in from that address are no longer checked there; names that did can still log
    # in, and so can all names from other addresses
    assert exposed.log_in("operator", headers=office).status_code == 429
    assert exposed.log_in("auditor", headers=office).status_code == 200
    assert exposed.log_in("operator", headers=from_("198.51.100.2")).status_code == 200


def test_a_right_password_does_not_clear_an_address_of_its_failures(exposed: Platform) -> None:
    # Given an address with as many failed logins as are allowed
    here = from_("198.51.100.1")
    exposed.log_in("auditor", headers=here)
    known = exposed.app.extensions["guichuang"].throttle
    for number in range(LOGIN_ATTEMPTS_FROM):
        with pytest.raises(Unauthenticated), known.password(f"name-{number}", "198.51.100.1"):
            raise Unauthenticated("wrong_credentials", "", "")
    # When a client at that address logs in repeatedly with its own account
    for _ in range(3):
        assert exposed.log_in("auditor", headers=here).status_code == 200
    # Then attempts with names that never logged in from that address are refused nevertheless
    assert exposed.log_in("operator", headers=here).status_code == 429


def test_all_processes_of_a_gateway_count_together(gateway: Platform) -> None:
    # Given two processes of one gateway
    other = Platform(Path(gateway.settings.var))
    # When passwords are tried at both processes in turn
    statuses = [at.log_in("auditor", WRONG).status_code for _ in range(LOGIN_ATTEMPTS) for at in (gateway, other)]
    other.close()
    # Then five passwords are checked at both processes together
    assert Counter(statuses) == {401: LOGIN_ATTEMPTS, 429: LOGIN_ATTEMPTS}


def test_after_the_time_that_failures_count_one_tries_again(gateway: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(LOGIN_ATTEMPTS):
        gateway.log_in("auditor", WRONG)
    refused = gateway.log_in("auditor")
    assert refused.status_code == 429
    later = real_now() + timedelta(seconds=int(refused.headers["Retry-After"]))
    monkeypatch.setattr(attempts_module, "real_now", lambda: later)
    assert gateway.log_in("auditor").status_code == 200


def test_counts_are_forgotten_and_tell_nobody_whose_they_were(gateway: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway.log_in("auditor", WRONG)
    gateway.log_in("operator")
    with gateway.identity.database.read() as session:
        rows = session.execute(attempts.select()).all()
    assert len(rows) == 4
    assert not any("auditor" in str(row) or "127.0.0.1" in str(row) for row in rows)
    later = datetime.now(UTC) + timedelta(days=32)
    monkeypatch.setattr(attempts_module, "real_now", lambda: later)
    gateway.identity.sweep()
    with gateway.identity.database.read() as session:
        assert session.execute(attempts.select()).all() == []


@pytest.fixture
def shared(postgres: Postgres) -> Iterator[ServiceHarness]:
    bench = ServiceHarness(registry, postgres.create_database("attempts"), policies=None, vault=None)
    yield bench
    bench.database.close()


def test_on_postgresql_too_no_more_are_counted_than_may_be(shared: ServiceHarness) -> None:
    # Given two processes of a gateway on one database
    throttles = [Throttle(shared.caller, by_address=True) for _ in range(2)]

    def guess(number: int) -> Any:
        try:
            with throttles[number % 2].password("auditor", "192.0.2.1"):
                raise Unauthenticated("wrong_credentials", "", "")
        except (TooMany, Unauthenticated) as error:
            return error.code

    # When forty guesses of a password arrive at the same time
    with ThreadPoolExecutor(16) as threads:
        told = Counter(threads.map(guess, range(40)))
    # Then five passwords are checked at both processes together
    assert told == {"wrong_credentials": LOGIN_ATTEMPTS, "too_many_attempts": 40 - LOGIN_ATTEMPTS}
    assert LOGIN_WINDOW > 0
