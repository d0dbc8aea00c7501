"""At most one worker at a time sends to a subscription, whatever the subscription's owner does meanwhile. Deliveries that can no
longer be sent are ended."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import func, select, update

from services.kernel.errors import Conflict, NotFound
from services.kernel.testing import ServiceHarness
from services.notification.tables import deliveries, feed, webhooks
from services.notification.webhooks import delivery_job
from services.notification.webhooks.sender import Result
from tests.integration.notification.sample_events import body
from tests.integration.notification.subscriber import Subscriber
from tests.integration.notification.webhook_receiver import ERRAND, OPERATOR, PORTAL, happens, log, subjects, subscribe, work


def waiting(bench: ServiceHarness) -> int:
    with bench.database.read() as session:
        rows = select(func.count()).select_from(deliveries).where(deliveries.c.state == "waiting")
        return int(session.execute(rows).scalar_one())


@pytest.mark.parametrize("skip", [False, True])
def test_paused_and_resumed_in_the_midst_of_a_batch_it_stays_in_one_hand(bench: ServiceHarness, skip: bool) -> None:
    found_by_another: list[bool] = []

    def answer(event: dict[str, Any]) -> int:
        # When the first event arrives, the owner pauses and resumes the subscription, and another worker looks for work
        if event["subject"] == "application/a":
            bench.tell("pause", PORTAL, id=id)
            bench.tell("resume", PORTAL, id=id, skip=skip)
            found_by_another.append(bench.runtime.run_job(ERRAND))
        return 204

    with Subscriber(answer) as subscriber:
        id = subscribe(bench, subscriber)
        happens(bench, "a", "a2", "b")
        work(bench)
        # Then no other worker has claimed the subscription, each delivery was tried once and in order, and the log has the
        # results
        assert found_by_another == [False]
        assert subjects(subscriber) == ["a", "a2", "b"]
        assert [(entry["state"], entry["tries"]) for entry in log(bench, id)] == [("delivered", 1)] * 3
        happens(bench, "after")
        work(bench)
    assert subjects(subscriber) == ["a", "a2", "b", "after"]


def test_what_was_skipped_while_it_failed_is_not_tried_again(bench: ServiceHarness, later: Any) -> None:
    def answer(event: dict[str, Any]) -> int:
        if event["subject"] == "application/b":
            bench.tell("pause", PORTAL, id=id)
            bench.tell("resume", PORTAL, id=id, skip=True)
        return 500 if event["subject"] == "application/b" else 204

    with Subscriber(answer) as subscriber:
        id = subscribe(bench, subscriber)
        happens(bench, "a", "b", "b", "c")
        work(bench)
        later(hours=1)
        work(bench)
    assert subjects(subscriber) == ["a", "c"]
    states = [(entry["subject"], entry["state"], entry["error"]) for entry in reversed(log(bench, id))]
    assert states == [
        ("application/a", "delivered", None),
        ("application/b", "given_up", "skipped"),
        ("application/b", "given_up", "skipped"),
        ("application/c", "delivered", None),
    ]


def test_who_comes_back_after_its_hold_is_over_lets_go_of_nothing(bench: ServiceHarness, later: Any) -> None:
    with Subscriber() as subscriber:
        subscribe(bench, subscriber)
        happens(bench, "a")
        # Given a worker whose lease on a subscription ended while the worker was suspended, and another worker that has claimed
        # the subscription
        with bench.database.write() as session:
            bench.runtime.begin_unit_of_work(session, PORTAL, None, None)
            slow = bench.runtime.call(ERRAND.claim, session, {})
        later(seconds=121)
        with bench.database.write() as session:
            bench.runtime.begin_unit_of_work(session, PORTAL, None, None)
            other = bench.runtime.call(ERRAND.claim, session, {})
        # When the first worker completes its deliveries nevertheless
        result = Result(delivered=True, reached=True, status=204)
        outcome = {one.id: result for one in slow.deliveries}
        with bench.database.write() as session:
            bench.runtime.begin_unit_of_work(session, PORTAL, None, None)
            bench.runtime.call(ERRAND.complete, session, {"piece": slow, "outcome": outcome})
        # Then the first worker's results are stored, and the other worker keeps its claim
        assert waiting(bench) == 0
        with bench.database.read() as session:
            row = session.execute(select(webhooks)).one()
        assert (row.hold, row.held_until > delivery_job.real_now()) == (other.hold, True)


def test_who_was_paused_for_longer_than_events_are_kept_is_told_and_begins_anew(bench: ServiceHarness, later: Any) -> None:
    with Subscriber(lambda event: 500 if event["subject"] == "application/old" else 204) as subscriber:
        id = subscribe(bench, subscriber)
        happens(bench, "old")
        work(bench)
        bench.tell("pause", PORTAL, id=id)
        happens(bench, "missed", "last")
        work(bench)
        # When 91 days have passed (the platform stores events for 90 days)
        later(days=91)
        assert bench.runtime.sweep()
        # Then no delivery waits whose event is deleted, and resuming the subscription reports that events were lost
        assert waiting(bench) == 0
        with pytest.raises(Conflict, match="cursor_gone"):
            bench.tell("resume", PORTAL, id=id, skip=False)
        bench.tell("resume", PORTAL, id=id, skip=True)
        happens(bench, "new")
        work(bench)
    assert subjects(subscriber) == ["new"]


def test_a_place_whose_waiting_deliveries_alone_are_gone_is_gone_as_well(bench: ServiceHarness, later: Any) -> None:
    with Subscriber(lambda _: 500) as subscriber:
        id = subscribe(bench, subscriber)
        happens(bench, "old", "newer")
        work(bench)
        bench.tell("pause", PORTAL, id=id)
        # Given two deliveries: one of an event recorded 91 days ago, and one of an event recorded just now
        with bench.database.write() as session:
            older = update(feed).where(feed.c.subject == "application/old")
            session.execute(older.values(recorded_at=delivery_job.real_now() - delivery_job.timedelta(days=91)))
        bench.runtime.sweep()
        assert waiting(bench) == 1
        with pytest.raises(Conflict, match="cursor_gone"):
            bench.tell("resume", PORTAL, id=id, skip=False)


def test_who_moved_to_another_bureau_is_sent_nothing_of_the_old_one_any_more(bench: ServiceHarness, later: Any) -> None:
    ill = True
    with Subscriber(lambda _: 500 if ill else 204) as subscriber:
        id = subscribe(bench, subscriber)
        happens(bench, "old")
        work(bench)
        moved = json.loads(body(bench, "account.changed", subject="account/portal-lz", username="portal-lz", active=True))
        moved["data"] |= {"roles": ["portal"], "bureau": "450300"}
        bench.react(json.dumps(moved))
        ill = False
        later(hours=1)
        happens(bench, "still-old")
        happens(bench, "new", bureau="450300", recommender="450300")
        work(bench)
        assert subjects(subscriber) == ["new"]
        # And the owner cannot request the old delivery again
        [old] = [entry for entry in log(bench, id, OPERATOR) if entry["subject"] == "application/old"]
        assert (old["state"], old["error"]) == ("given_up", "moved")
        with pytest.raises(NotFound):
            bench.tell("redeliver", PORTAL, id=id, delivery=old["id"])


def test_a_subscriber_far_behind_does_not_fill_the_table(bench: ServiceHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery_job, "BATCH", 2)
    seen: list[int] = []

    def answer(_: dict[str, Any]) -> int:
        seen.append(waiting(bench))
        return 204

    with Subscriber(answer) as subscriber:
        subscribe(bench, subscriber)
        happens(bench, *(str(number) for number in range(40)))
        work(bench)
    assert subjects(subscriber) == [str(number) for number in range(40)]
    assert max(seen) <= 10


def in_hand(bench: ServiceHarness) -> list[str]:
    """Claim subscriptions, as workers that do not finish would, until none can be claimed; return the ids of the claimed ones."""
    taken = []
    with bench.database.write() as session:
        bench.runtime.begin_unit_of_work(session, PORTAL, None, None)
        while piece := bench.runtime.call(ERRAND.claim, session, {}):
            taken.append(piece.webhook)
    return taken


def test_slow_subscribers_share_a_part_of_the_workers(bench: ServiceHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given two slow subscribers more than the workers may serve at the same time, and one subscriber that answers immediately
    monkeypatch.setattr(delivery_job, "SLOW", 0.1)
    with ExitStack() as stack:
        slow = [subscribe(bench, stack.enter_context(Subscriber(slow=0.2))) for _ in range(delivery_job.SLOW_AT_ONCE + 2)]
        fast = subscribe(bench, stack.enter_context(Subscriber()))
        happens(bench, "a")
        work(bench)
        # When there are events for all subscribers, Then the slow subscribers leave a worker free for the fast one
        happens(bench, "b")
        taken = in_hand(bench)
        assert fast in taken
        assert len(set(slow) & set(taken)) == delivery_job.SLOW_AT_ONCE


def test_who_answers_again_is_slow_no_more(bench: ServiceHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    with Subscriber() as subscriber:
        subscribe(bench, subscriber)
        for limit, slow in ((0.0, True), (2.0, False)):
            monkeypatch.setattr(delivery_job, "SLOW", limit)
            happens(bench, f"within {limit}")
            work(bench)
            with bench.database.read() as session:
                assert session.execute(select(webhooks.c.slow)).scalar_one() is slow
