"""The platform checks the codes of organisations (USCC) and of regions, and has a table of the bureaus."""

from __future__ import annotations

import pytest

from services.policy import BUREAUS, PROVINCE, bureau_tree, city_bureau_of, industry_bureaus_of, is_valid_region, is_valid_uscc
from tests.examples.cases import load_cases


def test_a_wrong_digit_anywhere_is_found() -> None:
    code = load_cases()[0]["organisations"][0]["uscc"]
    assert is_valid_uscc(code)
    for place, digit in enumerate(code):
        wrong = "1" if digit != "1" else "2"
        assert not is_valid_uscc(code[:place] + wrong + code[place + 1 :]), place


@pytest.mark.parametrize(
    "spoil", [str.lower, lambda code: f" {code}", lambda code: code[:-1], lambda code: f"{code[:8]}-{code[8:]}"]
)
def test_a_code_has_one_spelling(spoil: object) -> None:
    code = "91450100MA01837009"
    assert is_valid_uscc(code)
    assert not is_valid_uscc(spoil(code))  # type: ignore[operator]


@pytest.mark.parametrize("region", ["450203", "450000", "440100", "440305", "110000", "820000"])
def test_regions(region: str) -> None:
    assert is_valid_region(region)


@pytest.mark.parametrize(
    "region", ["", "45", "4502030", "160000", "990000", "45020x", "４５０２０３", "459999", "450299", "450127"]
)
def test_what_is_no_region(region: str) -> None:
    assert not is_valid_region(region)


@pytest.mark.parametrize(
    ("region", "bureau"),
    [
        ("450203", "450200"),
        ("450200", "450200"),
        ("451481", "451400"),
        ("450000", None),
        ("451500", None),
        ("440100", None),
        ("4502", None),
        ("", None),
    ],
)
def test_the_city_bureau_of_a_region(region: str, bureau: str | None) -> None:
    assert city_bureau_of(region) == bureau


def test_there_are_one_province_fourteen_cities_and_the_industry_bureaus() -> None:
    tiers = [bureau.tier for bureau in BUREAUS.values()]

    assert PROVINCE == "450000"
    assert tiers.count("province") == 1
    assert [bureau.code for bureau in BUREAUS.values() if bureau.tier == "city"] == [f"45{n:02d}00" for n in range(1, 15)]
    assert all(bureau.code.startswith("GX-") and bureau.trades for bureau in BUREAUS.values() if bureau.tier == "industry")


def test_the_tree_holds_every_bureau_once() -> None:
    tree = bureau_tree()
    assert [tree["code"], *(child["code"] for child in tree["children"])] == list(BUREAUS)


def test_a_trade_finds_its_industry_bureaus() -> None:
    assert industry_bureaus_of("C1340") == ("GX-MIIT",)
    assert industry_bureaus_of("制造业") == ("GX-MIIT",)
    assert industry_bureaus_of("B") == ("GX-MIIT", "GX-NRES")
    assert industry_bureaus_of("没有这个行业") == ()
