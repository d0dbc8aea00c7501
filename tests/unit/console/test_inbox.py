"""The inbox stores tab and filters in a cookie for its reader only, and sorts its rows by urgency."""

from __future__ import annotations

from typing import Any

from console import inbox

OFFICER = {"username": "liuzhou.officer", "roles": ["officer"], "bureau": "450200"}


def test_filters_come_back_to_the_account_that_set_them_and_to_no_other() -> None:
    cookie = inbox.cookie_value("returned", {"q": "糖业 & 制糖", "kind": "change", "stage": ""}, "liuzhou.officer")
    assert inbox.stored_filters(cookie, "liuzhou.officer") == {"tab": "returned", "q": "糖业 & 制糖", "kind": "change"}
    assert inbox.stored_filters(cookie, "liuzhou.chief") == {}
    assert (
        inbox.stored_filters(None, "liuzhou.officer")
        == inbox.stored_filters("of=liuzhou.officer&next=//evil", "liuzhou.officer")
        == {}
    )


def test_a_filter_that_is_too_long_for_the_cookie_is_left_out_whole() -> None:
    # Given a search text that is too long for the cookie, and another filter
    cookie = inbox.cookie_value("all", {"q": "糖" * 120, "kind": "change"}, "liuzhou.officer")
    # Then the next visit keeps the other filter, and does not search for a part of the text
    assert len(cookie) <= inbox.COOKIE_BYTES
    assert inbox.stored_filters(cookie, "liuzhou.officer") == {"tab": "all", "kind": "change"}


def test_a_tab_that_a_reader_does_not_have_opens_what_the_role_has_to_do() -> None:
    assert inbox.tab_of("decision", OFFICER) == inbox.tab_of(None, OFFICER) == "draft"
    assert inbox.tab_of("settled", OFFICER) == "settled"
    assert inbox.tab_of("nowhere", OFFICER | {"roles": ["chief"]}) == "signature"
    assert inbox.tab_of("decision", OFFICER | {"bureau": "450000"}) == "decision"


def test_rows_stand_by_urgency_in_the_order_of_the_list() -> None:
    def row(left: int | None) -> dict[str, Any]:
        return {"working_days_left": left, "overdue": left is not None and left < 0}

    groups = inbox.by_urgency([row(left) for left in (-2, 0, 3, 4, None)])
    assert [(name, len(rows)) for name, rows in groups] == [("late", 1), ("soon", 2), ("later", 1), ("done", 1)]
