"""The same outcome is the same however its number is written (A13)."""

from __future__ import annotations

from datetime import date

import pytest

from services.evaluation.domain.outcome import checked, key_of
from services.kernel.errors import Conflict, Invalid

PERIOD = (date(2023, 9, 1), date(2026, 8, 31))

SAME = {
    "an application number with its check digit, and without": (
        "patent",
        [
            "ZL 2023 1 0123456.7",
            "zl202310123456.7",
            "CN202310123456.7",
            "202310123456",
            "专利号：ZL202310123456.7",
            "ZL2023101234567",
        ],
    ),
    "full-width and half-width": ("patent", ["ZL202310123456.7", "ＺＬ２０２３１０１２３４５６．７"]),
    "a publication number": ("patent", ["CN115123456B", "CN 115123456 B", "cn115123456b"]),
    "an application number of before 2003": ("patent", ["ZL98101234.5", "98101234.5", "zl 98101234.5"]),
    "a national standard": (
        "standard",
        ["GB/T 12345-2020", "GB/T12345—2020", "gb/t　12345－2020", "GBT 12345-2020", "标准号：GB/T 12345-2020"],
    ),
    "an international standard": ("standard", ["ISO 9001:2015", "ISO9001-2015", "ＩＳＯ９００１：２０１５"]),
    "a paper's DOI": (
        "paper",
        [
            "10.1016/j.jmb.2020.01.001",
            "https://doi.org/10.1016/J.JMB.2020.01.001",
            "doi: 10.1016/j.jmb.2020.01.001",
            "DOI:10.1016/j.jmb.2020.01.001.",
        ],
    ),
    "a contract": (
        "contract",
        ["合同编号：HT-2024-001", "ht2024001", "HT 2024 001", "No. HT-2024-001", "ＨＴ－２０２４－００１"],
    ),
    "a project": ("project", ["桂科AA24001001", "桂科 AA-24001001", "项目编号：桂科AA24001001"]),
    "a registration": ("product", ["国械注准20243010001", "注册证号：国械注准20243010001"]),
}


@pytest.mark.parametrize("what", SAME)
def test_ways_to_write_one_number_are_one_outcome(what: str) -> None:
    kind, written = SAME[what]
    assert len({key_of(kind, identifier) for identifier in written}) == 1


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("patent", "ZL202310123456.7", "ZL202310123457.5"),
        ("patent", "CN115123456A", "CN115123456B"),
        ("standard", "GB/T 12345-2020", "GB/T 12345-2021"),
        ("standard", "GB/T 12345-2020", "GB 12345-2020"),
        ("paper", "10.1016/j.jmb.2020.01.001", "10.1016/j.jmb.2020.01.0011"),
        ("contract", "HT-2024-001", "HT-2024-002"),
        ("project", "桂科AA24001001", "桂科AB24001001"),
    ],
)
def test_different_numbers_stay_different(kind: str, one: str, other: str) -> None:
    assert key_of(kind, one) != key_of(kind, other)


def outcome(identifier: str = "ZL202310123456.7", achieved_on: str = "2025-03-01", kind: str = "patent") -> dict[str, str]:
    return {"kind": kind, "identifier": identifier, "title": "一种甘蔗收割装置", "achieved_on": achieved_on}


@pytest.mark.parametrize("day", ["2023-09-01", "2026-08-31"])
def test_the_periods_first_and_last_day_count(day: str) -> None:
    assert [one["key"] for one in checked([outcome(achieved_on=day)], *PERIOD)] == ["202310123456"]


@pytest.mark.parametrize("day", ["2023-08-31", "2026-09-01"])
def test_an_outcome_outside_the_period_is_refused_with_its_place_and_article(day: str) -> None:
    with pytest.raises(Conflict) as caught:
        checked([outcome("GB/T 1-2024", kind="standard"), outcome(achieved_on=day)], *PERIOD)
    assert (caught.value.code, caught.value.details["article"]) == ("outcome_outside_period", "A13")
    assert [error.pointer for error in caught.value.errors] == ["/outcomes/1/achieved_on"]


def test_one_outcome_written_twice_in_a_report_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        checked([outcome(), outcome("CN 2023 1 0123456.7")], *PERIOD)
    assert [(error.pointer, error.code) for error in caught.value.errors] == [("/outcomes/1/identifier", "outcome_twice")]


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        checked([outcome(" ——— ")], *PERIOD)
    assert [error.code for error in caught.value.errors] == ["no_identifier"]
