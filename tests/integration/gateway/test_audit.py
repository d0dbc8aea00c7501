"""GET /audit searches the logs of all services as one; GET /audit/verification reports whether their chains are intact."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from services.kernel.persistence.tables import audit
from tests.integration.gateway.platform import Platform
from tests.integration.gateway.test_registrations import asked, decide


def search(gateway: Platform, who: str = "auditor", **query: Any) -> Any:
    return gateway.client.get(
        "/api/v1/audit", query_string=query, headers={"Authorization": f"Bearer {gateway.token(who)}", "Accept-Language": "en"}
    )


def test_what_an_account_did_is_found_in_all_logs_the_newest_first(gateway: Platform) -> None:
    # Given decisions of a city's officer, which write audit entries in the identity service
    for _ in range(2):
        decide(gateway, "450200-officer", asked(gateway), decision="approve")
    found = search(gateway, actor="450200-officer").get_json()
    assert {entry["service"] for entry in found["items"]} == {"gateway"}
    assert {entry["actor"] for entry in found["items"]} == {"450200-officer"}
    assert {entry["verification"] for entry in found["items"]} == {"waiting"}
    assert found["unavailable"] == []
    times = [entry["at"] for entry in found["items"]]
    assert times == sorted(times, reverse=True) and len(times) >= 2
    assert search(gateway, actor="450300-officer").get_json()["items"] == []


def test_pages_of_merged_logs_show_each_entry_once(gateway: Platform) -> None:
    # Given audit entries in the identity service and in two other services
    decide(gateway, "450200-officer", asked(gateway), decision="approve")
    gateway.send("operator", "POST", "/sweeps", {"as_of": gateway.identity.clock.today().isoformat()})
    whole = search(gateway, **{"from": "2020-01-01"}, limit=200).get_json()
    assert len({entry["service"] for entry in whole["items"]}) > 1 and whole["next_cursor"] is None
    seen, cursor = [], None
    while True:
        page = search(gateway, **{"from": "2020-01-01"}, limit=3, **({"cursor": cursor} if cursor else {})).get_json()
        seen += [(entry["service"], entry["position"]) for entry in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert sorted(seen) == sorted((entry["service"], entry["position"]) for entry in whole["items"])
    assert len(seen) == len(set(seen))


def test_actions_and_days_narrow_the_search(gateway: Platform) -> None:
    decide(gateway, "450200-officer", asked(gateway), decision="approve")
    today = gateway.identity.clock.today().isoformat()
    found = search(gateway, action="registration.approved").get_json()["items"]
    assert {entry["action"] for entry in found} == {"registration.approved"}
    # The answer contains this officer's approval in addition to the approvals in the seed data.
    assert "450200-officer" in {entry["actor"] for entry in found}
    assert search(gateway, action="registration.approved", **{"from": today, "until": today}).get_json()["items"]
    assert search(gateway, action="registration.approved", until="2020-01-01").get_json()["items"] == []


def test_a_search_needs_a_filter_and_an_auditor(gateway: Platform) -> None:
    refused = search(gateway).get_json()
    assert (refused["status"], refused["errors"][0]["code"]) == (422, "filter_required")
    assert search(gateway, subject="thing/1").get_json()["errors"][0]["code"] == "service_required"
    assert search(gateway, bureau="999999", actor="x").status_code == 422
    assert search(gateway, actor="x", cursor="bm8.x").status_code == 422
    for who in ("operator", "450000-chief", "applicant-1"):
        assert search(gateway, who, actor="x").status_code == 403
        assert gateway.send(who, "GET", "/audit/verification").status_code == 403


def test_a_service_that_is_away_is_named_and_the_others_answer(gateway: Platform) -> None:
    decide(gateway, "450200-officer", asked(gateway), decision="approve")
    gateway.line.cut = True
    found = search(gateway, actor="450200-officer").get_json()
    assert found["items"] and "application" in found["unavailable"] and "gateway" not in found["unavailable"]


def test_the_state_of_the_chains_is_said_in_words_and_a_forgery_shows(gateway: Platform) -> None:
    decide(gateway, "450200-officer", asked(gateway), decision="approve")
    gateway.identity.seal()
    state = gateway.send("auditor", "GET", "/audit/verification").get_json()
    own = [chain for chain in state["chains"] if chain["service"] == "gateway"]
    assert own and state["holds"] and all(chain["holds"] for chain in own)
    assert "450100" in state["unavailable_bureaus"]
    with gateway.identity.database.write() as session:
        session.execute(update(audit).where(audit.c.position == 1).values(actor="another"))
    state = gateway.send("auditor", "GET", "/audit/verification", Accept_Language="en").get_json()
    [flawed] = [chain for chain in state["chains"] if not chain["holds"]]
    assert not state["holds"]
    assert [(flaw["code"], flaw["message"]) for flaw in flawed["flaws"]] == [("changed", "an entry or a link was changed")]
