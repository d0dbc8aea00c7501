"""GET /search combines the results of all services, by the rights of the account."""

from __future__ import annotations

from typing import Any

from services.kernel.identity import Actor
from services.kernel.registry import Registry
from tests.integration.gateway.platform import Platform
from tests.integration.gateway.test_registrations import ASKED, asked


def hit(kind: str, id: str, **more: Any) -> dict[str, Any]:
    plain = {
        "title": "糖业创新联合体",
        "code": None,
        "subtitle": None,
        "status": {"zh": "已提交", "en": "submitted"},
        "about": None,
    }
    return {"subject": {"kind": kind, "id": id}} | plain | more


def offer(gateway: Platform, queue: str, *items: dict[str, Any]) -> list[dict[str, Any]]:
    """Let a service answer every search with these items; return the list in which it records the queries."""
    seen: list[dict[str, Any]] = []

    def search(actor: Actor, **wanted: Any) -> dict[str, Any]:
        seen.append(wanted)
        kinds = dict.fromkeys(item["subject"]["kind"] for item in items)
        return {
            "groups": [
                {"kind": kind, "items": [item for item in items if item["subject"]["kind"] == kind], "more": False}
                for kind in kinds
            ]
        }

    registry: Registry = gateway.line.services[queue].registry
    registry.query(search)
    return seen


def test_the_groups_of_all_services_are_one_answer_in_a_fixed_order(gateway: Platform) -> None:
    offer(gateway, "rpc.application", hit("consortium", "k"), hit("application", "a"))
    seen = offer(gateway, "rpc.review.450000", hit("review", "r", about="application/a"))
    answer = gateway.send("450000-officer", "GET", "/search?q=糖业", Accept_Language="en").get_json()
    assert [group["kind"] for group in answer["groups"]] == ["review", "application", "consortium"]
    assert (answer["q"], answer["unavailable"]) == ("糖业", ["evaluation"])  # The sample service does not offer this query.
    assert answer["groups"][0]["items"][0]["status"] == "submitted"
    # And the review service also searches for the cases of the application that the application service found
    assert seen == [{"q": "糖业", "limit": 10, "subjects": ["application/a"]}]


def test_each_account_finds_what_it_keeps(gateway: Platform) -> None:
    id = asked(gateway)

    def kinds(who: str, q: str) -> dict[str, list[str]]:
        groups = gateway.send(who, "GET", f"/search?q={q}").get_json()["groups"]
        return {group["kind"]: [item["subject"]["id"] for item in group["items"]] for group in groups}

    assert kinds("450200-officer", ASKED["name"][:3]) == {"registration": [id]}
    assert kinds("450200-chief", ASKED["uscc"][:10].lower()) == {"registration": [id]}
    assert kinds("450300-officer", ASKED["name"][:3]) == {}
    assert kinds("450000-officer", "expert-1")["reviewer"] == ["expert-1"]
    assert "450200-officer" in kinds("operator", "450200-")["account"]
    assert kinds("450200-officer", "450200-") == kinds("auditor", "expert-1") == {}


def test_a_search_wants_two_characters_and_an_account_that_has_something_to_find(gateway: Platform) -> None:
    assert gateway.send("450200-officer", "GET", "/search?q=糖").status_code == 422
    assert gateway.send("450200-officer", "GET", "/search").status_code == 422
    assert gateway.send("", "GET", "/search?q=糖业").status_code == 401
    for who in ("expert-1", "portal"):
        assert gateway.send(who, "GET", "/search?q=糖业").status_code == 403
