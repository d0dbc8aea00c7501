"""Dates and times have one written form and lie within the years that the platform supports."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from services.input.dates import OutOfRange, parse_day, parse_moment, rewrite_day


@pytest.mark.parametrize(
    "typed", ["20260203", "2026-W05-1", "2026-2-3", "2026-02-30", "2026-02-03T00:00:00", "２０２６-02-03", ""]
)
def test_what_only_resembles_a_day_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        parse_day(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "2026-12-31 23:59:59+08:00",
        "2026-12-31T23:59:59",
        "2026-12-31",
        "20261231T235959Z",
        "2026-12-31T24:00:00Z",
        "2026-02-30T00:00Z",
    ],
)
def test_a_moment_needs_its_form_and_its_zone(typed: str) -> None:
    with pytest.raises(ValueError):
        parse_moment(typed)


@pytest.mark.parametrize(("first", "last"), [("1900-01-01", "2199-12-31")])
def test_the_first_and_the_last_day_are_taken_and_their_neighbours_refused(first: str, last: str) -> None:
    assert (parse_day(first), parse_day(last)) == (date(1900, 1, 1), date(2199, 12, 31))
    for outside in ("1899-12-31", "2200-01-01", "0001-01-01", "9999-12-31"):
        with pytest.raises(OutOfRange):
            parse_day(outside)
        with pytest.raises(OutOfRange):
            parse_moment(f"{outside}T23:59:59Z")


def test_a_moment_is_read_with_its_zone() -> None:
    assert parse_moment("2026-12-31t08:00:00.5+08:00").astimezone(UTC) == datetime(2026, 12, 31, 0, 0, 0, 500_000, UTC)
    assert parse_moment("2026-12-31T08:00z") == datetime(2026, 12, 31, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    ["2026/1/5", "2026-01-05", "2026-1-5", "2026.1.5", "2026年1月5日", "2026/1/5 0:00", "2026/01/05 00:00:00"],
)
def test_a_day_as_a_spreadsheet_writes_it_gets_the_one_form(written: str) -> None:
    assert rewrite_day(written) == "2026-01-05"


@pytest.mark.parametrize("written", ["1/5/2026", "5/1/26", "46027", "20260105", "2026/1/5 13:00", "明年"])
def test_a_day_whose_parts_could_be_taken_for_others_stays_as_it_is(written: str) -> None:
    assert rewrite_day(written) == written
