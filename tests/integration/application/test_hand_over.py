"""A consortium's recommender changes when its lead moves to another city, or when the province hands it over (A6(1), A11)."""

from __future__ import annotations

from typing import Any

import pytest

from services.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from services.kernel.messaging.envelope import Event
from services.policy import PROVINCE
from tests.integration.application.scenario import CHIEF, OFFICER, World, bureau, refused
from tests.integration.application.test_changes import AGREEMENT, approve, confirm, recommend, report
from tests.integration.application.test_quotas import imported
from tests.integration.application.test_quotas_at_once import enterprise
from tests.integration.application.test_watch_list import change_data

GUILIN = "450300"


def hand_over(world: World, consortium: dict[str, Any], to: str = GUILIN, actor: Any = CHIEF) -> dict[str, Any]:
    answer: dict[str, Any] = world.tell("hand_over", actor, id=consortium["id"], recommender=to, reason="分工调整")
    return answer


def published(world: World) -> list[Event]:
    world.bench.settle()
    return [Event.from_json(row.body) for row in world.bench.bus.published]


def recommender(world: World, consortium: dict[str, Any]) -> str:
    return str(world.ask("get_consortium", CHIEF, id=consortium["id"])["recommender"])


def test_the_recommender_follows_a_lead_that_moves_to_another_city(world: World) -> None:
    lead = enterprise(world)
    consortium = imported(world, "甲", lead, enterprise(world))
    change_data(world, lead, region="450302")
    assert recommender(world, consortium) == GUILIN
    (told,) = world.told("consortium.handed_over")
    assert (told["from_bureau"], told["to_bureau"], told["why"], told["handed_over"]) == ("450200", GUILIN, "move", 1)
    assert [event["recommender"] for event in world.told("consortium.changed")] == [GUILIN]
    # And the systems of both bureaus can read the event about the hand-over: the old bureau because the event is addressed to it,
    # the new bureau as recommender
    (event,) = [event for event in published(world) if event.type == "consortium.handed_over"]
    assert (event.bureau, event.recommender) == ("450200", GUILIN)
    # When the lead moves within the city or out of Guangxi, then the consortium keeps its recommender
    change_data(world, lead, region="450303")
    change_data(world, lead, region="440100")
    assert recommender(world, consortium) == GUILIN


def test_an_industry_bureau_stays_when_the_lead_moves(world: World) -> None:
    lead = enterprise(world)
    consortium = imported(world, "甲", lead, enterprise(world))
    hand_over(world, consortium, "GX-MIIT")
    change_data(world, lead, region="450302")
    assert recommender(world, consortium) == "GX-MIIT"


def test_the_recommender_follows_a_new_lead_when_the_change_takes_effect(world: World) -> None:
    member = enterprise(world)
    change_data(world, member, region="450302")
    consortium = imported(world, "甲", enterprise(world), member)
    change = report(world, consortium, "lead", {"lead": member, "former_lead_tier": "core"}, (*AGREEMENT, "project_change"))
    approve(world, confirm(world, member, change))
    assert recommender(world, consortium) == "450200"
    world.clock.advance(days=300)
    world.sweep()
    assert recommender(world, consortium) == GUILIN


def test_only_a_chief_of_the_province_hands_over_and_only_to_a_bureau_that_recommends(world: World) -> None:
    consortium = imported(world, "甲", enterprise(world), enterprise(world))
    refused(Forbidden, lambda: hand_over(world, consortium, actor=bureau("450200")), "province_only")
    refused(Forbidden, lambda: hand_over(world, consortium, actor=OFFICER), "role_required")
    for to, code in ((PROVINCE, "unknown_recommender"), ("450299", "unknown_recommender"), ("450200", "unchanged")):
        error = refused(Invalid, lambda to=to: hand_over(world, consortium, to), "invalid_input")
        assert [wrong.code for wrong in error.errors] == [code]
    decided = {"outcome": "revoke", "reason": "x", "grounds": ["A14(7)"], "decided_on": "2026-03-02", "article": "A14(7)"}
    world.bench.react(world.event("revocation.decided", "evaluation", f"consortium/{consortium['id']}", decided, CHIEF))
    refused(Conflict, lambda: hand_over(world, consortium), "consortium_gone")


def test_a_change_before_the_old_bureau_opens_at_the_new_one_and_the_olds_opinion_has_no_effect(world: World) -> None:
    consortium = imported(world, "甲", enterprise(world), enterprise(world))
    change = report(world, consortium, "name", {"name": "乙"}, ())
    hand_over(world, consortium)
    # Then, after the hand-over, the new recommender is asked for its opinion, on a new version of the change
    asked = world.told("change.requested")
    assert [(event["version"], event["handed_over"]) for event in asked] == [(1, 0), (2, 1)]
    assert [event["version"] for event in world.told("change.handed_over")] == [2]
    # When the old bureau's opinion arrives after the hand-over, then it is void; the new recommender's opinion counts
    recommend(world, change)
    assert [event["reason"] for event in world.told("change.opinion_void")] == ["not_current_version"]
    said = {"case": "450300-1", "version": 2, "stage": "recommendation", "next_stage": "decision", "outcome": "pass"}
    world.bench.react(world.event("review.recommended", f"review.{GUILIN}", f"change/{change['id']}", said, bureau(GUILIN)))
    assert world.ask("get_change", CHIEF, id=consortium["id"], change=change["id"])["recommendation"]["by"] == GUILIN


def test_the_old_bureau_keeps_reading_what_it_signed_and_nothing_else(world: World) -> None:
    consortium = imported(world, "甲", enterprise(world), member := enterprise(world))
    signed = report(world, consortium, "remove_member", {"organisation": member})
    recommend(world, signed)
    unsigned = report(world, consortium, "name", {"name": "乙"}, ())
    hand_over(world, consortium)
    old = bureau("450200")
    assert world.ask("get_change", old, id=consortium["id"], change=signed["id"])["recommendation"]["by"] == "450200"
    grant = {"subject": f"consortium/{consortium['id']}"}
    assert world.ask("document_grant", old, action="read", **grant)["grant"]
    for attempt in (
        lambda: world.ask("get_change", old, id=consortium["id"], change=unsigned["id"]),
        lambda: world.ask("get_consortium", old, id=consortium["id"]),
        lambda: world.ask("document_grant", old, action="write", **grant),
        lambda: world.ask("document_grant", bureau("450400"), action="read", **grant),
    ):
        with pytest.raises(NotFound):
            attempt()
    # and the province's decision on the change that the old bureau recommended before the hand-over still takes effect
    said = {"case": f"{PROVINCE}-1", "version": 1, "outcome": "decline", "reason": "x", "waivers": [], "signed_by": "chief"}
    world.bench.react(world.event("review.decided", f"review.{PROVINCE}", f"change/{signed['id']}", said, bureau(PROVINCE)))
    assert world.ask("get_change", CHIEF, id=consortium["id"], change=signed["id"])["status"] == "refused"


def test_the_recommender_follows_a_lead_that_moved_before_its_recognition(world: World) -> None:
    # Given an approved application whose lead moves to another city during the publicity period
    application = world.at_decision()
    world.decided(application, waivers=({"rule": "L2", "reason": "产业急需", "by": PROVINCE},))
    change_data(world, world.lead.organisation or "", region="450302")
    # When the application is recognised, then its recommender is the bureau of the new city
    world.clock.advance(days=10)
    assert world.sweep() == ["recognised"]
    made = world.ask("get_consortium", CHIEF, id=world.get(application["id"])["consortium"])
    assert made["recommender"] == GUILIN
    (told,) = world.told("consortium.handed_over")
    assert (told["from_bureau"], told["to_bureau"], told["why"]) == (application["recommender"], GUILIN, "move")
