"""What an organisation may enter."""

from __future__ import annotations

from datetime import date
from typing import Any

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
