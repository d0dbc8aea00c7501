"""Webhooks are signed, sent in the order of each subject's events, tried for a day, and never sent into a private network."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from services.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from services.kernel.persistence import migrate
from services.kernel.persistence.tables import audit
from services.kernel.testing import ServiceHarness
from services.kernel.vault import Vault, new_vault_key
from services.notification.registry import registry
from services.notification.tables import deliveries, webhooks
from services.notification.webhooks.delivery_rules import Allowed, check_url
from services.notification.webhooks.sender import Line, new_secret
from tests.integration.notification.sample_events import body
from tests.integration.notification.subscriber import Subscriber
from tests.integration.notification.webhook_receiver import (
    ERRAND,
    OPERATOR,
    OTHER,
    PORTAL,
    happens,
    log,
    subjects,
    subscribe,
    told,
    work,
    working,
)


def test_what_happens_is_sent_signed_and_in_cloudevents_form(bench: ServiceHarness) -> None:
    with Subscriber() as subscriber:
        subscribe(bench, subscriber)
        happens(bench, "1")
        work(bench)
    [event], [headers] = subscriber.taken, subscriber.headers
    assert (event["specversion"], event["type"], event["subject"]) == ("1.0", "application.stage_passed", "application/1")
    assert headers["Content-Type"].startswith("application/cloudevents+json")
    assert headers["webhook-id"] == event["id"]


def test_one_hears_of_its_own_cases_from_now_on_and_of_the_types_it_asked_for(bench: ServiceHarness) -> None:
    with Subscriber() as subscriber:
        happens(bench, "before")
        work(bench)
        subscribe(bench, subscriber, types=["application.*"])
        happens(bench, "mine")
        happens(bench, "theirs", recommender="450300", bureau="450300")
        happens(bench, "another-type", type="consortium.changed")
        work(bench)
    assert subjects(subscriber) == ["mine"]


def test_one_may_begin_at_a_place_in_the_feed(bench: ServiceHarness) -> None:
    with Subscriber() as subscriber:
        happens(bench, "a", "b", "c")
        work(bench)
        first = bench.ask("read_events", PORTAL, types=[], of_bureau=None, limit=1, cursor=None)
        subscribe(bench, subscriber, cursor=first["next_cursor"])
        work(bench)
    assert subjects(subscriber) == ["b", "c"]


def test_a_failing_delivery_holds_back_its_own_subject_alone(bench: ServiceHarness, later: Any) -> None:
    ill = {"sick"}
    with Subscriber(lambda event: 500 if event["subject"].partition("/")[2] in ill else 204) as subscriber:
        id = subscribe(bench, subscriber)
        happens(bench, "sick", "well", "sick", "well")
        work(bench)
        assert subjects(subscriber) == ["well", "well"]
        # Later events of the same subject wait behind the failing delivery.
        happens(bench, "sick")
        work(bench)
        assert subjects(subscriber) == ["well", "well"]
        # and when the subscriber accepts events again, all events of that subject arrive, in order
        ill.clear()
        later(seconds=11)
        work(bench)
    assert subjects(subscriber) == ["well", "well", "sick", "sick", "sick"]
    sequences = [int(event["sequence"]) for event in subscriber.taken[2:]]
    assert sequences == sorted(sequences)
    assert {entry["state"] for entry in log(bench, id)} == {"delivered"}


def test_a_delivery_is_tried_for_a_day_and_then_given_up_and_can_be_sent_again(bench: ServiceHarness, later: Any) -> None:
    status = 500
    with Subscriber(lambda event: status if event["subject"] == "application/sick" else 204) as subscriber:
        id = subscribe(bench, subscriber)
        happens(bench, "sick")
        for hour in range(40):
            happens(bench, f"well-{hour}")  # accepted, so that the subscription stays active
            work(bench)
            later(hours=1)
        [entry] = [entry for entry in log(bench, id) if entry["subject"] == "application/sick"]
        assert (entry["state"], entry["status"], entry["error"]) == ("given_up", 500, "HTTP 500")
        assert entry["tries"] >= 9
        status = 204
        assert bench.tell("redeliver", PORTAL, id=id, delivery=entry["id"])["state"] == "waiting"
        work(bench)
    assert subjects(subscriber)[-1] == "sick"


def test_after_twelve_hours_of_failure_it_pauses_says_so_and_goes_on_where_it_stopped(bench: ServiceHarness, later: Any) -> None:
    broken = True
    with Subscriber(lambda _: 503 if broken else 204) as subscriber:
        id = subscribe(bench, subscriber)
        happens(bench, "a")
        for _ in range(14):
            work(bench)
            later(hours=1)
        happens(bench, "b")
        work(bench)
        shown = bench.ask("get_webhook", PORTAL, id=id)
        assert (shown["state"], shown["reason"]) == ("paused", "failing")
        assert "webhook.paused" in told(bench, PORTAL)
        assert "webhook.paused" in told(bench, OPERATOR)
        broken = False
        bench.tell("resume", PORTAL, id=id, skip=False)
        work(bench)
    assert subjects(subscriber) == ["a", "b"]


def test_who_caught_up_from_the_feed_resumes_from_now(bench: ServiceHarness) -> None:
    with Subscriber() as subscriber:
        id = subscribe(bench, subscriber)
        bench.tell("pause", PORTAL, id=id)
        happens(bench, "meanwhile")
        work(bench)
        bench.tell("resume", PORTAL, id=id, skip=True)
        happens(bench, "after")
        work(bench)
        with pytest.raises(Conflict, match="not_paused"):
            bench.tell("resume", PORTAL, id=id, skip=False)
    assert subjects(subscriber) == ["after"]


def test_a_subscriber_that_says_gone_is_paused_at_once(bench: ServiceHarness) -> None:
    with Subscriber(lambda _: 410) as subscriber:
        id = subscribe(bench, subscriber)
        happens(bench, "a")
        work(bench)
    assert bench.ask("get_webhook", PORTAL, id=id)["reason"] == "gone"


def test_both_secrets_sign_for_a_day_after_a_rotation(bench: ServiceHarness, later: Any) -> None:
    with Subscriber() as subscriber:
        id = subscribe(bench, subscriber)
        old = subscriber.secret
        new = bench.tell("rotate", PORTAL, id=id)["secret"]
        happens(bench, "a")
        work(bench)
        subscriber.secret = new
        happens(bench, "b")
        work(bench)
        later(hours=25)
        subscriber.secret = old
        happens(bench, "c")
        work(bench)
    assert subjects(subscriber) == ["a", "b"]


def test_an_address_that_is_not_reached_is_left_alone_for_a_while(bench: ServiceHarness, later: Any) -> None:
    with Subscriber() as subscriber:
        id = subscribe(bench, subscriber)
    happens(bench, "a", "b", "c")
    work(bench)
    assert [entry["tries"] for entry in log(bench, id)] == [0, 0, 1]
    assert bench.ask("get_webhook", PORTAL, id=id)["failures"] == 1
    later(seconds=3)
    work(bench)
    assert sorted(entry["tries"] for entry in log(bench, id)) == [0, 1, 1]


def test_redirects_are_not_followed(bench: ServiceHarness) -> None:
    with Subscriber(lambda _: 307) as subscriber:
        id = subscribe(bench, subscriber)
        happens(bench, "a")
        work(bench)
    assert [entry["error"] for entry in log(bench, id)] == ["HTTP 307"]


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://10.1.2.3/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://[64:ff9b::a00:1]/x",
        "https://[2002:a00:1::]/x",
        "https://[::127.0.0.1]/x",
        "https://[fec0::1]/x",
        "https://192.0.0.8/x",
        "https://100.64.0.1/x",
        "https://0.0.0.0/x",
        "https://224.0.0.1/x",
        "http://example.com/x",
        "ftp://example.com/x",
        "https://user:secret@example.com/x",
        "https://",
        "https://example.com:99999/x",
    ],
)
def test_an_address_we_do_not_send_to_is_refused(tmp_path: Path, url: str) -> None:
    bench = ServiceHarness(registry, tmp_path / "n.db", policies=None, vault=Vault(new_vault_key()))
    with pytest.raises(Invalid) as refused:
        bench.tell("subscribe", PORTAL, url=url, types=["*"], of_bureau=None, cursor=None)
    assert refused.value.errors[0].pointer == "/url"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://exa mple.cn/", "bad_url"),
        ("https://example.cn/a b", "bad_url"),
        ("https://example.cn/\r\nX: y", "bad_url"),
        ("https:example.cn", "bad_url"),
        ("https://-bad-.cn/x", "bad_host"),
        ("https://a..cn/x", "bad_host"),
        (f"https://{'a' * 64}.cn/x", "bad_host"),
        ("https://127.1/", "bad_host"),
        ("https://2130706433/", "bad_host"),
        ("https://0x7f000001/", "bad_host"),
        ("https://0177.0.0.1/", "bad_host"),
        ("https://①②⑦.⓪.⓪.①/", "bad_host"),
        ("https://１２７.０.０.１/", "bad_host"),
        ("https://xn--a.cn/", "bad_host"),
        ("https://intranet/x", "private_address"),
        ("https://a.localhost/x", "private_address"),
    ],
)
def test_an_address_that_can_never_work_is_refused_with_what_is_wrong(tmp_path: Path, url: str, code: str) -> None:
    bench = ServiceHarness(registry, tmp_path / "n.db", policies=None, vault=Vault(new_vault_key()))
    with pytest.raises(Invalid) as refused:
        bench.tell("subscribe", PORTAL, url=url, types=["*"], of_bureau=None, cursor=None)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [("/url", code)]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("https://例子.中国/hook", "https://xn--fsqu00a.xn--fiqs8s/hook"),
        (
            "https://ｐｏｒｔａｌ．example/钩子?城市=柳州",
            "https://portal.example/%E9%92%A9%E5%AD%90?%E5%9F%8E%E5%B8%82=%E6%9F%B3%E5%B7%9E",
        ),
        ("https://Portal.example:8443/x?a=%20", "https://portal.example:8443/x?a=%20"),
    ],
)
def test_an_international_address_is_stored_as_it_is_sent(bench: ServiceHarness, typed: str, stored: str) -> None:
    assert bench.tell("subscribe", PORTAL, url=typed, types=["*"], of_bureau=None, cursor=None)["url"] == stored


def test_an_operator_allows_an_inner_host_in_its_own_letters() -> None:
    allowed = Allowed("门户.内网, Portal.Inner, 10.0.0.0/8")
    for typed in ("http://门户.内网/x", "http://portal.inner/x", "http://10.1.2.3/x"):
        assert check_url(typed, allowed).isascii()


def test_an_address_stored_in_other_letters_is_sent_to_in_ascii() -> None:
    # Given a subscription with an address in full-width letters, stored before addresses were checked
    with Subscriber() as subscriber:
        subscriber.secret = new_secret()
        line = Line(f"http://ｌｏｃａｌｈｏｓｔ:{subscriber.port}/钩子", Allowed("localhost"))

        # When an event is sent to that address, then it arrives
        result = line.send({"id": "1"}, [subscriber.secret])
        line.close()
    assert (result.delivered, result.error) == (True, None)


def test_a_name_that_leads_inside_is_not_followed() -> None:
    # "localhost" represents any name that its owner made resolve to a private address.
    result = Line("https://localhost/x", Allowed("")).send({"id": "1"}, [])
    assert (result.delivered, result.reached, result.error) == (False, False, "private_address")


def test_a_type_that_no_event_has_is_refused(bench: ServiceHarness) -> None:
    for wrong in ("application.flown", "score.submitted", "*.submitted"):
        with pytest.raises(Invalid) as refused:
            bench.tell("subscribe", PORTAL, url="https://portal.example/x", types=["*", wrong], of_bureau=None, cursor=None)
        assert refused.value.errors[0].pointer == "/types/1"


def test_a_subscription_is_its_owners_and_the_operators(bench: ServiceHarness) -> None:
    with Subscriber() as subscriber:
        id = subscribe(bench, subscriber)
        for name in ("get_webhook", "unsubscribe", "rotate", "pause"):
            with pytest.raises(NotFound):
                bench.tell(name, OTHER, id=id)
        assert bench.ask("get_webhook", OPERATOR, id=id)["owner"] == "portal-lz"
        with pytest.raises(Invalid):
            subscribe(bench, subscriber, OTHER, of_bureau="450200")
        assert bench.tell("unsubscribe", PORTAL, id=id)["state"] == "ended"
        assert bench.ask("list_webhooks", OPERATOR, limit=50, cursor=None)["items"] == []


def test_the_operator_receives_no_case_events(bench: ServiceHarness) -> None:
    with Subscriber() as subscriber:
        for bureau in (None, "450200"):
            with pytest.raises(Forbidden) as refused:
                subscribe(bench, subscriber, OPERATOR, of_bureau=bureau)
            assert refused.value.code == "role_required"
        # The account of a portal that becomes an operator's account gets no more events either.
        id = subscribe(bench, subscriber)
        moved = {"username": "portal-lz", "roles": ["operator"], "bureau": None, "active": True, "expert": None}
        bench.react(body(bench, "account.changed", subject="account/portal-lz", **moved))
        happens(bench, "a")
        work(bench)
    assert subscriber.taken == []
    assert bench.ask("get_webhook", OPERATOR, id=id)["state"] == "paused"


@pytest.mark.writes_rows
def test_an_upgrade_ends_the_subscriptions_that_operators_made(bench: ServiceHarness) -> None:
    with Subscriber() as subscriber:
        # Given two subscriptions with a delivery each; an operator's account made one of them, when operators could still
        # subscribe
        kept, ended = subscribe(bench, subscriber), subscribe(bench, subscriber)
        happens(bench, "a")
        work(bench)
        with bench.database.write() as session:
            session.execute(update(audit).where(audit.c.subject == f"webhook/{ended}").values(role="operator"))
            session.execute(text("ALTER TABLE letters DROP COLUMN secret"))
            session.execute(text("UPDATE alembic_version SET version_num = 'notification_0006' WHERE version_num LIKE 'notif%'"))
        # When the database is migrated to this version
        assert migrate.upgrade("notification", bench.database)
    # Then the portal's subscription stays, and the operator's subscription is deleted with its deliveries
    listed = bench.ask("list_webhooks", OPERATOR, limit=50, cursor=None)["items"]
    assert [item["id"] for item in listed] == [kept]
    with bench.database.read() as session:
        assert set(session.execute(select(deliveries.c.webhook)).scalars()) == {kept}


def test_a_closed_account_hears_no_more(bench: ServiceHarness) -> None:
    with Subscriber() as subscriber:
        id = subscribe(bench, subscriber)
        closed = {"username": "portal-lz", "roles": ["portal"], "bureau": "450200", "active": False, "expert": None}
        bench.react(body(bench, "account.changed", subject="account/portal-lz", **closed))
        happens(bench, "a")
        work(bench)
    assert subscriber.taken == []
    assert bench.ask("get_webhook", OPERATOR, id=id)["reason"] == "account_closed"


def test_the_secret_is_not_to_be_read_in_the_database_nor_asked_for_again(bench: ServiceHarness) -> None:
    with Subscriber() as subscriber:
        id = subscribe(bench, subscriber)
    with bench.database.read() as session:
        assert subscriber.secret not in str(session.execute(select(webhooks)).one())
    assert "secret" not in bench.ask("get_webhook", PORTAL, id=id)


def test_what_was_in_hand_when_a_worker_died_is_sent_by_the_next(bench: ServiceHarness, later: Any) -> None:
    with Subscriber() as subscriber:
        subscribe(bench, subscriber)
        happens(bench, "a")
        # Given a worker that claimed a delivery and died
        with bench.database.write() as session:
            bench.runtime.begin_unit_of_work(session, PORTAL, None, None)
            assert bench.runtime.call(ERRAND.claim, session, {})
        work(bench)
        assert subscriber.taken == []
        # When the lease of that delivery has ended, Then another worker sends the delivery
        later(seconds=121)
        work(bench)
    assert subjects(subscriber) == ["a"]


@pytest.mark.writes_rows
def test_a_slow_subscriber_delays_no_other(bench: ServiceHarness) -> None:
    answered = threading.Event()
    with Subscriber(lambda event: 204 if answered.wait(60) else 500) as slow, Subscriber() as fast:
        subscribe(bench, slow)
        subscribe(bench, fast)
        happens(bench, *(str(n) for n in range(60)))
        with working(bench):
            # While the slow subscriber has not answered its first event, the fast subscriber gets all events.
            deadline = time.monotonic() + 60
            while len(fast.taken) < 60 and time.monotonic() < deadline:
                time.sleep(0.05)
            assert (len(fast.taken), slow.taken) == (60, [])
            with bench.database.write() as session:
                session.execute(update(webhooks).values(state="paused"))
            answered.set()
