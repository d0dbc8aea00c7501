"""Public holidays: the law's days apply in every year, the State Council's notices take precedence, and an operator can add a
year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from deploy.cli import main
from deploy.composition import holidays_of
from services.kernel.settings import InvalidSetting, Settings
from services.policy import HolidayCalendar, add_working_days, holidays_known_through, is_working_day, read_notices, use_holidays
from services.policy.holidays import statutory_holidays

#: An invented notice of a year that no released version contains.
NOTICE = "2031: 01-01 01-22..01-29 04-05 05-01..05-05 06-24 10-01..10-07 work 01-19 02-02 04-27 09-28"


@pytest.fixture
def added() -> Iterator[None]:
    """Let the process use the invented notice during the test."""
    use_holidays(HolidayCalendar(read_notices(NOTICE)))
    yield
    use_holidays(HolidayCalendar())


@pytest.mark.parametrize("year", range(2027, 2101))
def test_the_fixed_days_of_the_law_are_no_working_days_in_any_year(year: int) -> None:
    for month, day in ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)):
        assert not is_working_day(date(year, month, day))


@pytest.mark.parametrize(
    ("year", "lunar"),
    [
        (2027, ["02-05", "02-06", "02-07", "02-08", "04-05", "06-09", "09-15"]),
        (2028, ["01-25", "01-26", "01-27", "01-28", "04-04", "05-28", "10-03"]),
        (2033, ["01-30", "01-31", "02-01", "02-02", "04-04", "06-01", "09-08"]),
    ],
)
def test_the_lunar_days_of_the_law_are_computed(year: int, lunar: list[str]) -> None:
    computed = {f"{day:%m-%d}" for day in statutory_holidays(year)}
    assert set(lunar) <= computed
    assert len(computed) == 13 - (year == 2028)  # In 2028 the Mid-Autumn Festival falls on a day of the National Day holiday.


def test_the_first_of_january_2027_is_no_working_day() -> None:
    assert add_working_days(date(2026, 12, 31), 1) == date(2027, 1, 4)


def test_every_holiday_of_the_law_is_off_in_the_years_that_were_announced_under_it() -> None:
    for year in (2025, 2026):
        assert [day for day in statutory_holidays(year) if is_working_day(day)] == []


def test_a_year_beyond_the_lunar_tables_has_its_fixed_days() -> None:
    assert not is_working_day(date(2199, 10, 1))
    assert len(statutory_holidays(2199)) == 6


def test_a_notice_that_an_operator_adds_decides_its_year(added: None) -> None:
    # Then the days off in the notice are holidays, the working weekends in it are working days, and other years are unchanged
    assert not is_working_day(date(2031, 1, 29))
    assert is_working_day(date(2031, 1, 19))
    assert is_working_day(date(2031, 2, 3))
    assert add_working_days(date(2031, 1, 17), 2) == date(2031, 1, 20)
    assert is_working_day(date(2026, 2, 14))
    assert not is_working_day(date(2030, 10, 1))


def test_a_year_is_known_only_when_those_before_it_are(added: None) -> None:
    assert holidays_known_through() == 2026
    assert HolidayCalendar(read_notices("2027: " + law(2027))).known_through == 2027


def law(year: int) -> str:
    return " ".join(f"{day:%m-%d}" for day in statutory_holidays(year))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("01-01", "begins with no year"),
        (f"2027: {law(2027)}; 2027: {law(2027)}", "given twice"),
        ("2027: 01-01", "holidays are missing among the days off: 02-05 春节"),
        (f"2027: {law(2027)} 02-30", "02-30 is no day"),
        (f"2027: {law(2027)} 2-9", "2-9 is no day"),
        (f"2027: {law(2027)} 02-11..02-09", "ends before it begins"),
        (f"2027: {law(2027)} work 02-15", "02-15 is no Saturday or Sunday"),
        (f"2027: {law(2027)} 02-14 work 02-14", "02-14 is off and worked"),
    ],
)
def test_a_line_that_can_be_no_notice_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason.replace(".", r"\.")):
        read_notices(text)
    with pytest.raises(InvalidSetting, match="GUICHUANG_HOLIDAYS: "):
        holidays_of(Settings(holidays=text))


def test_a_notice_is_taken_as_it_is_typed() -> None:
    typed = f"２０２７： {law(2027).replace('01-01', '01-01..01-03')}，02-09 work 02－14"
    [notice] = read_notices(typed).values()
    assert {date(2027, 1, 3), date(2027, 2, 9)} <= notice.off
    assert notice.worked == {date(2027, 2, 14)}


def test_the_command_prints_a_notice_so_that_it_means_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    # When an operator checks a notice on the command line
    with pytest.raises(SystemExit) as ended:
        main(["holidays", "check", NOTICE])
    printed = capsys.readouterr().out.strip()

    # Then the command prints a setting that means the same days off and working days
    assert (ended.value.code, printed.partition("=")[0]) == (0, "GUICHUANG_HOLIDAYS")
    meant, written = (HolidayCalendar(read_notices(text)) for text in (NOTICE, printed.partition("=")[2]))
    days = [date(2031, 1, 1) + timedelta(days=number) for number in range(365)]
    assert [day for day in days if meant.is_working_day(day) != written.is_working_day(day)] == []


def test_the_command_refuses_a_wrong_notice_with_exit_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["holidays", "check", "2027: 01-01"])
    assert ended.value.code == 2
    assert "春节" in capsys.readouterr().err


def test_the_command_lists_up_to_when_holidays_are_known(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["holidays", "list"])
    assert "announced years are known up to 2026" in capsys.readouterr().out
