"""The bureaus that may recommend a lead (A6(1))."""

from __future__ import annotations

import pytest

from services.application.domain.recommender import home_bureau, objection_to


@pytest.mark.parametrize(
    ("recommender", "region", "industry", "allowed", "code"),
    [
        ("450200", "450203", None, [], None),
        ("450100", "450203", None, [], "not_the_leads_city"),
        ("450000", "450203", None, [], "unknown_recommender"),
        ("nowhere", "450203", None, [], "unknown_recommender"),
        ("GX-MIIT", "450203", "C13", ["GX-MIIT"], None),
        ("GX-MIIT", "450203", "C13", [], "bureau_not_in_call"),
        ("GX-MIIT", "450203", "A01", ["GX-MIIT"], "not_the_leads_trade"),
        ("GX-MIIT", "450203", None, ["GX-MIIT"], "not_the_leads_trade"),
        ("GX-MIIT", "450203", "C13", None, None),
        ("450200", "440100", None, [], "not_the_leads_city"),
    ],
)
def test_the_leads_city_or_the_industry_bureau_of_its_trade_among_those_of_the_call(
    recommender: str, region: str, industry: str | None, allowed: list[str] | None, code: str | None
) -> None:
    found = objection_to(recommender, region, industry, allowed)
    assert (found.code if found else None) == code


def test_the_refusal_says_which_bureau_it_should_be() -> None:
    found = objection_to("450100", "450203", None, [])
    assert found is not None and found.pointer == "/recommender"
    assert "柳州市科学技术局" in found.text.zh and "Liuzhou" in found.text.en


def test_a_case_without_a_real_recommender_is_at_home_with_the_province() -> None:
    assert [home_bureau(code) for code in ("450200", "nowhere", None)] == ["450200", "450000", "450000"]
