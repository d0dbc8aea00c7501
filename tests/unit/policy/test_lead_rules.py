"""A5(2): the lead, its revenue, staff, platform, R&D effort, and the number of consortia that it leads."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.policy import Figure, Platform, Standing
from tests.unit.policy.sample_facts import facts, figure, finding, lead


@pytest.mark.parametrize("data", [{"kind": "university"}, {"legal_person": False}, {"region": "440100"}])
def test_the_lead_is_an_enterprise_a_legal_person_and_in_guangxi(data: dict[str, Any]) -> None:
    found = finding("L1", facts(lead=lead(**data)))

    assert (found.status, found.severity, found.citation) == ("fail", "mandatory", "A5(2)1")


@pytest.mark.parametrize("data", [{"kind": None}, {"legal_person": None}, {"region": ""}])
def test_a_lead_that_has_not_entered_its_data_needs_to(data: dict[str, Any]) -> None:
    assert finding("L1", facts(lead=lead(**data))).status == "needs_evidence"


@pytest.mark.parametrize(
    ("revenue", "status", "margin"),
    [("1000000000.00", "pass", "+0.00"), ("999999999.99", "fail", "-0.01"), ("1000000000.01", "pass", "+0.01")],
)
def test_revenue_is_compared_to_the_fen(revenue: str, status: str, margin: str) -> None:
    found = finding("L2", facts(lead=lead(figures=(figure(2024), figure(2025, revenue)))))

    assert (found.status, found.margin) == (status, margin)
    assert found.observed == {"year": 2025, "main_business_revenue": revenue}
    assert found.required == {"at_least": "1000000000.00", "oldest_year": 2024}


def test_the_newest_year_counts_and_not_the_best() -> None:
    falling = (figure(2025, "1.00"), figure(2024, "9000000000.00"))
    assert finding("L2", facts(lead=lead(figures=falling))).status == "fail"


@pytest.mark.parametrize(("newest", "status"), [(2025, "pass"), (2024, "pass"), (2023, "needs_evidence")])
def test_the_latest_year_is_no_older_than_two_years_before_the_call(newest: int, status: str) -> None:
    figures = tuple(figure(year) for year in range(newest - 2, newest + 1))

    case = facts(lead=lead(figures=figures))

    assert finding("L2", case).status == status
    assert finding("L5", case).status == status


@pytest.mark.parametrize(
    ("today", "latest", "years"),
    [
        (date(2026, 12, 31), 2025, [2023, 2024, 2025]),
        (date(2027, 1, 1), 2026, [2024, 2025, 2026]),
    ],
)
def test_a_running_year_never_counts(today: date, latest: int, years: list[int]) -> None:
    # Given a lead's figures of 2023 to 2026, of which those of 2026 alone would fail both rules (L2, L5)
    figures = (figure(2023), figure(2024), figure(2025), figure(2026, "0.00", "1250000000.00", "0.00"))

    case = facts(lead=lead(figures=figures), as_of=date(2026, 3, 1), today=today)

    assert finding("L2", case).observed["year"] == latest
    assert finding("L5", case).observed["years"] == years


def test_figures_of_the_running_year_alone_are_none() -> None:
    case = facts(lead=lead(figures=(figure(2026),)), today=date(2026, 12, 31))

    assert [finding(rule, case).status for rule in ("L2", "L5")] == ["needs_evidence", "needs_evidence"]
    assert "尚未结束的年度不计入" in finding("L2", case).message.zh


def test_the_age_of_figures_is_counted_from_the_opening_of_the_call_and_not_from_today() -> None:
    figures = (figure(2022), figure(2023), figure(2024))
    case = facts(lead=lead(figures=figures), as_of=date(2026, 12, 31), today=date(2027, 1, 2))
    assert finding("L2", case).status == "pass"


def test_a_year_that_ended_after_the_call_opened_counts() -> None:
    case = facts(lead=lead(figures=(figure(2026, "1.00"), figure(2025))), as_of=date(2026, 12, 1), today=date(2027, 1, 1))
    assert finding("L2", case).observed["year"] == 2026


def test_missing_figures_say_which_year_is_wanted() -> None:
    found = finding("L2", facts(lead=lead(figures=(figure(2020),))))

    assert found.status == "needs_evidence"
    assert "2024 年（含）以后" in found.message.zh
    assert "2020" in found.message.zh
    assert "第五条第（二）项第1目" in found.message.zh


@pytest.mark.parametrize(("staff", "status"), [(30, "pass"), (29, "fail"), (0, "fail"), (None, "needs_evidence")])
def test_thirty_staff(staff: int | None, status: str) -> None:
    assert finding("L3", facts(lead=lead(rd_staff=staff))).status == status


@pytest.mark.parametrize(
    ("platforms", "status"),
    [
        ([], "fail"),
        ([("other", "有")], "fail"),
        ([("provincial", "")], "fail"),
        ([("provincial", " \n")], "fail"),
        ([("provincial", "样例1号")], "pass"),
        ([("national", "样例1号")], "pass"),
        ([("other", "有"), ("provincial", ""), ("national", "样例1号")], "pass"),
    ],
)
def test_one_platform_of_provincial_level_or_above_with_its_evidence(platforms: list[tuple[str, str]], status: str) -> None:
    hosted = tuple(Platform("平台", level, evidence) for level, evidence in platforms)

    found = finding("L4", facts(lead=lead(platforms=hosted)))

    assert (found.status, found.severity) == (status, "mandatory")


def effort(*rows: tuple[str, str], last: int = 2025, **data: Any) -> Any:
    """Return the finding of the rule L5 for a lead with these pairs (R&D expense, sales) of consecutive years."""
    first = last - len(rows) + 1
    figures = tuple(figure(first + index, rd=rd, sales=sales) for index, (rd, sales) in enumerate(rows))
    return finding("L5", facts(lead=lead(figures=figures, **data)))


@pytest.mark.parametrize(
    ("rows", "status", "margin"),
    [
        ([("10000000.00", "9000000000.00")] * 3, "pass", "+0.00"),
        ([("10000000.00", "9000000000.00")] * 2 + [("9999999.99", "9000000000.00")], "fail", "-0.01"),
        ([("9000000.00", "300000000.00")] * 3, "pass", "+0.00"),
        ([("9000000.00", "300000000.00")] * 2 + [("8999999.99", "300000000.00")], "fail", "-0.01"),
        ([("9000000.00", "300000000.00")] * 2 + [("9000000.00", "300000000.01")], "fail", "-0.01"),
        ([("0.03", "1.00"), ("0.00", "0.00"), ("0.00", "0.00")], "pass", "+0.00"),
        ([("30000000.00", "0.00"), ("0.00", "0.00"), ("0.00", "0.00")], "pass", "+0.00"),
        ([("29999999.99", "0.00"), ("0.00", "0.00"), ("0.00", "0.00")], "fail", "-0.01"),
        ([("0.00", "0.00")] * 3, "fail", "-30000000.00"),
    ],
)
def test_thirty_million_or_three_percent_exactly(rows: list[tuple[str, str]], status: str, margin: str) -> None:
    found = effort(*rows)

    assert (found.status, found.margin, found.severity) == (status, margin, "in_principle")


def test_a_ratio_short_of_the_threshold_never_reads_as_the_threshold() -> None:
    found = effort(("9000000.00", "300000000.00"), ("9000000.00", "300000000.00"), ("8999999.99", "300000000.00"))

    assert found.observed["ratio"] == "2.99%"
    assert found.observed["rd_expense"] == "26999999.99"


def test_without_sales_there_is_no_ratio() -> None:
    assert effort(*[("1.00", "0.00")] * 3).observed["ratio"] is None


def test_only_the_three_years_ending_at_the_latest_one_count() -> None:
    rows = [("90000000.00", "1250000000.00")] + [("1.00", "1250000000.00")] * 3

    found = effort(*rows)

    assert found.status == "fail"
    assert found.observed["years"] == [2023, 2024, 2025]


def test_a_year_missing_inside_the_operating_time_needs_evidence() -> None:
    found = finding("L5", facts(lead=lead(figures=(figure(2023), figure(2025)))))

    assert found.status == "needs_evidence"
    assert found.observed["missing"] == [2024]
    assert "2024 年度" in found.message.zh


@pytest.mark.parametrize(
    ("founded_on", "years", "status"),
    [
        (date(2024, 9, 1), 2, "pass"),
        (date(2025, 12, 31), 1, "pass"),
        (date(2024, 12, 31), 1, "needs_evidence"),
        (date(2023, 12, 31), 2, "needs_evidence"),
        (date(2023, 1, 1), 3, "pass"),
        (date(2026, 2, 1), 3, "needs_evidence"),
        (None, 2, "needs_evidence"),
    ],
)
def test_a_young_lead_answers_for_the_years_it_operated(founded_on: date | None, years: int, status: str) -> None:
    assert effort(*[("30000000.00", "1250000000.00")] * years, founded_on=founded_on).status == status


@pytest.mark.parametrize(
    ("since", "years", "status"),
    [
        (date(2024, 9, 1), [2024, 2025], "pass"),
        (date(2025, 1, 1), [2025], "pass"),
        (date(2022, 7, 1), None, "needs_evidence"),
        (None, None, "needs_evidence"),
    ],
)
def test_fewer_years_are_enough_only_where_the_stated_operating_period_is_shorter(
    since: date | None, years: list[int] | None, status: str
) -> None:
    # Given a lead that was founded long ago and has figures of its last two years only
    rows = [("30000000.00", "1250000000.00")] * 2

    found = effort(*rows, founded_on=date(2009, 5, 18), operating_since=since)

    assert (found.status, found.observed.get("years") if years else None) == (status, years)


def test_a_year_before_the_founding_does_not_count() -> None:
    rows = [("90000000.00", "1250000000.00")] + [("1.00", "1250000000.00")] * 2
    assert effort(*rows, founded_on=date(2024, 1, 1)).observed["years"] == [2024, 2025]


@pytest.mark.parametrize(("leads", "status"), [(0, "pass"), (1, "fail"), (2, "fail")])
def test_the_lead_leads_one_consortium_this_one_counted(leads: int, status: str) -> None:
    found = finding("L6", facts(standing={"LEAD": Standing(leads=leads, joins=leads)}))

    assert (found.status, found.observed) == (status, {"leads": leads + 1})


def test_taking_part_elsewhere_is_not_leading_elsewhere() -> None:
    assert finding("L6", facts(standing={"LEAD": Standing(leads=0, joins=2)})).status == "pass"


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "0.001", "1E15"])
def test_money_that_is_no_exact_amount_of_fen_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="whole fen"):
        Figure(2025, Decimal(0), Decimal(0), Decimal(amount))


def test_money_is_never_a_float() -> None:
    with pytest.raises(ValueError, match="whole fen"):
        Figure(2025, 1.0, Decimal(0), Decimal(0))  # type: ignore[arg-type]
