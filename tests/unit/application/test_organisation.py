"""What an organisation may enter."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.application.domain.organisation import mistakes

TODAY = date(2026, 3, 2)


def found(founded_on: str | None, *years: int) -> list[tuple[str, str]]:
    data: dict[str, Any] = {"founded_on": founded_on, "figures": [{"year": year} for year in years]}
    return [(error.pointer, error.code) for error in mistakes(data, TODAY)]


def test_each_fiscal_year_is_entered_once() -> None:
    assert found(None, 2024, 2025, 2024) == [("/figures/0/year", "year_twice"), ("/figures/2/year", "year_twice")]
    assert found("2026-03-02", 2024, 2025, 2026) == []


def test_nothing_lies_ahead() -> None:
    assert found("2026-03-03", 2027) == [("/figures/0/year", "year_ahead"), ("/founded_on", "date_ahead")]


@pytest.mark.parametrize("industry", ["C", "C13", "C1340", "T97", "制造业", "金融业", "agriculture", None])
def test_an_industry_is_a_code_or_a_word_of_the_vocabulary(industry: str | None) -> None:
    assert mistakes({"founded_on": None, "figures": [], "industry": industry}, TODAY) == ()


@pytest.mark.parametrize("industry", ["C99", "A13", "C1", "c13", "U", "没有这个行业"])
def test_an_unknown_industry_is_refused_with_all_that_are_valid(industry: str) -> None:
    (error,) = mistakes({"founded_on": None, "figures": [], "industry": industry}, TODAY)
    assert (error.pointer, error.code) == ("/industry", "unknown_industry")
    for valid in ("A 农、林、牧、渔业", "C 制造业", "T 国际组织", "C1340", "natural resources"):
        assert valid in error.text.zh and valid in error.text.en
