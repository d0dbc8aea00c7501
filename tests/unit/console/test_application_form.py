"""The application form: fields are JSON pointers, buttons change lists, and saving sends only the changes."""

from __future__ import annotations

from typing import Any

import pytest

from console import application_form as form

MEMBERS = form.BY_NAME["members"]
GOALS = form.BY_NAME["goals"]
SYSTEMS = form.BY_NAME["systems"]


def application(**content: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"name": None, "field": None, "industry_chain": None, "research_direction": None}
    return empty | {"recommender": None, "members": [], "chief_scientist": None, "operating_systems": {}, "goals": []} | content


def member(code: str, **more: Any) -> dict[str, Any]:
    return {"organisation": code, "tier": "core", "role": None, "name": "示例", "registered": True, "confirmation": None} | more


def test_fields_are_read_as_their_pointers_nest_them() -> None:
    typed = {
        "/members/0/organisation": " 91 ",
        "/members/0/tier": "core",
        "/members/1/organisation": "",
        "csrf": "x",
        "/name": "x",
    }
    values = form.read(typed, MEMBERS)
    assert values == {"members": [{"organisation": "91", "tier": "core"}, {"organisation": None}]}


def test_entries_stay_in_order_beyond_ten() -> None:
    typed = {f"/members/{place}/organisation": str(place) for place in range(12)}
    assert [one["organisation"] for one in form.read(typed, MEMBERS)["members"]] == [str(place) for place in range(12)]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("add:/goals", [{"kind": "talent", "indicators": []}, {"kind": None, "statement": None, "indicators": []}]),
        (
            "add:/goals/0/indicators",
            [{"kind": "talent", "indicators": [{"name": None, "target": None, "unit": None, "due": None}]}],
        ),
        ("remove:/goals/0", []),
        ("remove:/goals/7", [{"kind": "talent", "indicators": []}]),
        ("remove:/nowhere/0", [{"kind": "talent", "indicators": []}]),
        ("add:/secrets", [{"kind": "talent", "indicators": []}]),
        ("save", [{"kind": "talent", "indicators": []}]),
    ],
)
def test_a_button_changes_the_list_it_names_and_nothing_else(action: str, expected: list[dict[str, Any]]) -> None:
    values = {"goals": [{"kind": "talent", "indicators": []}]}
    form.act(values, action)
    assert values == {"goals": expected}


def test_saving_sends_only_members_that_differ() -> None:
    saved = form.present(application(name="甲", field="糖业"), form.BY_NAME["basics"])
    assert form.body(saved | {"field": "新能源"}, saved) == {"field": "新能源"}
    assert form.body(saved, saved) == {}


def test_blank_entries_of_lists_are_not_sent() -> None:
    saved = form.present(application(), MEMBERS)
    typed = {"members": [{"organisation": "91", "tier": None, "role": None}, {"organisation": None, "tier": None, "role": None}]}
    assert form.body(typed, saved) == {"members": [{"organisation": "91", "tier": None, "role": None}]}


def test_what_the_api_adds_to_a_member_is_no_change() -> None:
    saved = form.present(application(members=[member("91")]), MEMBERS)
    assert (
        form.body(form.read({"/members/0/organisation": "91", "/members/0/tier": "core", "/members/0/role": ""}, MEMBERS), saved)
        == {}
    )


def test_an_operating_system_that_was_emptied_is_sent_as_empty() -> None:
    saved = form.present(application(operating_systems={"decision_body": "理事会"}), SYSTEMS)
    typed = form.read({f"/operating_systems/{name}": "" for name in form.SYSTEMS}, SYSTEMS)
    assert form.body(typed, saved)["operating_systems"]["decision_body"] is None


def test_a_section_says_how_far_it_is() -> None:
    goal = {"kind": "talent", "statement": "培养", "indicators": []}
    assert form.state(GOALS, application()) == "empty"
    assert form.state(GOALS, application(goals=[goal | {"statement": None}])) == "begun"
    assert form.state(GOALS, application(goals=[goal])) == "full"
    assert form.state(form.BY_NAME["basics"], application(name="甲")) == "begun"


def test_only_what_members_agree_to_voids_their_confirmations() -> None:
    assert {section.name for section in form.SECTIONS if section.binding} == {"members", "systems"}
