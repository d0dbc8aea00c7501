"""Two mentions of one outcome are recognised as the same, whatever the spelling of the number and the kind under which it is
reported (A13)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.evaluation.rounds import OUTCOME_KINDS
from services.evaluation.domain.outcome import validate_outcomes
from services.evaluation.domain.outcome_number import UNIQUE, OutcomeKey, identify, title_key
from services.kernel.errors import Conflict, Invalid

PERIOD = (date(2023, 9, 1), date(2026, 8, 31))
TODAY = date(2026, 9, 30)
LEAD, OTHER = "9145020098MA369042", "9145010035MA46841F"


def key_of(kind: str, identifier: str, issuer: str | None = None, lead: str = LEAD) -> tuple[str, str]:
    found = identify(kind, identifier, issuer, lead)
    assert found is not None
    return found.space, found.key


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
            "发明专利申请 202310123456.7",
        ],
    ),
    "full-width and half-width": ("patent", ["ZL202310123456.7", "ＺＬ２０２３１０１２３４５６．７"]),
    "remarks in brackets": (
        "patent",
        [
            "ZL202410765432.1",
            "ZL202410765432.1（发明）",
            "ZL202410765432.1 (2024年授权)",
            "【发明】ZL202410765432.1",
            "（发明）ZL202410765432.1",
        ],
    ),
    "a publication number": ("patent", ["CN115123456B", "CN 115123456 B", "cn115123456b", "CN115123456B（授权公告）"]),
    "an application number of before 2003": ("patent", ["ZL98101234.5", "98101234.5", "zl 98101234.5"]),
    "a national standard": (
        "standard",
        [
            "GB/T 12345-2020",
            "GB/T12345—2020",
            "gb/t　12345－2020",
            "GBT 12345-2020",
            "标准号：GB/T 12345-2020",
            "GB/T 12345-20",
            "GB/T 12345-2020（推荐性）",
        ],
    ),
    "a local standard": ("standard", ["DB45/T 1234-2021", "DB45T 1234—2021", "ＤＢ４５／Ｔ１２３４－２０２１"]),
    "an international standard": ("standard", ["ISO 9001:2015", "ISO9001-2015", "ＩＳＯ９００１：２０１５"]),
    "a paper's DOI": (
        "paper",
        [
            "10.1016/j.jmb.2020.01.001",
            "https://doi.org/10.1016/J.JMB.2020.01.001",
            "doi: 10.1016/j.jmb.2020.01.001",
            "DOI:10.1016/j.jmb.2020.01.001.",
            "10.1016/j.jmb.2020.01.001（SCI一区）",
            "10.1016/j.jmb.2020.01.001 (SCI)",
        ],
    ),
    "a contract": (
        "contract",
        ["合同编号：HT-2024-001", "ht2024001", "HT 2024 001", "No. HT-2024-001", "ＨＴ－２０２４－００１", "HT-2024-001（补充）"],
    ),
    "a project": (
        "project",
        [
            "桂科AA24001001",
            "桂科 AA-24001001",
            "项目编号：桂科AA24001001",
            "AA24001001",
            "aa24001001",
            "广西科技计划项目桂科AA24001001",
        ],
    ),
    "a project with a document number": ("project", ["桂科计字〔2024〕12号", "桂科计字(2024)12号", "桂科计字[2024]12"]),
    "a registration": ("product", ["国械注准20243010001", "注册证号：国械注准20243010001"]),
    "software": ("product", ["2023SR1234567", "登记号：2023SR1234567", "2023sr 1234567", "2023SR1234567（V2.0版）"]),
    "a plant variety": ("product", ["CNA20191000123", "CNA2019.1000123", "品种权号：CNA 2019 1000123"]),
    "an approved variety": ("product", ["桂审稻2023001号", "审定编号：桂审稻2023001", "桂审稻 2023001 号"]),
}


@pytest.mark.parametrize("what", SAME)
def test_ways_to_write_one_number_are_one_outcome(what: str) -> None:
    kind, written = SAME[what]
    assert len({key_of(kind, identifier) for identifier in written}) == 1


#: Numbers that identify an outcome without its issuer, and show the kind of outcome.
BY_THEMSELVES = [
    "ZL202410765432.1",
    "ZL202410765432.1（发明）",
    "CN115123456B",
    "GB/T 45678",
    "GB/T 45678-2025",
    "DB45/T 1234-2021",
    "T/GXAS 123-2022",
    "10.1016/j.jmb.2020.01.001",
    "2023SR1234567",
    "CNA20191000123",
    "桂审稻2023001号",
    "国械注准20243010001",
    "桂科AB24010001",
    "AB24010001",
    "2023YFD1600301",
]


@pytest.mark.parametrize("identifier", BY_THEMSELVES)
def test_a_number_unique_by_itself_is_one_outcome_under_every_kind_and_issuer(identifier: str) -> None:
    keys = {
        key_of(kind, identifier, issuer, lead) for kind in OUTCOME_KINDS for issuer in (None, OTHER) for lead in (LEAD, OTHER)
    }
    assert len(keys) == 1
    assert {space for space, _ in keys} == {UNIQUE}


def test_a_project_number_is_the_same_with_and_without_its_prefix_under_every_kind() -> None:
    assert len({key_of(kind, text) for kind in OUTCOME_KINDS for text in ("AB24010001", "桂科AB24010001")}) == 1


@pytest.mark.parametrize("kind", ["contract", "award", "project", "platform"])
def test_a_number_that_an_issuer_gives_counts_once_for_each_issuer(kind: str) -> None:
    number = "HT-2025-018"
    assert key_of(kind, number, lead=LEAD) == key_of(kind, "ht 2025/018", LEAD, lead=OTHER)
    assert key_of(kind, number, lead=LEAD) != key_of(kind, number, lead=OTHER)
    assert key_of(kind, number, OTHER, lead=LEAD) != key_of(kind, number, lead=LEAD)
    # Blanks in an issuer's name make no difference, and a name that belongs to a known organisation counts as that organisation's
    # code.
    assert key_of(kind, number, "柳州市 科学技术局") == key_of(kind, number, "柳州市科学技术局")
    known = identify(kind, number, "柳州桂博一号（集团）公司", LEAD, {"柳州桂博一号集团公司": OTHER})
    assert known and (known.space, known.key) == key_of(kind, number, OTHER)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("patent", "ZL202310123456.7", "ZL202310123457.5"),
        ("patent", "CN115123456A", "CN115123456B"),
        ("standard", "GB/T 12345-2020", "GB/T 12345-2021"),
        ("standard", "GB/T 12345-2020", "GB 12345-2020"),
        ("paper", "10.1016/j.jmb.2020.01.001", "10.1016/j.jmb.2020.01.0011"),
        ("paper", "10.1016/0022-2836(81)90087-5", "10.1016/0022-2836(82)90087-5"),
        ("contract", "HT-2024-001", "HT-2024-002"),
        ("contract", "(2023)桂合字第12号", "(2024)桂合字第12号"),
        ("project", "桂科AA24001001", "桂科AB24001001"),
    ],
)
def test_different_numbers_stay_different(kind: str, one: str, other: str) -> None:
    assert key_of(kind, one) != key_of(kind, other)


def test_a_contracts_number_of_a_projects_form_is_its_issuers() -> None:
    assert key_of("contract", "HT20250018", lead=LEAD) != key_of("contract", "HT20250018", lead=OTHER)
    assert key_of("project", "RD20250018", "本单位", lead=LEAD)[0] != UNIQUE


@pytest.mark.parametrize(("one", "other"), [("GB/T 12345-2020", "GB/T 12345-2021"), ("CN115123456A", "CN115123456B")])
def test_editions_and_stages_of_publication_are_alike_in_number(one: str, other: str) -> None:
    found = [identify("patent" if one.startswith("CN") else "standard", text, None, LEAD) for text in (one, other)]
    assert len({key.number for key in found if key}) == 1


def test_titles_are_alike_without_blanks_and_signs_and_short_ones_say_nothing() -> None:
    assert title_key("一种 甘蔗收割装置（改进）") == title_key("一种甘蔗收割装置改进")
    assert title_key("合同") is None


# Properties: all spellings of one number give the same key, and one number of different issuers gives different keys

_SERIALS = st.integers(0, 9_999_999).map("{:07d}".format)
_PATENTS = st.builds(
    lambda year, type, serial: f"{year}{type}{serial}", st.integers(2004, 2030), st.sampled_from("123"), _SERIALS
)
_BLANK = st.sampled_from(["", " ", "　", "-", " - "])
_REMARKS = st.sampled_from(["", "（发明）", "(发明专利)", "【授权】", "（2024年授权）", " (实用新型)"])


def _wide(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


@st.composite
def patents(draw: st.DrawFn) -> tuple[str, str]:
    """Draw the number of a patent application, and one of the ways in which people write it."""
    number = draw(_PATENTS)
    blank, check = draw(_BLANK), draw(st.sampled_from(["", ".1", ".X", "7"]))
    text = draw(st.sampled_from(["ZL", "zl ", "CN", "cn", "专利号：ZL", "中国发明专利 ZL"]))
    text += f"{number[:4]}{blank}{number[4]}{blank}{number[5:]}{check}{draw(_REMARKS)}"
    return number, _wide(text) if draw(st.booleans()) else text


@given(patents(), st.sampled_from(OUTCOME_KINDS))
def test_a_patent_is_one_outcome_however_it_is_spelled(written: tuple[str, str], kind: str) -> None:
    number, text = written
    assert key_of(kind, text) == key_of("patent", f"ZL{number}")


@given(
    st.integers(1, 99_999),
    st.integers(2000, 2030),
    st.sampled_from(["GB/T {}-{}", "gb/t{}—{}", "GBT {}－{}", "ＧＢ／Ｔ {}-{}", "GB / T {} - {}", "标准号：GB/T {}-{}（推荐）"]),
    st.sampled_from(OUTCOME_KINDS),
)
def test_a_standard_is_one_outcome_however_it_is_spelled(number: int, year: int, form: str, kind: str) -> None:
    assert key_of(kind, form.format(number, year)) == key_of("standard", f"GB/T {number}-{year}")


@given(
    st.sampled_from(["AA", "AB", "AC", "AD", "ZY"]),
    st.integers(0, 99_999_999).map("{:08d}".format),
    st.sampled_from(["{}{}", "桂科{}{}", "桂科 {}-{}", "项目编号：桂科{}{}", "桂科{}{}（重点研发）", "ａ{}{}"]),
    st.sampled_from(OUTCOME_KINDS),
)
def test_a_project_is_one_outcome_with_and_without_its_prefix(code: str, serial: str, form: str, kind: str) -> None:
    text = form.format(code, serial) if "ａ" not in form else _wide(f"{code}{serial}".lower())
    assert key_of(kind, text) == key_of("project", f"桂科{code}{serial}")


_ISSUER_NUMBERS = st.from_regex(r"\A(?:HT|XM|NB|JX)-20[0-9]{2}-[0-9]{3}\Z")


@given(_ISSUER_NUMBERS, st.sampled_from(["contract", "award", "platform"]), st.tuples(_SERIALS, _SERIALS))
def test_one_number_of_two_issuers_is_two_outcomes(number: str, kind: str, serials: tuple[str, str]) -> None:
    one, other = (f"单位{serial}" for serial in serials)
    assert (key_of(kind, number, one) == key_of(kind, number, other)) is (one == other)
    assert (key_of(kind, number, None, one) == key_of(kind, number, None, other)) is (one == other)


@given(st.sampled_from(OUTCOME_KINDS), st.text(min_size=1, max_size=200))
def test_any_text_has_a_key_that_fits_its_column_and_does_not_change(kind: str, text: str) -> None:
    found = identify(kind, text, None, LEAD)
    assert found == identify(kind, text, None, LEAD)
    if found:
        assert isinstance(found, OutcomeKey)
        assert 0 < len(found.key) <= 163 and 0 < len(found.number) <= 163


# The outcomes that one report lists: their dates and their numbers


def outcome(identifier: str = "ZL202310123456.7", achieved_on: str = "2025-03-01", kind: str = "patent") -> dict[str, str]:
    return {"kind": kind, "identifier": identifier, "title": "一种甘蔗收割装置", "achieved_on": achieved_on}


def check(*outcomes: dict[str, str], today: date = TODAY) -> list[tuple[str, str]]:
    return [one.identity for one in validate_outcomes(list(outcomes), *PERIOD, today, LEAD)]


@pytest.mark.parametrize("day", ["2023-09-01", "2026-08-31"])
def test_the_periods_first_and_last_day_count(day: str) -> None:
    assert check(outcome(achieved_on=day)) == [(UNIQUE, "patent:202310123456")]


@pytest.mark.parametrize("day", ["2023-08-31", "2026-09-01"])
def test_an_outcome_outside_the_period_is_refused_with_its_place_and_article(day: str) -> None:
    with pytest.raises(Conflict) as caught:
        check(outcome("GB/T 1-2024", kind="standard"), outcome(achieved_on=day))
    assert (caught.value.code, caught.value.details["article"]) == ("outcome_outside_period", "A13")
    assert [error.pointer for error in caught.value.errors] == ["/outcomes/1/achieved_on"]


def test_an_outcome_of_a_day_to_come_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        check(outcome(achieved_on="2026-08-01"), today=date(2026, 7, 31))
    assert [(error.pointer, error.code) for error in caught.value.errors] == [("/outcomes/0/achieved_on", "date_ahead")]


@pytest.mark.parametrize("kind", ["patent", "product", "award"])
def test_one_outcome_twice_in_a_report_is_refused_also_under_another_kind(kind: str) -> None:
    with pytest.raises(Invalid) as caught:
        check(outcome(), outcome("CN 2023 1 0123456.7（发明）", kind=kind))
    assert [(error.pointer, error.code) for error in caught.value.errors] == [("/outcomes/1/identifier", "outcome_twice")]


def test_a_number_that_is_none_and_several_in_one_are_refused() -> None:
    with pytest.raises(Invalid) as caught:
        check(outcome(" ——— "), outcome("ZL202310123456.7、ZL202310123457.5"))
    assert [error.code for error in caught.value.errors] == ["no_identifier", "several_identifiers"]
