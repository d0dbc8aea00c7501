"""The roles that an account may combine, and the bureau or organisation for which it acts."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.identity.domain import bureau_of, check_account
from services.kernel.errors import Invalid

USCC = "91450200MA5KAAAA09"
EXPERT = {"employer": USCC, "former_employers": [], "fields": [], "declared_interests": []}


def account(*roles: str, **data: Any) -> dict[str, Any]:
    return {
        "username": "zhang3",
        "roles": list(roles),
        "bureau": None,
        "organisation": None,
        "expert": None,
        "delegation": None,
    } | data


@pytest.mark.parametrize(
    "sound",
    [
        account("officer", bureau="450200"),
        account("officer", "chief", bureau="450000"),
        account("chief", bureau="GX-MIIT"),
        account("applicant", organisation=USCC),
        account("expert", expert=EXPERT),
        account("third_party", organisation=USCC),
        account("third_party"),
        account("auditor"),
        account("portal", bureau="450200"),
        account("portal"),
        account("operator"),
        account("applicant", organisation=USCC, delegation={"by": "li4", "may_sign": False, "until": None}),
    ],
)
def test_sound_accounts(sound: dict[str, Any]) -> None:
    check_account(sound)


@pytest.mark.parametrize(
    ("unsound", "pointer", "code"),
    [
        (account(), "/roles", "roles_apart"),
        (account("king"), "/roles", "unknown_role"),
        (account("applicant", "officer", organisation=USCC, bureau="450200"), "/roles", "roles_apart"),
        (account("auditor", "operator"), "/roles", "roles_apart"),
        (account("expert", "applicant", organisation=USCC, expert=EXPERT), "/roles", "roles_apart"),
        (account("officer"), "/bureau", "bureau_required"),
        (account("chief", bureau="459999"), "/bureau", "unknown_bureau"),
        (account("applicant", organisation=USCC, bureau="450200"), "/bureau", "bureau_not_allowed"),
        (account("applicant"), "/organisation", "organisation_required"),
        (account("officer", bureau="450200", organisation=USCC), "/organisation", "organisation_not_allowed"),
        (account("operator", organisation=USCC), "/organisation", "organisation_not_allowed"),
        (account("expert"), "/expert", "expert_data"),
        (account("operator", expert=EXPERT), "/expert", "expert_data"),
        (account("operator", username="system"), "/username", "reserved_username"),
    ],
)
def test_accounts_that_could_not_act(unsound: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_account(unsound)
    assert (pointer, code) in [(error.pointer, error.code) for error in caught.value.errors]


@pytest.mark.parametrize(
    ("region", "bureau"), [("450203", "450200"), ("451421", "451400"), ("440305", "450000"), ("459900", "450000")]
)
def test_the_city_of_the_region_decides_and_the_province_for_the_rest(region: str, bureau: str) -> None:
    assert bureau_of(region) == bureau
