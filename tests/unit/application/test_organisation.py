"""The data that an organisation may enter about itself: dates, figures and industry."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.application.domain.organisation import mistakes

TODAY = date(2026, 3, 2)


def data(**more: Any) -> dict[str, Any]:
    """Return an organisation's data without dates, figures and industry; `more` replaces fields."""
    return {"founded_on": None, "operating_period": None, "figures": [], "industry": None} | more


def figure(year: int, main: str = "1.00", sales: str = "1.00") -> dict[str, Any]:
    return {"year": year, "main_business_revenue": main, "sales_revenue": sales, "rd_expense": "0.00"}


def found(founded_on: str | None, *years: int, **more: Any) -> list[tuple[str, str]]:
    entered = data(founded_on=founded_on, figures=[figure(year) for year in years], **more)
    return [(error.pointer, error.code) for error in mistakes(entered, TODAY)]


def test_each_fiscal_year_is_entered_once() -> None:
    assert found(None, 2024, 2025, 2024) == [("/figures/0/year", "year_twice"), ("/figures/2/year", "year_twice")]
    assert found("2021-03-02", 2024, 2025, 2026) == []


def test_nothing_lies_ahead() -> None:
    ahead = found("2026-03-03", 2027, operating_period={"since": "2026-03-04", "evidence": "投产证明"})
    assert sorted(ahead) == [
        ("/figures/0/year", "year_ahead"),
        ("/founded_on", "date_ahead"),
        ("/operating_period/since", "date_ahead"),
    ]


def test_there_are_no_figures_of_years_before_the_founding() -> None:
    assert found("2024-12-31", 2023, 2024, 2025) == [("/figures/0/year", "year_before_founding")]
    assert found(None, 2023) == []


@pytest.mark.parametrize(("since", "codes"), [("2024-05-31", ["before_founding"]), ("2024-06-01", []), ("2025-01-01", [])])
def test_nothing_operates_before_it_is_founded(since: str, codes: list[str]) -> None:
    entered = found("2024-06-01", operating_period={"since": since, "evidence": "投产证明"})
    assert [code for _, code in entered] == codes


@pytest.mark.parametrize(("main", "sales", "wrong"), [("1.00", "1.00", False), ("1.01", "1.00", True), ("10.00", "9.99", True)])
def test_the_main_business_revenue_is_part_of_the_sales_revenue(main: str, sales: str, wrong: bool) -> None:
    errors = mistakes(data(figures=[figure(2024), figure(2025, main, sales)]), TODAY)
    expected = [("/figures/1/main_business_revenue", "main_above_sales")] if wrong else []
    assert [(error.pointer, error.code) for error in errors] == expected


@pytest.mark.parametrize("industry", ["C", "C13", "C1340", "T97", "制造业", "金融业", "agriculture", None])
def test_an_industry_is_a_code_or_a_word_of_the_vocabulary(industry: str | None) -> None:
    assert mistakes(data(industry=industry), TODAY) == ()


@pytest.mark.parametrize("industry", ["C99", "A13", "C1", "c13", "U", "没有这个行业"])
def test_an_unknown_industry_is_refused_with_all_that_are_valid(industry: str) -> None:
    (error,) = mistakes(data(industry=industry), TODAY)
    assert (error.pointer, error.code) == ("/industry", "unknown_industry")
    for valid in ("A 农、林、牧、渔业", "C 制造业", "T 国际组织", "C1340", "natural resources"):
        assert valid in error.text.zh and valid in error.text.en
