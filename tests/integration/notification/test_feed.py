"""The feed contains every event that outside readers may see, in an order that does not change. A reader gets only the events
that concern the reader."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from services.contracts.webhooks import CloudEvent
from services.kernel.clock import real_now
from services.kernel.errors import Conflict, Forbidden
from services.kernel.identity import Actor
from services.kernel.testing import ServiceHarness
from services.kernel.vault import Vault, new_vault_key
from services.notification.registry import registry
from services.notification.tables import feed
from services.notification.webhooks import feed as feed_room
from services.notification.webhooks.event_catalogue import GOING_OUT, PRODUCERS
from services.notification.webhooks.public_event import HIDDEN, HIDDEN_IN, INNER, SHOWN
from tests.integration.notification.sample_events import SAID, body

PORTAL = Actor("portal-lz", ("portal",), "450200")
ELSEWHERE = Actor("portal-gl", ("portal",), "450300")
PROVINCE = Actor("portal-kjt", ("portal",), "450000")
NOBODYS = Actor("portal", ("portal",))


@pytest.fixture
def bench(tmp_path: Path) -> ServiceHarness:
    return ServiceHarness(registry, tmp_path / "notification.db", policies=None, vault=Vault(new_vault_key()))


def numbered(bench: ServiceHarness) -> None:
    with bench.database.write() as session:
        feed_room.number_feed(session)


def read(bench: ServiceHarness, actor: Actor = PORTAL, **asked: Any) -> dict[str, Any]:
    asked = {"types": [], "of_bureau": None, "limit": 50, "cursor": None} | asked
    answer = bench.ask("read_events", actor, **asked)
    assert isinstance(answer, dict)
    return answer


def types(page: dict[str, Any]) -> list[str]:
    return [item["type"] for item in page["items"]]


def test_every_event_has_been_decided_on() -> None:
    assert set(PRODUCERS) == set(SAID)
    assert set(INNER) - set(SAID) == {"audit.sealed"}
    members = {name for type in GOING_OUT for name in SAID[type].data().fields}
    assert members - SHOWN - HIDDEN == set()
    assert not SHOWN & HIDDEN
    assert set(HIDDEN_IN) <= set(GOING_OUT)


@pytest.mark.parametrize("type", GOING_OUT)
def test_every_event_that_goes_out_tells_what_it_happened_to_and_of_nobody_in_person(bench: ServiceHarness, type: str) -> None:
    bench.react(body(bench, type, subject="thing/1", actor="zhang.san"))
    numbered(bench)
    [event] = read(bench)["items"]
    assert CloudEvent().validate(event) == {}
    assert (event["type"], event["subject"]) == (type, "thing/1")
    assert "zhang.san" not in str(event)
    assert set(event["data"]) <= SHOWN | {"by"}


@pytest.mark.parametrize("type", sorted(set(INNER) & set(SAID)))
def test_what_is_nobody_elses_business_stays_inside(bench: ServiceHarness, type: str) -> None:
    bench.react(body(bench, type))
    numbered(bench)
    assert read(bench, PROVINCE)["items"] == []


def test_a_case_is_for_its_home_and_whom_it_is_addressed_to(bench: ServiceHarness) -> None:
    bench.react(body(bench, "application.stage_passed", bureau="450000", recommender="450200"))
    numbered(bench)
    seen = {who.username: len(read(bench, who)["items"]) for who in (PORTAL, ELSEWHERE, PROVINCE, NOBODYS)}
    assert seen == {"portal-lz": 1, "portal-gl": 0, "portal-kjt": 1, "portal": 0}


def test_the_province_hears_of_an_application_when_it_comes_before_it(bench: ServiceHarness) -> None:
    bench.react(body(bench, "application.submitted", bureau="450200"))
    bench.react(body(bench, "consortium.changed", bureau="450200", subject="consortium/1"))
    numbered(bench)
    assert types(read(bench, PROVINCE)) == ["consortium.changed"]
    bench.react(body(bench, "review.recommended", bureau="450000"))
    numbered(bench)
    assert types(read(bench, PROVINCE)) == ["consortium.changed", "review.recommended"]


def test_nobody_hears_of_a_draft(bench: ServiceHarness) -> None:
    bench.react(body(bench, "application.withdrawn", version=0))
    bench.react(body(bench, "document.generated", kind="application_form", version="draft.3.0f1e2d3c4b5a"))
    numbered(bench)
    assert read(bench)["items"] == []


def test_what_is_public_is_for_all(bench: ServiceHarness) -> None:
    bench.react(body(bench, "call.opened", bureau="450000", recommender=None))
    numbered(bench)
    assert [types(read(bench, who)) for who in (PORTAL, ELSEWHERE, NOBODYS)] == [["call.opened"]] * 3


def test_an_expert_reads_no_events(bench: ServiceHarness) -> None:
    with pytest.raises(Forbidden):
        read(bench, Actor("expert", ("expert",)))


def test_the_feed_is_read_page_by_page_and_goes_on(bench: ServiceHarness) -> None:
    for n in range(5):
        bench.react(body(bench, "application.stage_passed", subject=f"application/{n}"))
    numbered(bench)
    first = read(bench, limit=3)
    assert (len(first["items"]), first["more"]) == (3, True)
    rest = read(bench, cursor=first["next_cursor"])
    assert ([item["subject"] for item in rest["items"]], rest["more"]) == (["application/3", "application/4"], False)
    # The cursor at the end of the feed stays valid: a later read from it returns the events that were recorded since.
    assert read(bench, cursor=rest["next_cursor"])["items"] == []
    bench.react(body(bench, "application.withdrawn"))
    numbered(bench)
    assert types(read(bench, cursor=rest["next_cursor"])) == ["application.withdrawn"]


def test_types_and_bureaus_narrow_it(bench: ServiceHarness) -> None:
    for type in ("application.withdrawn", "consortium.changed", "change.withdrawn"):
        bench.react(body(bench, type, recommender="450300" if type == "change.withdrawn" else "450200", bureau="450000"))
    numbered(bench)
    assert types(read(bench, PROVINCE, types=["application.*", "change.withdrawn"])) == [
        "application.withdrawn",
        "change.withdrawn",
    ]
    assert types(read(bench, PROVINCE, of_bureau="450300")) == ["change.withdrawn"]


def test_a_reader_of_few_events_gets_on_through_many(bench: ServiceHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_room, "WINDOW", 3)
    for _ in range(7):
        bench.react(body(bench, "application.withdrawn", recommender="450300", bureau="450300"))
    bench.react(body(bench, "consortium.changed"))
    numbered(bench)
    cursor, found, pages = None, [], 0
    while True:
        page = read(bench, cursor=cursor)
        found += types(page)
        cursor, pages = page["next_cursor"], pages + 1
        if not page["more"]:
            break
    assert (found, pages) == (["consortium.changed"], 3)


def test_a_place_that_is_not_kept_any_more_is_said_to_be_gone(bench: ServiceHarness) -> None:
    for _ in range(3):
        bench.react(body(bench, "application.withdrawn"))
    numbered(bench)
    old = read(bench, limit=1)["next_cursor"]
    with bench.database.write() as session:
        session.execute(feed.delete().where(feed.c.position <= 2))
    with pytest.raises(Conflict, match="cursor_gone"):
        read(bench, cursor=old)


def test_a_place_is_never_given_twice_even_when_all_is_too_old(bench: ServiceHarness) -> None:
    for _ in range(3):
        bench.react(body(bench, "application.withdrawn"))
    numbered(bench)
    end = read(bench)["next_cursor"]
    with bench.database.write() as session:
        feed_room.drop_before(session, real_now() + timedelta(days=1))
    bench.react(body(bench, "consortium.changed"))
    numbered(bench)
    assert types(read(bench, cursor=end)) == ["consortium.changed"]


def test_an_event_received_twice_stands_there_once(bench: ServiceHarness) -> None:
    same = body(bench, "application.withdrawn")
    bench.react(same)
    bench.react(same)
    numbered(bench)
    assert len(read(bench)["items"]) == 1


def test_positions_are_given_without_gaps_however_many_give_them(bench: ServiceHarness) -> None:
    for _ in range(20):
        bench.react(body(bench, "application.withdrawn"))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: numbered(bench), range(8)))
    with bench.database.read() as session:
        rows = session.execute(select(feed.c.position, feed.c.arrived).order_by(feed.c.arrived)).all()
    assert [row.position for row in rows] == list(range(1, 21))


def test_after_a_restore_nobody_misses_what_comes_though_he_had_read_further(bench: ServiceHarness) -> None:
    # Given a portal that has read one event more than a backup of the platform contains
    bench.react(body(bench, GOING_OUT[0], subject="thing/0"), body(bench, GOING_OUT[0], subject="thing/1"))
    numbered(bench)
    cursor = read(bench)["next_cursor"]
    with bench.database.write() as session:
        session.execute(feed.delete().where(feed.c.subject == "thing/1"))
    # When the platform is restored from that backup and records a new event
    with bench.database.write() as session:
        feed_room.skip_positions(session)
    bench.react(body(bench, GOING_OUT[0], subject="thing/2"))
    numbered(bench)
    # Then the portal can continue to read the feed, page by page, and gets the new event
    seen: list[str] = []
    more = True
    while more:
        page = read(bench, cursor=cursor)
        seen += [item["subject"] for item in page["items"]]
        cursor, more = page["next_cursor"], page["more"]
    assert seen == ["thing/2"]
