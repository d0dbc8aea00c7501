"""The claims of an identity provider are used if they have the expected shape, and ignored otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.auth.oidc import ClaimMapping


def account(**claims: Any) -> dict[str, Any]:
    return ClaimMapping(bureaus={"柳州市科学技术局": "450200"}).account({"sub": "u-1"} | claims)


def test_claims_named_as_our_own_fields_are_taken() -> None:
    said = account(preferred_username="Li.4", name="李四", email="li4@example.cn", roles=["officer"], bureau="柳州市科学技术局")
    assert said == {
        "username": "li.4",
        "name": "李四",
        "email": "li4@example.cn",
        "roles": ["officer"],
        "bureau": "450200",
        "organisation": None,
    }


def test_claims_are_cleaned_as_typed_text_is() -> None:
    said = account(
        preferred_username="Ｌi.4", name="李\u202e四\r\n", email="O'Brien＠Example.cn", organisation="9145010027ma25530c"
    )
    assert (said["username"], said["name"], said["email"]) == ("li.4", "李四", "O'Brien@example.cn")
    assert said["organisation"] == "9145010027MA25530C"


def test_an_address_or_a_code_that_can_be_none_says_nothing() -> None:
    said = account(email="a..b@example.cn", organisation="000000000000000000")
    assert (said["email"], said["organisation"]) == (None, None)


def test_words_that_mean_nothing_here_are_passed_over() -> None:
    assert account(roles="officer of-another-system expert")["roles"] == ["officer"]


def test_where_the_issuers_words_are_mapped_no_other_word_gives_a_role() -> None:
    mapping = ClaimMapping(roles={"kjt-jingban": "officer"})
    assert mapping.account({"sub": "u-1", "roles": ["kjt-jingban", "operator", "auditor"]})["roles"] == ["officer"]


@pytest.mark.parametrize("odd", [["x"], {"a": 1}, 7, None, "x" * 1000])
def test_a_claim_of_another_shape_says_nothing(odd: Any) -> None:
    said = account(preferred_username=odd, name=odd, email=odd, bureau=odd, organisation=odd, roles=odd)
    assert (said["email"], said["bureau"], said["organisation"], said["roles"]) == (None, None, None, [])
    assert said["username"] == "u-1"
