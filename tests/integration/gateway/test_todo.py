"""GET /me/todo gathers the items that wait for an account from all services; a service that is down is named."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.kernel.identity import Actor
from services.kernel.registry import Registry
from tests.integration.gateway.platform import Platform
from tests.integration.gateway.test_registrations import ASKED, asked, decide

ITEM = {
    "kind": "application_draft",
    "action": "submit",
    "subject": {"kind": "application", "id": "a"},
    "within": {"consortium": None, "evaluation": None, "year": None},
    "title": "糖业创新联合体",
    "subtitle": {"zh": "二〇二六", "en": "2026"},
}


def offer(gateway: Platform, service: str, *due: str | None) -> None:
    """Let a service answer that one item waits for the account for each of these due days."""
    registry: Registry = gateway.line.services[f"rpc.{service}"].registry

    def todo(actor: Actor) -> dict[str, Any]:
        items = [ITEM | {"due_on": day} for day in due]
        return {"as_of": "2026-03-02", "counts": [{"kind": "application_draft", "count": len(due)}], "items": items}

    registry.query(todo)


def test_a_registration_waits_for_the_city_of_its_region(gateway: Platform) -> None:
    id = asked(gateway)
    answer = gateway.send("450200-officer", "GET", "/me/todo").get_json()
    assert answer["counts"] == [{"kind": "registration", "count": 1}]
    [item] = answer["items"]
    assert (item["subject"], item["action"]) == ({"kind": "registration", "id": id}, "decide")
    assert (item["title"], item["subtitle"]) == (ASKED["name"], "企业")
    assert gateway.send("450300-officer", "GET", "/me/todo").get_json()["items"] == []
    # When the registration is decided, then no item waits for the official any more
    decide(gateway, "450200-officer", id, decision="approve")
    assert gateway.send("450200-officer", "GET", "/me/todo").get_json()["items"] == []


def test_what_several_services_answer_is_one_list_by_due_day(gateway: Platform) -> None:
    today = gateway.identity.clock.today()
    before, after = (today - timedelta(days=7)).isoformat(), (today + timedelta(days=7)).isoformat()
    offer(gateway, "application", after, today.isoformat(), None)
    offer(gateway, "evaluation", before)
    answer = gateway.send("applicant-1", "GET", "/me/todo", Accept_Language="en").get_json()
    assert [(item["due_on"], item["overdue"]) for item in answer["items"]] == [
        (before, True),
        (today.isoformat(), False),
        (after, False),
        (None, False),
    ]
    late, last_day, soon, open_end = (item["working_days_left"] for item in answer["items"])
    assert (late < 0, last_day, soon > 0, open_end) == (True, 0, True, None)
    assert answer["items"][0]["subtitle"] == "2026"
    assert answer["unavailable"] == []


def test_a_service_that_is_away_or_too_old_is_named_and_the_others_answer(gateway: Platform) -> None:
    offer(gateway, "application", None)
    # The evaluation service runs an earlier release, which does not have the query for waiting items.
    answer = gateway.send("applicant-1", "GET", "/me/todo").get_json()
    assert ([item["title"] for item in answer["items"]], answer["unavailable"]) == (["糖业创新联合体"], ["evaluation"])
    # and while the bus is down, the list is empty and names both services
    gateway.line.cut = True
    answer = gateway.send("applicant-1", "GET", "/me/todo").get_json()
    assert (answer["items"], answer["unavailable"]) == ([], ["application", "evaluation"])


def test_each_role_asks_only_the_services_that_have_something_for_it(gateway: Platform) -> None:
    def asked_of(username: str) -> set[str]:
        gateway.token(username)
        gateway.line.carried.clear()
        gateway.send(username, "GET", "/me/todo")
        return set(gateway.line.carried)

    def counted_by(username: str) -> set[str]:
        gateway.line.carried.clear()
        gateway.send(username, "GET", "/me/todo/counts")
        return set(gateway.line.carried)

    everything = {"rpc.application", "rpc.evaluation", "rpc.documents", "rpc.notification", "rpc.review.450000"}
    assert asked_of("applicant-1") == {"rpc.application", "rpc.evaluation"}
    assert asked_of("450200-officer") == {"rpc.review.450200", "rpc.application", "rpc.evaluation"}
    assert asked_of("expert-1") == {"rpc.review.450000"}
    assert asked_of("operator") == everything
    assert asked_of("auditor") == set()
    assert counted_by("operator") == everything
    assert counted_by("expert-1") == {"rpc.review.450000"}


def test_a_poll_each_minute_costs_no_body_while_nothing_changed(gateway: Platform) -> None:
    first = gateway.send("450200-officer", "GET", "/me/todo")
    again = gateway.send("450200-officer", "GET", "/me/todo", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    asked(gateway)
    assert gateway.send("450200-officer", "GET", "/me/todo", If_None_Match=first.headers["ETag"]).status_code == 200


def test_the_counts_are_those_of_the_list_one_for_each_kind(gateway: Platform) -> None:
    # Given a registration that waits for an answer, and two services with parked events
    asked(gateway)
    listed = gateway.send("450200-officer", "GET", "/me/todo").get_json()
    counted = gateway.send("450200-officer", "GET", "/me/todo/counts").get_json()
    assert counted == {name: listed[name] for name in ("as_of", "counts", "unavailable")}
    assert counted["counts"] == [{"kind": "registration", "count": 1}]
    for service, number in (("application", 2), ("evaluation", 3)):
        registry: Registry = gateway.line.services[f"rpc.{service}"].registry

        def todo_counts(actor: Actor, number: int = number) -> dict[str, Any]:
            return {"as_of": "2026-03-02", "counts": [{"kind": "parked_event", "count": number}]}

        registry.query(todo_counts)
    counted = gateway.send("operator", "GET", "/me/todo/counts").get_json()
    assert counted["counts"] == [{"kind": "parked_event", "count": 5}]


def test_a_poll_of_the_counts_costs_no_body_while_nothing_changed(gateway: Platform) -> None:
    first = gateway.send("450200-officer", "GET", "/me/todo/counts")
    again = gateway.send("450200-officer", "GET", "/me/todo/counts", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    asked(gateway)
    assert gateway.send("450200-officer", "GET", "/me/todo/counts", If_None_Match=first.headers["ETag"]).status_code == 200
