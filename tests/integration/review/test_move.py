"""A bureau moves with all its data: nothing is lost or duplicated, and one database at a time acts for it."""

from __future__ import annotations

import threading
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from services.kernel import audit
from services.kernel.clock import real_now
from services.kernel.errors import Unavailable
from services.kernel.identity import PROVINCE
from services.kernel.ids import new_id
from services.kernel.messaging import outbox
from services.kernel.persistence.tables import idempotency, inbox
from services.kernel.relocation import fencing
from services.kernel.relocation.endpoint import Endpoint, MoveRefused
from services.review.tables import subjects
from tests.integration.bus.buses import eventually
from tests.integration.review.moving import OTHERS, STEPS, Two
from tests.integration.review.scenario import (
    ANSWERS,
    BUREAUS,
    CITY,
    OTHER_CITY,
    Actor,
    chief,
    officer,
    other_officer,
    province_officer,
)


class Hammer:
    """Three threads that assign a bureau's case again and again. Each request is repeated with its idempotency key until a
    deployment accepts it."""

    def __init__(self, two: Two, id: str, actor: Actor, bureau: str) -> None:
        self.accepted: dict[str, Any] = {}
        self.refused = 0
        self._two, self._id, self._actor, self._bureau = two, id, actor, bureau
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(3)]

    def __enter__(self) -> Hammer:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        places = (self._two.pooled, self._two.own)
        for number in count():
            key = new_id()
            while not self._ending.is_set():
                # A request is sent to either deployment; only the one that serves the bureau accepts it.
                bench = places[number % 2]
                try:
                    body = {"id": self._id, "account": self._actor.username}
                    answer = bench.tell("assign_case", self._actor, key=key, bureau=self._bureau, **body)
                except Unavailable:
                    self.refused += 1
                    number += 1
                    self._ending.wait(0.002)
                except Exception as error:
                    # The deployment that does not have the case answers that the case does not exist.
                    assert getattr(error, "code", None) == "unknown_review"
                    number += 1
                else:
                    self.accepted[key] = answer
                    break
            if self._ending.is_set():
                return

    def wait_for_more(self) -> None:
        before = len(self.accepted)
        while len(self.accepted) < before + 20:
            self._ending.wait(0.01)


def test_what_is_accepted_while_a_bureau_moves_is_there_once_and_the_rest_is_told_to_try_again(worked: Two) -> None:
    # Given people who work for the bureau that moves, and people who work for another bureau in the same database
    id, other = worked.house.case(CITY, "open"), worked.house.case(OTHER_CITY, "other")
    worked.serve("pooled")
    with (
        worked.at_work(),
        Hammer(worked, id, officer, CITY) as here,
        Hammer(worked, other, other_officer, OTHER_CITY) as elsewhere,
    ):
        here.wait_for_more()
        # When the bureau moves, and moves back, and moves again
        for source, target in (("pooled", "own"), ("own", "pooled"), ("pooled", "own")):
            worked.move(source, target)
            here.wait_for_more()
            elsewhere.wait_for_more()
    worked.house.settle()
    # Then the database that serves the bureau at the end has every accepted action exactly once
    with worked.own.database.read() as session:
        kept = session.execute(select(idempotency.c.key).where(idempotency.c.command == "assign_case")).scalars().all()
    assert sorted(kept) == sorted(here.accepted)
    assert set(worked.has("pooled").values()) == {0}
    told = {event.id for event in worked.house.said("review.assigned") if event.data["case"] == id}
    assert len(told) == len(here.accepted)
    assert here.refused > 0
    # and the events of the bureau are numbered without a gap
    for subject, numbers in worked.numbers().items():
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), subject
    # and the other bureau's data are in the database where they were before
    with worked.pooled.database.read() as session:
        kept = session.execute(select(idempotency.c.key).where(idempotency.c.bureau == OTHER_CITY)).scalars().all()
    assert sorted(kept) == sorted(elsewhere.accepted)


def test_the_bureau_goes_on_where_it_has_come_as_if_nothing_had_been(worked: Two) -> None:
    house = worked.house
    # Given a case that is not recommended yet, with a draft that was sent with an idempotency key
    id, key = house.case(CITY, "open"), new_id()
    draft = {"id": id, "stage": "recommendation", "outcome": "pass", "comment": "同意", "answers": ANSWERS}
    first = house.at(CITY).tell("give_opinion", officer, key=key, bureau=CITY, **draft)
    before = house.see(id)
    # When the bureau moves
    with worked.at_work():
        worked.move("pooled", "own")
    # Then the case is unchanged, a repetition of the first request gets the first answer, and the case can be recommended in the
    # new database
    assert house.see(id) == before
    assert house.at(CITY).tell("give_opinion", officer, key=key, bureau=CITY, **draft) == first
    house.opinion(chief, id, comment="同意")
    assert house.case(PROVINCE, "open")
    # and the numbers of the bureau's new events continue the old ones
    assert worked.numbers()["application/open"] == [1, 2]
    # and the former deployment no longer has the case, and accepts no request for the bureau
    with pytest.raises(Unavailable, match="bureau_moving"):
        worked.pooled.ask("get_review", officer, bureau=CITY, id=id)
    assert worked.has("pooled") == {"cases": 0, "answers": 0, "events": 0}
    # while the province continues with its own cases
    assert house.case(PROVINCE, "recommended")


def test_an_event_that_came_before_is_not_heard_again_and_one_that_waited_is(worked: Two) -> None:
    house, runtime = worked.house, worked.pooled.runtime
    # Given three events: one that the bureau has processed, one whose reaction has failed so far, and one that only the province
    # received
    heard = house.event("application", "application.submitted", "application/n", house.submission("n"), CITY)
    waits = house.event("application", "application.submitted", "application/w", house.submission("w"), CITY)
    late = house.event("application", "application.submitted", "application/l", house.submission("l"), CITY)
    runtime.receive([heard.to_json()], CITY)
    runtime.receive([waits.to_json()], CITY)
    runtime.receive([late.to_json()], PROVINCE)
    with worked.pooled.database.write() as session:
        parked = {"state": "parked", "attempts": 7, "error": "trouble", "body": waits.to_json()}
        session.execute(update(inbox).where(inbox.c.id == waits.id).values(parked))
    # When the bureau moves, and the queue delivers all three events again
    with worked.at_work():
        worked.move("pooled", "own")
    for event in (heard, waits, late):
        worked.own.runtime.receive([event.to_json()], CITY)
    # Then the processed event is skipped, the failed one still waits, and the bureau receives the third one
    with worked.own.database.read() as session:
        rows = session.execute(select(inbox.c.id, inbox.c.state, inbox.c.attempts).where(inbox.c.bureau == CITY)).all()
    states = {row.id: (row.state, row.attempts) for row in rows}
    assert (states[heard.id], states[waits.id], states[late.id]) == (("done", 0), ("parked", 7), ("done", 0))
    assert house.case(CITY, "l")
    # and the province's inbox has the events that the province received
    with worked.pooled.database.read() as session:
        heard_by = session.execute(select(inbox.c.bureau).where(inbox.c.subject == "application/l")).scalars().all()
    assert heard_by == [PROVINCE]


def test_what_was_said_leaves_from_where_it_was_said_and_what_was_done_is_sealed_there(worked: Two) -> None:
    # Given an assignment of a case whose audit entry is not sealed and whose event is not published
    house, said = worked.house, list[str]()
    id = house.case(CITY, "open")
    worked.pooled.tell("assign_case", officer, bureau=CITY, id=id, account=officer.username)
    assert house.said("review.assigned") == []
    with worked.moving("pooled", "own", said.append) as move:
        for step in STEPS[:3]:
            getattr(move, step)()
        # When the command drains the source database, Then it waits until the relay has published the event
        draining = threading.Thread(target=move.drain, daemon=True)
        draining.start()
        eventually(lambda: any("are not on the bus yet" in line for line in said))
        assert draining.is_alive()
        house.settle()
        eventually(lambda: not draining.is_alive())
        for step in STEPS[4:]:
            getattr(move, step)()
    # and when the bureau has moved, all its events are published, none of them twice
    worked.serve("own")
    assert [event.data["case"] for event in house.said("review.assigned")] == [id]
    with worked.own.database.read() as session:
        assert (audit.unsealed(session), outbox.unpublished(session)) == (0, [])
    assert worked.flaws("own", (CITY,)) == []


def test_a_subject_that_ended_before_its_case_came_is_known_to_have_ended(worked: Two) -> None:
    house = worked.house
    house.withdraw("early")
    with worked.at_work():
        worked.move("pooled", "own")
    assert house.see(house.submit("early"))["status"] == "void"


def test_the_audit_log_holds_on_both_sides_and_after_the_way_back(worked: Two) -> None:
    house = worked.house
    with worked.at_work():
        worked.move("pooled", "own")
        house.opinion(officer, house.case(CITY, "open"))
        worked.own.runtime.seal()
        house.settle()
    # Given a bureau that has moved and whose audit log has new entries since, Then its audit chain verifies in the new database,
    # with every anchor ever announced
    assert worked.flaws("own", (CITY,)) == []
    assert worked.flaws("pooled", OTHERS) == []
    with worked.pooled.database.read() as session:
        assert session.execute(select(fencing.fences.c.state)).scalars().all() == ["moved"]
    # When the bureau moves back, Then its chain verifies in the first database too
    with worked.at_work():
        worked.move("own", "pooled")
        house.opinion(chief, house.case(CITY, "open"))
        worked.pooled.runtime.seal()
        house.settle()
    assert worked.flaws("pooled", BUREAUS) == []
    assert worked.flaws("own", ()) == []


def test_wherever_the_command_is_killed_it_goes_on_when_it_is_run_again(worked: Two) -> None:
    house = worked.house
    id = house.case(CITY, "open")
    source, target = "pooled", "own"
    with worked.at_work():
        for words in KILLED_AT:
            # Given a move whose command is killed after one of its steps
            worked.move_killed_at(words, source, target)
            # Then at most one deployment serves the bureau
            serving = [name for name in ("pooled", "own") if _serves(worked, name, id)]
            assert len(serving) <= 1
            # When the move is run again, Then all of the bureau's data are in the target, and none are in the source
            worked.move(source, target)
            assert worked.has(target)["cases"] == 3
            assert set(worked.has(source).values()) == {0}
            assert house.see(id)["status"] == "open"
            house.at(CITY).tell("assign_case", officer, bureau=CITY, id=id, account=officer.username)
            source, target = target, source
    house.settle()
    assert len(house.said("review.assigned")) == len(KILLED_AT)
    for numbers in worked.numbers().values():
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert worked.flaws("pooled", BUREAUS) == []


#: Words in the command's output, after each of its steps and in the middle of copying; the test kills the command at each of
#: them. Their number is even, so that the last move brings the bureau back to its first database.
KILLED_AT = ("is to move", "expects it", "does nothing for it", "has published", "cases:", "audit_chain:", "has it", "has moved")


def _serves(two: Two, name: str, id: str) -> bool:
    bench = getattr(two, name)
    try:
        return bool(bench.ask("get_review", officer, bureau=CITY, id=id))
    except Exception as error:
        assert getattr(error, "code", None) in ("bureau_moving", "unknown_review")
        return False


@pytest.mark.parametrize("done", range(1, 5))
def test_a_move_that_has_not_come_to_its_end_is_called_off_by_the_way_back(worked: Two, done: int) -> None:
    # Given an unfinished move that has completed some of its steps
    with worked.at_work(), worked.moving("pooled", "own") as move:
        for step in STEPS[:done]:
            getattr(move, step)()
    # When the operator requests the move in the other direction
    with worked.moving("own", "pooled") as back:
        back.run()
    # Then the bureau stays in its first database, and is served from it
    worked.serve("pooled")
    worked.house.opinion(officer, worked.house.case(CITY, "open"))
    assert set(worked.has("own").values()) == {0}
    if done > 1:  # the target's process refuses the bureau, even if configured for it
        worked.own.runtime.bureaus = (CITY,)
        with pytest.raises(Unavailable, match="bureau_moving"):
            worked.own.ask("list_reviews", officer, bureau=CITY)


def test_a_bureau_that_has_come_is_not_called_off_but_finished_first(worked: Two) -> None:
    with worked.at_work(), worked.moving("pooled", "own") as move:
        for step in STEPS[:5]:
            getattr(move, step)()
    with worked.moving("own", "pooled") as back, pytest.raises(MoveRefused, match="first run the command"):
        back.run()
    with worked.moving("pooled", "own") as again:
        again.run()
    assert worked.has("own")["cases"] == 3


@pytest.mark.parametrize("done", [1, 2, 3, 5])
def test_a_move_begun_towards_one_database_goes_on_to_no_other_and_comes_from_no_other(worked: Two, done: int) -> None:
    # Given an unfinished move from one database to another
    with worked.at_work(), worked.moving("pooled", "own") as move:
        for step in STEPS[:done]:
            getattr(move, step)()
    # When the operator names a third database by mistake, as target or as source, Then the command refuses to move
    for source, target in (("pooled", "settled"), ("settled", "own") if done in (2, 3) else ("settled", "pooled")):
        with worked.moving(source, target) as wrong, pytest.raises(MoveRefused, match="and a third"):
            wrong.run()
    # and the move between the first two databases can be completed
    with worked.at_work():
        worked.move("pooled", "own")
    assert worked.has("own")["cases"] == 3
    assert set(worked.has("pooled").values()) == {0}


def test_what_cannot_be_moved_is_refused_and_stays_as_it_is(worked: Two, tmp_path: Path) -> None:
    house = worked.house
    # Given a database that has already served the bureau, Then the command refuses it as a target
    other = house.deploy(worked.urls["settled"], (CITY,))
    event = house.event("application", "application.submitted", "application/z", house.submission("z"), CITY)
    other.runtime.receive([event.to_json()], CITY)
    with worked.moving("pooled", "settled") as move, pytest.raises(MoveRefused, match="has served 450200 already"):
        move.run()
    # and the refused move leaves no bureau fenced
    assert other.ask("list_reviews", officer, bureau=CITY)["items"]
    assert worked.pooled.ask("list_reviews", officer, bureau=CITY)["items"]
    # Given waiting events that an earlier version received, Then the move is refused until they are processed
    row = {"id": new_id(), "type": "t", "producer": "p", "subject": "s", "sequence": 1, "body": event.to_json()}
    with worked.pooled.database.write() as session:
        session.execute(insert(inbox).values(row | {"received_at": real_now(), "next_attempt_at": real_now(), "state": "parked"}))
    with worked.moving("pooled", "own") as move, pytest.raises(MoveRefused, match="1 events received by an earlier version"):
        move.run()
    # and the command refuses to move a bureau to the database in which it already is, or to SQLite
    with pytest.raises(MoveRefused, match="the same one"), worked.moving("pooled", "pooled"):
        pass
    with pytest.raises(MoveRefused, match="SQLite"):
        Endpoint("file", f"sqlite:///{tmp_path}/a.db", "review", CITY)


def test_what_is_kept_in_common_stays_and_is_known_in_both(worked: Two) -> None:
    with worked.at_work():
        worked.move("pooled", "own")
    for bench in (worked.pooled, worked.own):
        with bench.database.read() as session:
            known = session.execute(select(subjects.c.subject, subjects.c.ended)).all()
        assert ("application/withdrawn", "withdrawn") in [tuple(row) for row in known]
    # but the bureau's own database does not know the subject of another bureau
    with worked.own.database.read() as session:
        assert "application/other" not in session.execute(select(subjects.c.subject)).scalars().all()
    assert worked.house.see(worked.house.case(PROVINCE, "recommended"), province_officer)["status"] == "open"
