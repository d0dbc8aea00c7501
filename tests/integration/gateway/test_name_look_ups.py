"""Names of organisations can be looked up one by one, but not collected in large numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.integration.gateway.platform import Platform

PATH = "/organisations/91450200MA5KAAAA09/name"


def test_an_account_looks_up_so_many_names_in_an_hour(
    gateway_with: Callable[..., Platform], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a gateway that allows an account three look-ups of names
    monkeypatch.setattr("gateway.auth.login_throttle.NAMES", 3)
    gateway = gateway_with(rate_limit="60000")
    # When the account looks up a fourth name
    answers = [gateway.send("applicant-1", "GET", PATH) for _ in range(4)]
    # Then the refusal says when the account may look up names again, and another account is not affected
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert gateway.send("applicant-2", "GET", PATH).status_code == 200


def test_a_code_that_cannot_be_is_refused(gateway: Platform) -> None:
    refused = gateway.send("applicant-1", "GET", "/organisations/91450200MA5KAAAA08/name")
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "/uscc")
