"""The queries of the province's pages send a number of SQL statements that does not grow with the cases, experts or decision
lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from services.kernel.identity import PROVINCE
from tests.integration.review.scenario import House, chief, officer, province_chief, province_officer
from tests.integration.review.test_decision_lists import draft, row

#: For each page of the province, the query that the page sends; `case` is the id of the case that it shows.
QUERIES: dict[str, Callable[[House, str], Any]] = {
    "ranking": lambda house, case: house.at(PROVINCE).ask("call_ranking", province_chief, call="call"),
    "decision": lambda house, case: house.at(PROVINCE).ask("get_review", province_chief, id=case),
    "panel": lambda house, case: house.at(PROVINCE).ask("panel_candidates", province_officer, id=case),
    "candidates of a list": lambda house, case: house.at(PROVINCE).ask("decision_candidates", province_officer, call="call"),
    "lists of decisions": lambda house, case: house.at(PROVINCE).ask("list_decision_lists", province_chief, call="call"),
    "inbox": lambda house, case: house.at(PROVINCE).ask("list_reviews", province_officer, limit=50),
    "to-do list": lambda house, case: house.at(PROVINCE).ask("todo", province_chief),
}


def statements(house: House, case: str) -> dict[str, int]:
    """Return the number of SELECT statements that each page's query sends."""
    sent: list[str] = []
    engine = house.at(PROVINCE).database.engine

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        # Not counted: the platform's date, which the service reads at most once a second.
        if statement.startswith("SELECT") and "domain_clock" not in statement:
            sent.append(statement)

    counts = {}
    event.listen(engine, "before_cursor_execute", note)
    try:
        for name, ask in QUERIES.items():
            sent.clear()
            ask(house, case)
            counts[name] = len(sent)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return counts


def test_statements_do_not_grow_with_cases_experts_and_lists(house: House) -> None:
    # Given two scored cases of a call, one of them in a list, and three experts
    house.experts(3)
    first, second = (house.to_decision(f"few{place}", (90 - place, 80, 85)) for place in range(2))
    draft(house, row(first))
    few = statements(house, second)
    # When there are more cases, experts and lists, and cases at the city
    house.experts(9)
    more = [house.to_decision(f"many{place}", (70 + place, 75, 80)) for place in range(4)]
    for case in more[:3]:
        draft(house, row(case))
    for place in range(3):
        house.submit(f"city{place}")
        house.opinion(officer, house.case("450200", f"city{place}"))
    house.opinion(chief, house.case("450200", "city0"))
    # Then each page's query sends as many SQL statements as with fewer cases
    assert statements(house, second) == few
