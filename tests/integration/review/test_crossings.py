"""Actions and events that cross: withdrawals, late signatures, replays, and a city with its own review service."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.kernel.errors import Conflict
from services.kernel.identity import PROVINCE, Actor
from services.kernel.ids import new_id
from tests.integration.review.scenario import (
    ANSWERS,
    CITY,
    LEAD,
    OTHER_CITY,
    House,
    a_call,
    an_expert,
    auditor,
    chief,
    officer,
    province_chief,
    province_officer,
)


def test_a_withdrawal_closes_the_recommenders_and_the_provinces_case(house: House) -> None:
    id = house.recommend()
    house.withdraw()
    assert {house.see(id)["status"], house.see(house.case(CITY))["status"]} == {"withdrawn"}
    with pytest.raises(Conflict) as refusal:
        house.opinion(province_officer, id, "formal_check")
    assert (refusal.value.code, refusal.value.details["status"]) == ("review_closed", "withdrawn")
    assert house.audited("application/app").count("review.withdrawn") == 2


def test_a_withdrawal_stops_the_scoring(house: House) -> None:
    house.experts(3)
    id = house.to_panel()
    house.tell("draw_panel", province_officer, id, size=3)
    house.withdraw()
    with pytest.raises(Conflict):
        house.score(an_expert(1), id, 80)


def test_a_recommendation_that_comes_after_the_withdrawal_opens_a_void_case_alone(apart: House) -> None:
    # Given a city that recommends an application, and a withdrawal that reaches the province before the recommendation
    id = apart.submit()
    city, province = apart.at(CITY), apart.at(PROVINCE)
    body = {"stage": "recommendation", "outcome": "pass", "comment": "同意", "answers": ANSWERS}
    draft = city.tell("give_opinion", officer, id=id, **body)
    city.tell("give_opinion", chief, id=id, if_match=draft["etag"], **body)
    province.react(apart.withdrawal().to_json())
    # When the recommendation reaches the province
    apart.settle()
    # Then the province has a closed and void case about the application, and no official has a task
    (item,) = province.ask("list_reviews", province_officer)["items"]
    assert item["status"] == "void"
    assert [event.bureau for event in apart.said("review.opened")] == [CITY]


def test_an_opinion_the_application_calls_void_stays_and_is_marked(house: House) -> None:
    id = house.recommend()
    city = house.case(CITY)
    data = {"application": "app", "case": city, "reason": "withdrawn"}
    house.hear("application", "application.opinion_void", "application/app", data, CITY)
    seen = house.see(city)
    assert seen["status"] == "void"
    assert [opinion["void"] for opinion in seen["opinions"]] == [None, "withdrawn"]
    assert house.see(id)["status"] == "open"


def test_a_decision_the_application_calls_void_is_marked_too(house: House) -> None:
    house.experts(3)
    id = house.to_decision("app", (80, 80, 80))
    house.tell("decide", province_chief, id, outcome="approve", reason="同意")
    data = {"application": "app", "case": id, "reason": "withdrawn"}
    house.hear("application", "application.opinion_void", "application/app", data, PROVINCE)
    assert [decision["void"] for decision in house.see(id)["decisions"]] == ["withdrawn"]
    assert house.at(PROVINCE).ask("call_ranking", province_officer, call="call")["items"] == []


def test_an_event_that_comes_again_under_another_id_changes_nothing(house: House) -> None:
    id = house.submit()
    house.opinion(officer, id)
    house.opinion(chief, id)
    house.submit()
    assert house.see(id)["status"] == "passed"
    assert len(house.said("review.opened")) == 2


def test_an_older_account_event_that_comes_late_changes_nothing(house: House) -> None:
    house.experts(3)
    older = house.account_event(an_expert(1))
    newer = house.account_event(an_expert(1), expert={"employer": LEAD})
    house.deliver(newer)
    house.deliver(older)
    answer = house.tell("draw_panel", province_officer, house.to_panel(call=a_call(min_reviewers=1)), size=1)
    assert [entry["expert"] for entry in answer["excluded"]] == ["expert1"]


def test_unknown_members_of_a_newer_application_are_handed_on_by_an_older_city(house: House) -> None:
    house.recommend(something_new={"kept": True})
    (event,) = house.said("review.recommended")
    assert event.data["something_new"] == {"kept": True}


def test_a_city_reviews_in_its_own_process_with_its_own_database(apart: House) -> None:
    # Given a city with its own review service, and the review service that the other bureaus share
    city, pooled = apart.at(CITY).runtime, apart.at(PROVINCE).runtime
    assert [binding.queue for binding in city.bindings()] == [f"review.{CITY}"]
    assert f"review.{CITY}" not in [binding.queue for binding in pooled.bindings()]
    assert city.request_queues() == [f"rpc.review.{CITY}"]
    assert city.exchanges() == [f"review.{CITY}"]
    # When the city recommends an application
    id = apart.recommend()
    # Then the province's case is in the shared database, the city's case is in its own database, and each is in no other database
    assert [item["id"] for item in apart.at(PROVINCE).ask("list_reviews", province_officer)["items"]] == [id]
    assert len(apart.at(CITY).ask("list_reviews", officer)["items"]) == 1
    assert apart.at(CITY).ask("list_reviews", auditor)["items"] == []
    assert apart.at(PROVINCE).ask("list_reviews", Actor("o", ("officer",), CITY))["items"] == []


def test_whose_recommendation_it_is_says_the_exchange_it_came_by(house: House) -> None:
    # Given a recommendation of the first city, and an application that the application service has announced to a second city
    house.recommend()
    (event,) = house.said("review.recommended")
    house.submit("other", bureau=OTHER_CITY)
    # When the first city's review service publishes a recommendation of that application in the second city's name
    claimed = replace(event, id=new_id(), subject="application/other", recommender=OTHER_CITY)
    house.deliver(claimed)
    # Then the province opens no case; when the second city's own service publishes the recommendation, the province opens a case
    seen = house.at(PROVINCE).ask("list_reviews", province_officer, bureau=PROVINCE)["items"]
    assert [case["subject"] for case in seen] == ["application/app"]
    house.deliver(replace(claimed, id=new_id(), producer=f"review.{OTHER_CITY}"))
    case = house.see(house.case(PROVINCE, "other"))
    assert (case["recommender"], case["recommendation"]["bureau"]) == (OTHER_CITY, OTHER_CITY)


def test_a_recommendation_that_comes_before_the_announcement_waits_for_it(house: House) -> None:
    house.recommend()
    (event,) = house.said("review.recommended")
    with pytest.raises(Conflict):
        house.deliver(replace(event, id=new_id(), subject="application/unheard"))
