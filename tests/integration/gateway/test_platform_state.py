"""An operator sees in one answer which parts are down and which events could not be processed."""

from __future__ import annotations

from typing import Any

from services.kernel.identity import Actor
from tests.integration.gateway.platform import Platform


def test_the_state_names_dependencies_and_services(gateway: Platform) -> None:
    def todo(actor: Actor) -> dict[str, Any]:
        return {
            "as_of": "2026-03-02",
            "counts": [{"kind": "parked_event", "count": 2}, {"kind": "letter", "count": 9}],
            "items": [],
        }

    gateway.line.services["rpc.notification"].registry.query(todo)
    gateway.health["bus"] = False
    state = gateway.send("operator", "GET", "/platform/state").get_json()
    assert state["dependencies"] == [{"name": "bus", "available": False}, {"name": "database", "available": True}]
    services = {one["service"]: (one["answers"], one["parked"]) for one in state["services"]}
    assert services["notification"] == (True, 2)
    assert services["application"] == (False, None)  # The sample service does not offer this query.
    assert next(one["title"] for one in state["services"] if one["service"] == "notification") == "消息"


def test_parked_events_are_listed_and_replayed_for_one_service(gateway: Platform) -> None:
    assert gateway.send("operator", "GET", "/parked-events?service=evaluation").get_json() == {"items": [], "next_cursor": None}
    assert gateway.send("operator", "GET", "/parked-events").status_code == 422
    assert gateway.send("operator", "GET", "/parked-events?service=review&bureau=999999").status_code == 422
    body = {"service": "review", "ids": ["0197c0de-0000-7000-8000-000000000001"]}
    assert gateway.send("operator", "POST", "/parked-events/replay", body).get_json() == {"replayed": 0}
    assert gateway.send("auditor", "GET", "/parked-events?service=evaluation").status_code == 403
