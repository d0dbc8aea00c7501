"""The migrations create the tables that the code declares, and all answers and events fit the published schemas."""

from __future__ import annotations

import json
from typing import Any

import pytest
from marshmallow import RAISE, Schema

from services.contracts.application.events import EVENTS as APPLICATION_EVENTS
from services.contracts.evaluation.events import EVENTS as EVALUATION_EVENTS
from services.contracts.gateway.requests import EVENTS as GATEWAY_EVENTS
from services.contracts.review.inbox import ReviewPage
from services.contracts.review.ranking_responses import CallRankingAnswer, CaseRankingAnswer
from services.contracts.review.requests import EVENTS
from services.contracts.review.responses import ReviewAnswer
from services.kernel.identity import PROVINCE, Actor
from services.kernel.persistence import migrate
from services.review.registry import registry
from tests.integration.review.scenario import CITY, LEAD, House, a_finding, chief, officer, province_chief, province_officer


def test_the_migrations_give_the_tables_of_the_code(house: House) -> None:
    assert migrate.differences("review", house.at(PROVINCE).database) == []


@pytest.mark.parametrize("type", EVENTS)
def test_every_example_fits_its_schema(type: str) -> None:
    assert EVENTS[type].data().validate(EVENTS[type].example) == {}


def a_life(house: House) -> str:
    """Take a case through all stages, with a correction and an assignment on the way, and with a score that is voided and
    replaced; let other cases be returned, rejected and handed over. Return the id of the province's case."""
    house.experts(4)
    change = f"change/{APPLICATION_EVENTS['change.requested'].example['change']}"
    for type in ("change.requested", "change.handed_over"):
        house.hear("application", type, change, APPLICATION_EVENTS[type].example, CITY)
    house.account(officer)
    for name, outcome in (("returned", "return"), ("rejected", "reject")):
        id = house.submit(name)
        for actor in (officer, chief):
            house.opinion(actor, id, outcome=outcome, sections=[{"section": "members", "comment": "请补充"}])
    id = house.submit(findings=[a_finding("L2")])
    house.tell("assign_case", chief, id, account=officer.username)
    house.opinion(officer, id)
    signed = house.opinion(chief, id)["id"]
    house.opinion(officer, id, corrects=signed)
    house.opinion(chief, id, corrects=signed)
    id = house.case(PROVINCE)
    for actor in (province_officer, province_chief):
        house.opinion(actor, id, "formal_check", waivers=[{"rule": "L2", "reason": "产业急需"}])
    panel = [Actor(expert, ("expert",)) for expert in house.tell("draw_panel", province_officer, id, size=3)["experts"]]
    for expert in panel:
        house.score(expert, id, 80)
    house.account(panel[0], expert={"employer": LEAD})
    seat = next(seat["id"] for seat in house.see(id)["panel"]["seats"] if seat["account"] == panel[0].username)
    house.tell("void_score", province_officer, id, seat=seat, reason="受聘于牵头单位")
    (new,) = {*house.tell("replace_reviewer", province_officer, id, seat=seat)["experts"]} - {one.username for one in panel}
    house.score(Actor(new, ("expert",)), id, 80)
    house.tell("decide", province_chief, id, outcome="approve", reason="同意", amount="1.00")
    return id


def test_everything_said_fits_its_schema_and_every_published_type_is_said(house: House) -> None:
    house.experts(3)
    row = {"review": house.to_decision("listed", (90, 80, 85)), "outcome": "approve", "reason": "评审排名靠前"}
    nothing = {"waivers": [], "acknowledgements": [], "objections": [], "amount": None}
    house.at(PROVINCE).tell("draft_decision_list", province_officer, call="call", title="第一批", rows=[row | nothing])
    a_life(house)
    assert set(house.bus.types) == set(EVENTS) - {"review.deployment_reported"}  # tested in test_deployment_reports.py
    for type, published in EVENTS.items():
        for event in house.said(type):
            assert published.data().validate(event.data) == {}
            assert event.producer in (f"review.{CITY}", f"review.{PROVINCE}")


def test_every_answer_fits_its_documentation(house: House) -> None:
    id = a_life(house)
    bench = house.at(PROVINCE)
    house.experts(3)
    scoring = house.to_panel("scoring")
    [expert, *_] = house.tell("draw_panel", province_officer, scoring, size=3)["experts"]
    answers: list[tuple[type[Schema], Any]] = [
        (ReviewPage, bench.ask("list_reviews", province_officer)),
        (CallRankingAnswer, bench.ask("call_ranking", province_officer, call="call")),
        (CaseRankingAnswer, bench.ask("case_ranking", province_officer, id=id)),
        (ReviewAnswer, localised(house.see(id))),
        (ReviewAnswer, localised(house.see(scoring, Actor(expert, ("expert",))))),
    ]
    for schema, answer in answers:
        assert schema(unknown=RAISE).validate(answer) == {}


def localised(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the answer as the gateway sends it: with each text in Chinese instead of in both languages."""
    text = json.dumps(answer)
    shown: dict[str, Any] = json.loads(text, object_hook=lambda found: found["zh"] if found.keys() == {"zh", "en"} else found)
    return shown


@pytest.mark.parametrize(("producer", "type"), sorted(registry.reactions))
def test_every_event_reacted_to_is_taken_as_its_publisher_shows_it(house: House, producer: str, type: str) -> None:
    published = {
        "application": APPLICATION_EVENTS,
        "evaluation": EVALUATION_EVENTS,
        "gateway": GATEWAY_EVENTS,
        "review": EVENTS,
    }[producer]
    example = published[type].example
    subject = f"account/{example['username']}" if producer == "gateway" else _subject(example)
    origin = f"review.{CITY}" if producer == "review" else producer
    if type == "review.recommended":  # The province opens a case for a recommendation only if the application was announced.
        opening = APPLICATION_EVENTS["application.submitted"].example
        house.hear("application", "application.submitted", subject, opening, CITY)
    house.hear(origin, type, subject, example, example.get("bureau") or CITY)


def _subject(example: dict[str, Any]) -> str:
    """Return the subject of an example event: its kind and its id. The field of the event that has the id is named after the
    kind."""
    if "year" in example:
        return f"report/{example['consortium']}-{example['year']}"
    if "lag_seconds" in example:
        return f"deployment/{CITY}"
    kind = next(kind for kind in ("application", "participation", "change", "support") if kind in example)
    return f"{kind}/{example[kind]}"
