"""An outside account tries to learn more than it may, from every kind of event, through the feed and through webhooks."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any

import pytest
from marshmallow import fields

from services.kernel.errors import Forbidden
from services.kernel.identity import Actor
from services.kernel.settings import Settings
from services.kernel.testing import ServiceHarness
from services.kernel.vault import Vault, new_vault_key
from services.notification.registry import registry
from services.notification.webhooks import feed as feed_room
from services.notification.webhooks.event_catalogue import GOING_OUT
from services.notification.webhooks.public_event import HIDDEN_IN, INNER, PUBLIC, SHOWN
from tests.integration.notification.sample_events import SAID, body
from tests.integration.notification.subscriber import Subscriber
from tests.integration.notification.webhook_receiver import OPERATOR, OTHER, PORTAL, subscribe, work

PROVINCE = Actor("portal-kjt", ("portal",), "450000")
NOBODYS = Actor("portal", ("portal",))
READERS = (PORTAL, OTHER, PROVINCE, NOBODYS)
SECRET = "张三 13800138000 zhang.san@example.com"


def poisoned(value: Any) -> Any:
    """Return a copy of a value in which every object also contains a person's data."""
    if isinstance(value, dict):
        return {name: poisoned(part) for name, part in value.items()} | {"person": {"name": SECRET}, "contact": SECRET}
    return [poisoned(part) for part in value] if isinstance(value, list) else value


def told_too_much(bench: ServiceHarness, type: str) -> str:
    """Return an event whose publisher includes more than an outside reader may see: in every internal field, inside every object,
    in fields that no contract has, and in the envelope."""
    event = json.loads(body(bench, type, subject=subject_of(type), actor=SECRET))
    shown = SHOWN - HIDDEN_IN.get(type, frozenset())
    objects = {name for name, field in SAID[type].data().fields.items() if isinstance(field, fields.Dict | fields.Nested)}
    for name in SAID[type].data().fields:
        value = event["data"].get(name)
        if name not in shown:
            event["data"][name] = SECRET
        else:
            event["data"][name] = poisoned({} if value is None and name in objects else value)
    event["data"] |= {"person": SECRET, "reviewer": {"name": SECRET}}
    event["actor"] |= {"organisation": SECRET, "name": SECRET}
    event["causation_id"] = SECRET
    return json.dumps(event, ensure_ascii=False)


def subject_of(type: str) -> str:
    """Return a subject for an event type. For reviews, objections and generated documents it is an application, whose events have
    the strictest rules."""
    kind = type.partition(".")[0]
    return f"{'application' if kind in ('review', 'objection', 'document') else kind}/1"


def read(bench: ServiceHarness, actor: Actor, **asked: Any) -> list[dict[str, Any]]:
    with bench.database.write() as session:
        feed_room.number_feed(session)
    asked = {"types": [], "of_bureau": None, "limit": 200, "cursor": None} | asked
    return list(bench.ask("read_events", actor, **asked)["items"])


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> ServiceHarness:
    """Return the notification service on which the fixture `heard` lets every kind of event happen once, in a case of one
    city."""
    settings = Settings(seed="demo", webhook_allow="127.0.0.0/8")
    file = tmp_path_factory.mktemp("attacks") / "notification.db"
    return ServiceHarness(registry, file, policies=None, settings=settings, vault=Vault(new_vault_key()))


@pytest.fixture(scope="module")
def heard(platform: ServiceHarness) -> dict[str, list[dict[str, Any]]]:
    """Return, by the reader's username, the events that webhooks sent to each reader, after checking that they equal the events
    that the reader reads from the feed."""
    found = {}
    with ExitStack() as stack:
        subscribers = [stack.enter_context(Subscriber()) for _ in READERS]
        for reader, subscriber in zip(READERS, subscribers, strict=True):
            subscribe(platform, subscriber, reader)
        platform.react(*(told_too_much(platform, type) for type in GOING_OUT))
        platform.react(*(body(platform, type) for type in INNER if type in SAID))
        work(platform)
        for reader, subscriber in zip(READERS, subscribers, strict=True):
            assert subscriber.taken == read(platform, reader)
            found[reader.username] = subscriber.taken
    return found


def types(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


@pytest.mark.parametrize("type", GOING_OUT)
def test_no_person_and_no_text_goes_out_with_it(heard: dict[str, list[dict[str, Any]]], type: str) -> None:
    [event] = [event for event in heard[PORTAL.username] if event["type"] == type]
    assert SECRET not in json.dumps(event, ensure_ascii=False)
    assert set(event["data"]["by"]) == {"role", "bureau"}


@pytest.mark.parametrize("type", GOING_OUT)
def test_another_city_hears_of_it_only_where_the_law_publishes_it(
    platform: ServiceHarness, heard: dict[str, list[dict[str, Any]]], type: str
) -> None:
    public = int(type in PUBLIC)
    assert [types(heard[who.username]).count(type) for who in (PORTAL, OTHER, NOBODYS)] == [1, public, public]
    # Filtering by the first city's bureau, or by the type's name or its prefix, gives the other city no more events.
    narrowed = ({"of_bureau": "450200"}, {"types": [type]}, {"types": [f"{type.partition('.')[0]}.*", "%", "*"]})
    assert [types(read(platform, OTHER, **asked)).count(type) for asked in narrowed] == [public] * 3
    # and the province, which has not received the application yet, cannot read the application's events
    assert types(heard[PROVINCE.username]).count(type) == int(not subject_of(type).startswith("application/"))


@pytest.mark.parametrize("type", sorted(set(INNER) & set(SAID)))
def test_nobody_hears_of_what_stays_inside(heard: dict[str, list[dict[str, Any]]], type: str) -> None:
    assert [who for who, events in heard.items() if type in types(events)] == []


@pytest.mark.parametrize(
    "actor",
    [OPERATOR, Actor("e", ("expert",)), Actor("a", ("applicant",), None, "9145020098MA369042"), Actor("t", ("auditor",))],
    ids=lambda actor: actor.roles[0],
)
def test_nobody_but_bureaus_and_portals_reads_the_feed(platform: ServiceHarness, actor: Actor) -> None:
    with pytest.raises(Forbidden):
        read(platform, actor)


def test_nobody_hears_of_anything_while_the_application_is_a_draft(bench: ServiceHarness) -> None:
    for type in (type for type in GOING_OUT if "version" in SAID[type].data().fields):
        for version in (0, "draft.3.0f1e2d3c4b5a"):
            bench.react(body(bench, type, version=version))
    assert [types(read(bench, who)) for who in READERS] == [[]] * 4


def test_what_stays_inside_leaves_no_gap_to_be_counted(bench: ServiceHarness) -> None:
    """Readers cannot count how many experts have scored, nor learn that a suspicion or a grade exists which is not public yet."""
    happened = ("review.opened", "panel.appointed", "score.submitted", "score.submitted", "review.passed")
    happened += ("report.due", "ground.arisen", "evaluation.graded", "report.submitted")
    bench.react(*(body(bench, type) for type in happened))
    assert [(event["type"], event["sequence"]) for event in read(bench, PORTAL)] == [
        ("review.opened", "1"),
        ("review.passed", "2"),
        ("report.due", "3"),
        ("report.submitted", "4"),
    ]
