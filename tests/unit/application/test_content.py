"""Drafts: how edits are merged, which values are refused, and which fields a submission must have."""

from __future__ import annotations

from services.application.domain.content import EMPTY, gaps, merged, mistakes


def test_what_is_sent_replaces_what_was_there_and_nothing_else() -> None:
    before = merged(EMPTY, {"name": "甲", "members": [{"organisation": "A"}], "goals": [{"kind": "talent"}]})
    after = merged(before, {"members": [{"organisation": "B"}], "goals": None})
    assert after == before | {"members": [{"organisation": "B"}], "goals": []}


def test_an_emptied_draft_shares_nothing_with_another() -> None:
    first, second = merged(EMPTY, {"members": None}), merged(EMPTY, {"members": None})
    first["members"].append({"organisation": "A"})
    assert second["members"] == [] and EMPTY["members"] == []


def test_a_member_listed_twice_and_the_lead_among_the_members_are_named_where_they_stand() -> None:
    found = mistakes("L", [{"organisation": "A"}, {"organisation": "L"}, {"organisation": "A"}])
    assert [(error.pointer, error.code) for error in found] == [
        ("/members/1/organisation", "lead_among_members"),
        ("/members/2/organisation", "member_twice"),
    ]


def test_a_submission_must_say_what_it_is_about() -> None:
    assert [error.pointer for error in gaps(EMPTY, None)] == [
        "/name",
        "/field",
        "/research_direction",
        "/recommender",
        "/chief_scientist",
    ]
    said = EMPTY | {"name": "甲", "field": "糖业", "research_direction": "制糖", "chief_scientist": {"name": "乙"}}
    assert gaps(said, "450200") == ()
