"""The differences between two versions of an application."""

from __future__ import annotations

from services.contracts.application.differences import changed_sections, compare

BEFORE = {
    "name": "甲",
    "members": [{"organisation": "A", "tier": "core"}, {"organisation": "B", "tier": "close"}],
    "operating_systems": {"decision_body": "理事会", "rd_funding": None},
    "goals": [{"kind": "talent", "statement": "引才"}],
    "documents": ["d1", "d2"],
}


def test_equal_versions_have_no_changes() -> None:
    assert compare(BEFORE, dict(BEFORE)) == []


def test_only_the_sections_that_differ_are_named_in_their_order() -> None:
    after = BEFORE | {"goals": [], "name": "乙"}
    assert changed_sections(BEFORE, after) == ["name", "goals"]


def test_members_are_compared_by_their_code_whatever_their_order() -> None:
    # Given a second version in which one member has left, one has joined and one has another tier, in another order of the
    # members
    after = BEFORE | {"members": [{"organisation": "C", "tier": "general"}, {"organisation": "A", "tier": "general"}]}
    # Then the comparison names each of these members by its code, with the value before and after
    assert compare(BEFORE, after) == [
        {
            "section": "members",
            "changes": [
                {"path": "/A/tier", "change": "changed", "before": "core", "after": "general"},
                {"path": "/B", "change": "removed", "before": {"organisation": "B", "tier": "close"}, "after": None},
                {"path": "/C", "change": "added", "before": None, "after": {"organisation": "C", "tier": "general"}},
            ],
        }
    ]


def test_values_documents_and_goals_are_compared_one_by_one() -> None:
    after = BEFORE | {
        "name": None,
        "operating_systems": {"decision_body": "理事会", "rd_funding": "办法"},
        "goals": [{"kind": "talent", "statement": "引才十名"}],
        "documents": ["d2", "d3"],
    }
    changes = {item["section"]: [(c["path"], c["change"]) for c in item["changes"]] for item in compare(BEFORE, after)}
    assert changes == {
        "name": [("", "removed")],
        "operating_systems": [("/rd_funding", "added")],
        "goals": [("/0/statement", "changed")],
        "documents": [("/d1", "removed"), ("/d3", "added")],
    }
