"""The inbox lists the waiting cases first, by due date, page by page, and without reading all rows."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from services.kernel.errors import Forbidden, Invalid
from services.kernel.identity import PROVINCE, Actor
from tests.integration.review.scenario import (
    CITY,
    LEAD,
    OTHER_CITY,
    House,
    an_expert,
    applicant,
    auditor,
    chief,
    officer,
    province_chief,
    province_officer,
)


def inbox(house: House, **query: object) -> list[str]:
    items = house.at(CITY).ask("list_reviews", officer, **query)["items"]
    return [item["subject"].partition("/")[2] for item in items]


def close(house: House, application: str) -> None:
    id = house.case(CITY, application)
    house.opinion(officer, id, outcome="reject")
    house.opinion(chief, id, outcome="reject")


def test_an_item_has_what_the_contract_names(house: House) -> None:
    house.submit()
    (item,) = house.at(CITY).ask("list_reviews", officer)["items"]
    names = ("id", "subject", "version", "kind", "title", "stage", "status", "bureau", "due_on", "opened_at")
    assert {name: item[name] for name in names} == {
        "id": house.case(CITY),
        "subject": "application/app",
        "version": 1,
        "kind": "formation",
        "title": "广西糖业创新联合体",
        "stage": "recommendation",
        "status": "open",
        "bureau": CITY,
        "due_on": "2026-03-23",
        "opened_at": "2026-03-02T02:00:00+00:00",
    }


def test_what_waits_comes_first_by_due_date_and_the_rest_after(house: House) -> None:
    for name in ("done", "early", "late"):
        house.submit(name)
        house.clock.advance(days=1)
    close(house, "done")
    assert inbox(house) == ["early", "late", "done"]


def test_pages_show_each_case_once(house: House) -> None:
    names = [f"app{number}" for number in range(7)]
    for name in names:
        house.submit(name)
    for name in names[:3]:
        close(house, name)
    seen, cursor = [], None
    while True:
        page = house.at(CITY).ask("list_reviews", officer, limit=2, cursor=cursor)
        seen += [item["subject"].partition("/")[2] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == names
    assert set(seen[4:]) == set(names[:3])
    with pytest.raises(Invalid):
        house.at(CITY).ask("list_reviews", officer, cursor="????")


def test_filters_narrow_by_stage_status_bureau_and_lateness(house: House) -> None:
    house.submit("old")
    house.submit("closed")
    close(house, "closed")
    house.clock.advance(days=21)
    assert inbox(house, overdue=True) == []
    # On the due date itself, 23 March, a case is not overdue yet; the day after, it is
    house.clock.advance(days=1)
    house.submit("new")
    assert inbox(house, overdue=True) == ["old"]
    assert inbox(house, overdue=False) == ["new", "closed"]
    assert inbox(house, status="rejected") == ["closed"]
    assert inbox(house, stage="recommendation", status="open") == ["old", "new"]
    assert inbox(house, stage="decision") == []
    assert inbox(house, of_bureau=CITY) == ["old", "new", "closed"]
    assert inbox(house, of_bureau=OTHER_CITY) == []


def test_lateness_begins_when_the_due_date_ends_in_shanghai(house: House) -> None:
    house.submit()
    house.clock.advance(days=21, hours=13, minutes=59)  # 23 March, 23:59 in Shanghai
    assert house.see(house.case(CITY))["overdue"] is False
    house.clock.advance(minutes=1)
    assert house.see(house.case(CITY))["overdue"] is True


def test_everybody_sees_their_own(house: House) -> None:
    house.experts(3)
    id = house.to_panel()
    house.tell("draw_panel", province_officer, id, experts=["expert1", "expert2", "expert3"])
    bench = house.at(PROVINCE)
    assert [item["bureau"] for item in bench.ask("list_reviews", province_officer)["items"]] == [PROVINCE]
    assert [item["id"] for item in bench.ask("list_reviews", an_expert(1))["items"]] == [id]
    assert bench.ask("list_reviews", an_expert(9))["items"] == []
    assert [item["bureau"] for item in bench.ask("list_reviews", auditor)["items"]] == [PROVINCE]
    assert [item["bureau"] for item in bench.ask("list_reviews", auditor, of_bureau=CITY)["items"]] == [CITY]
    with pytest.raises(Forbidden):
        bench.ask("list_reviews", applicant)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({}, "ix_cases_inbox"),
        ({"status": "open"}, "ix_cases_inbox_by_status"),
        ({"overdue": True}, "ix_cases_inbox"),
        ({"overdue": False}, "ix_cases_inbox"),
        ({"stage": "decision"}, "ix_cases_inbox_by_stage"),
        ({"sort": "due", "status": ["open", "returned"]}, "ix_cases_inbox"),
        ({"sort": "oldest"}, "ix_cases_inbox_by_opening"),
        ({"sort": "newest"}, "ix_cases_inbox_by_opening"),
    ],
)
def test_a_page_is_read_from_an_index_in_its_order(house: House, query: dict[str, object], index: str) -> None:
    # Given the SQL statement that the service sends for the second page
    for name in ("one", "two", "three"):
        house.submit(name)
    bench = house.at(CITY)
    cursor = bench.ask("list_reviews", officer, limit=1, sort=query.get("sort"))["next_cursor"]
    sent: list[tuple[str, tuple[object, ...]]] = []
    listen = lambda _c, _k, statement, parameters, _x, _m: sent.append((statement, parameters))  # noqa: E731
    event.listen(bench.database.engine, "before_cursor_execute", listen)
    bench.ask("list_reviews", officer, cursor=cursor, **query)
    event.remove(bench.database.engine, "before_cursor_execute", listen)
    ((statement, parameters),) = [(text, given) for text, given in sent if "FROM cases" in text]
    # Then the plan of that statement uses the index for this order, and neither scans the table nor sorts
    with bench.database.engine.connect() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    assert len(plan) == 1
    assert f"USING INDEX {index} " in plan[0]


def listed(house: House, actor: Actor, **wanted: Any) -> list[str]:
    return [item["id"] for item in house.at(actor.bureau or PROVINCE).ask("list_reviews", actor, **wanted)["items"]]


def test_the_inbox_is_filtered_by_the_next_step(house: House) -> None:
    # Given a case without a draft, and one that an officer drafted
    new, drafted = house.submit("new"), house.submit("drafted")
    house.opinion(officer, drafted)
    assert listed(house, chief, awaiting="draft") == [new]
    assert listed(house, chief, awaiting="signature") == [drafted]
    drafts = {item["id"]: item["draft_by"] for item in house.at(CITY).ask("list_reviews", chief)["items"]}
    assert drafts == {new: None, drafted: officer.username}
    # When the draft is signed, then the city has no task left, and the province must draft
    house.opinion(chief, drafted)
    assert listed(house, chief, awaiting="signature") == []
    assert listed(house, province_officer, awaiting="draft") == [house.case(PROVINCE, "drafted")]


def test_the_inbox_tells_scores_and_decisions_apart(house: House) -> None:
    house.experts(3)
    decided, scored = house.to_decision("decided", (80, 81, 82)), house.to_panel("scored")
    assert listed(house, province_chief, awaiting="scores") == [scored]
    assert listed(house, province_chief, awaiting="decision") == [decided]
    assert set(listed(house, province_chief, call="call", kind="formation")) == {decided, scored}
    assert listed(house, province_chief, call="another") == listed(house, province_chief, kind="change") == []


def test_the_inbox_is_searched_by_title_and_by_who_works_on_it(house: House) -> None:
    house.account(officer)
    first = house.submit("first")
    house.submit("second")
    house.tell("assign_case", chief, first, account=officer.username)
    assert listed(house, chief, assigned_to=officer.username) == [first]
    assert len(listed(house, chief, q="糖业")) == 2
    assert listed(house, chief, q="钢铁") == listed(house, chief, q="%") == []


def test_a_line_names_the_lead_and_tells_a_reviewer_of_no_draft(house: House) -> None:
    house.experts(3)
    id = house.to_panel()
    house.tell("draw_panel", province_officer, id, size=3)
    [line] = house.at(PROVINCE).ask("list_reviews", an_expert(1))["items"]
    assert (line["lead"]["uscc"], line["draft_by"]) == (LEAD, None)


def test_tabs_count_what_waits_for_the_reader_and_what_is_done(house: House) -> None:
    # Given cases of a city at every step of the city's review
    colleague = Actor("liuzhou.officer2", ("officer",), CITY)
    for name in ("fresh", "taken", "drafted", "returned", "done"):
        house.submit(name)
    house.account(colleague)
    house.at(CITY).tell("assign_case", chief, id=house.case(CITY, "taken"), account=colleague.username)
    house.opinion(officer, house.case(CITY, "drafted"))
    sections = [{"section": "members", "comment": "请补充。"}]
    for who in (officer, chief):
        house.opinion(who, house.case(CITY, "returned"), outcome="return", sections=sections)
    close(house, "done")
    # When the officer who drafted, a colleague to whom a case is assigned, and the chief query their counts
    counts = {who.username: house.at(CITY).ask("review_counts", who) for who in (officer, colleague, chief)}
    # Then each count contains only the cases that wait for that official; the drafted case waits for the chief's signature
    assert counts[officer.username] == {
        "draft": 1,
        "signature": 0,
        "scores": 0,
        "decision": 0,
        "returned": 1,
        "overdue": 0,
        "settled": 1,
    }
    assert (counts[colleague.username]["draft"], counts[chief.username]["signature"]) == (2, 1)
    assert inbox(house, awaiting="draft", mine=True) == ["fresh"]
    with pytest.raises(Forbidden):
        house.at(CITY).ask("review_counts", an_expert(1))


def test_an_item_says_how_many_working_days_are_left(house: House) -> None:
    house.submit()
    (item,) = house.at(CITY).ask("list_reviews", officer)["items"]
    assert item["working_days_left"] == 15
    house.clock.advance(days=30)
    (item,) = house.at(CITY).ask("list_reviews", officer)["items"]
    assert item["overdue"] and item["working_days_left"] < 0
    close(house, "app")
    (item,) = house.at(CITY).ask("list_reviews", officer)["items"]
    assert item["working_days_left"] is None


def test_several_statuses_are_one_list_open_cases_first(house: House) -> None:
    for name in ("rejected", "open", "withdrawn"):
        house.submit(name)
    close(house, "rejected")
    house.withdraw("withdrawn")
    assert inbox(house, status=["open", "rejected"]) == ["open", "rejected"]
    assert inbox(house, status=["rejected", "withdrawn"]) == ["rejected", "withdrawn"]
    assert inbox(house, status=["returned"]) == []


def test_the_inbox_is_sorted_by_due_date_or_by_opening_and_pages_keep_the_order(house: House) -> None:
    for name in ("first", "second", "third"):
        house.submit(name)
        house.clock.advance(days=1)
    close(house, "second")
    assert inbox(house, sort="due") == inbox(house) == ["first", "third", "second"]
    assert inbox(house, sort="oldest") == ["first", "second", "third"]
    newest = house.at(CITY).ask("list_reviews", officer, sort="newest", limit=2)
    assert [item["subject"].partition("/")[2] for item in newest["items"]] == ["third", "second"]
    assert newest["total"] == 3
    assert inbox(house, sort="newest", cursor=newest["next_cursor"]) == ["first"]


def test_chosen_cases_are_found_wherever_they_stand(house: House) -> None:
    # Given three cases of a bureau, and one case of another bureau
    for name in ("first", "second", "third"):
        house.submit(name)
    house.submit("foreign", bureau=OTHER_CITY)
    chosen = [house.case(CITY, "third"), house.case(CITY, "first"), house.case(OTHER_CITY, "foreign")]
    # When an official requests some of these cases by their ids, then the answer contains only the cases of the official's bureau
    assert sorted(inbox(house, chosen=chosen)) == ["first", "third"]
    assert inbox(house, chosen=["450200-unknown"]) == []
