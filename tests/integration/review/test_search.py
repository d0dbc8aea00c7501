"""Search for cases: an official finds the cases of the official's own bureau, by title or by subject."""

from __future__ import annotations

from typing import Any

from services.kernel.identity import PROVINCE, Actor
from tests.integration.review.scenario import (
    House,
    an_expert,
    applicant,
    auditor,
    chief,
    officer,
    other_officer,
    province_officer,
)


def found(house: House, actor: Actor, q: str, **more: Any) -> list[str]:
    groups = house.at(actor.bureau or PROVINCE).ask("search", actor, q=q, limit=10, **more)["groups"]
    return [item["subject"]["id"] for group in groups for item in group["items"]]


def test_a_case_is_found_by_the_middle_of_its_title_within_its_bureau(house: House) -> None:
    first, second = house.submit("first"), house.submit("second", title="北部湾海洋创新联合体")
    assert found(house, officer, "糖业") == [first]
    assert found(house, chief, "海洋创新") == [second]
    assert found(house, officer, "创新联合体") == [second, first]
    for actor in (other_officer, province_officer, an_expert(1), applicant, auditor):
        assert found(house, actor, "糖业") == []


def test_a_case_is_found_by_what_it_is_about(house: House) -> None:
    first = house.submit("first")
    house.submit("second")
    assert found(house, officer, "91450200MA", subjects=["application/first", "application/other"]) == [first]
    [group] = house.at("450200").ask("search", officer, q="糖业", limit=1)["groups"]
    assert (group["more"], group["items"][0]["about"]) == (True, "application/second")


def test_an_auditor_finds_the_cases_of_the_province(house: House) -> None:
    id = house.recommend()
    assert found(house, auditor, "糖业") == [id]


def test_signs_of_the_database_language_are_text(house: House) -> None:
    house.submit()
    assert found(house, officer, "%业") == found(house, officer, "_业") == []
