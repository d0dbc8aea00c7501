"""Credit codes follow GB 32100-2015: authority, category, division and check digit."""

from __future__ import annotations

import pytest
from stdnum.cn import uscc

from services.input.credit_code import CATEGORIES, is_credit_code, parse_credit_code


def completed(stem: str) -> str:
    """Return a code of 17 characters completed with its check digit; python-stdnum computes it whatever the first characters
    are."""
    return stem + uscc.calc_check_digit(stem)


@pytest.mark.parametrize("first", [department + category for department in CATEGORIES for category in CATEGORIES[department]])
def test_every_authority_and_category_of_the_standard_is_taken(first: str) -> None:
    assert is_credit_code(completed(f"{first}450100MA5K00001"))


@pytest.mark.parametrize(
    "division",
    [
        "100000",
        "110000",
        "110108",
        "310115",
        "450000",
        "450100",
        "450127",
        "450190",
        "429004",
        "460400",
        "469027",
        "540400",
        "660100",
    ],
)
def test_divisions_of_central_and_local_authorities_are_taken_also_former_ones_and_zones(division: str) -> None:
    assert is_credit_code(completed(f"91{division}MA5K00001"))


@pytest.mark.parametrize("first", ["A1", "N1", "Y1", "N2"])
def test_codes_of_the_military_of_villages_and_of_others_begin_with_letters(first: str) -> None:
    assert parse_credit_code(completed(f"{first}450100MA5K00001"))[:2] == first


@pytest.mark.parametrize(
    "code",
    [
        "000000000000000000",
        "111111111111111115",
        completed("11111111MA5K00001"),
        completed("91109900MA5K00001"),
        completed("91459900MA5K00001"),
        completed("00450100MA5K00001"),
        completed("9945010MA5K000011"),
        completed("94450100MA5K00001"),
        completed("Y2450100MA5K00001"),
        completed("B1450100MA5K00001"),
        completed("91990100MA5K00001"),
        completed("91000000MA5K00001"),
        completed("9145010AMA5K00001"),
        "9145010027MA25530D",
        "9145010027MA25530",
        "9145010027MA25530CC",
        "",
    ],
)
def test_a_code_that_nobody_can_have_is_refused(code: str) -> None:
    assert not is_credit_code(code)
    with pytest.raises(ValueError):
        parse_credit_code(code)


@pytest.mark.parametrize(
    "typed",
    [
        "9145010027ma25530c",
        "９１４５０１００２７ＭＡ２５５３０Ｃ",
        " 9145 0100 27MA 2553 0C ",
        "9145-0100-27MA-2553-0C",
        "9145010027MA25530C\u200b",
    ],
)
def test_a_code_is_taken_however_it_is_typed(typed: str) -> None:
    assert parse_credit_code(typed) == "9145010027MA25530C"
