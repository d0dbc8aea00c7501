"""The API's and the events' documents keep everything that was released, because portals rely on it, and only add to it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest

from deploy.contract import RELEASED, REVIEWED_BREAKS, documents
from gateway.openapi.asyncapi import published
from services.contracts.envelope import Envelope
from services.kernel.identity import SYSTEM
from services.kernel.ids import new_id
from services.kernel.messaging.envelope import Event
from services.kernel.testing import FixedClock
from tests.contract.compatibility import asyncapi_breaks, openapi_breaks

Json = dict[str, Any]


def released(name: str) -> Json:
    return dict(json.loads((RELEASED / name).read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def present() -> dict[str, Json]:
    return documents()


def test_nothing_of_the_released_api_is_taken_away(present: dict[str, Json]) -> None:
    breaks = openapi_breaks(released("openapi.json"), present["openapi.json"])
    reviewed = released(REVIEWED_BREAKS)
    assert [found for found in breaks if found not in reviewed] == []
    assert set(reviewed) - set(breaks) == set(), "these reviewed breaks no longer exist: remove them"


def test_nothing_of_the_released_events_is_taken_away(present: dict[str, Json]) -> None:
    assert asyncapi_breaks(released("asyncapi.json"), present["asyncapi.json"]) == []


def _drop_path(api: Json) -> None:
    del api["paths"]["/api/v1/consortia/{id}"]["get"]


def _drop_parameter(api: Json) -> None:
    operation = api["paths"]["/api/v1/applications"]["get"]
    operation["parameters"] = [p for p in operation["parameters"] if p.get("name") != "status"]


def _need_more(api: Json) -> None:
    api["components"]["schemas"]["NewAccount"]["required"].append("phone")


def _drop_member(api: Json) -> None:
    del api["components"]["schemas"]["ConsortiumItem"]["properties"]["number"]


def _tell_less(api: Json) -> None:
    api["components"]["schemas"]["AccountAnswer"]["required"].remove("roles")


def _change_type(api: Json) -> None:
    api["components"]["schemas"]["ConsortiumItem"]["properties"]["number"]["type"] = "integer"


def _take_fewer_words(api: Json) -> None:
    words = api["components"]["schemas"]["RegistrationDecision"]["properties"]["decision"]
    words["enum"] = words["enum"][:1]


def _turn_away(api: Json) -> None:
    api["paths"]["/api/v1/consortia"]["get"]["x-roles"].remove("portal")


def _close(api: Json) -> None:
    api["paths"]["/api/v1/public/consortia"]["get"]["security"] = [{"bearer": []}]


@pytest.mark.parametrize(
    "harm",
    [_drop_path, _drop_parameter, _need_more, _drop_member, _tell_less, _change_type, _take_fewer_words, _turn_away, _close],
)
def test_what_would_break_a_portal_is_noticed(present: dict[str, Json], harm: Callable[[Json], None]) -> None:
    harmed = copy.deepcopy(present["openapi.json"])
    harm(harmed)
    assert openapi_breaks(present["openapi.json"], harmed) != []


def test_what_would_break_a_consumer_is_noticed(present: dict[str, Json]) -> None:
    events = present["asyncapi.json"]
    for harm in (
        lambda d: d["channels"].pop("consortium.recognised"),
        lambda d: d["components"]["schemas"]["ConsortiumRecognised"]["properties"].pop("number"),
        lambda d: d["channels"]["consortium.recognised"]["bindings"]["amqp"]["exchange"].update(name="other"),
    ):
        harmed = copy.deepcopy(events)
        harm(harmed)
        assert asyncapi_breaks(events, harmed) != []


def test_an_event_is_what_its_message_says(present: dict[str, Json]) -> None:
    document = present["asyncapi.json"]
    assert set(document["channels"]) == set(published())
    for name, event in published().items():
        body = json.loads(_as_published(name, event.producer, event.example).to_json())
        assert Envelope().validate(body) == {}
        schema = document["components"]["messages"][name]["payload"] | {"components": document["components"]}
        assert [str(error) for error in jsonschema_rs.validator_for(schema).iter_errors(body)] == [], name


def _as_published(name: str, producer: str, data: Json) -> Event:
    return Event(
        id=new_id(),
        type=name,
        version=1,
        occurred_at=FixedClock().now(),
        producer=producer,
        subject="thing/1",
        bureau="450200",
        recommender="450200",
        sequence=1,
        actor=SYSTEM.stamp(),
        correlation_id="c",
        causation_id=None,
        data=data,
    )
