"""No action for a fenced bureau is carried out, and none of its data is lost; other bureaus are not affected."""

from __future__ import annotations

import threading
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import select, text

from deploy.local_services.postgres import Postgres
from services.kernel.errors import Unavailable
from services.kernel.identity import PROVINCE
from services.kernel.messaging.inbox import Arrival, receive
from services.kernel.persistence.tables import inbox
from services.kernel.relocation import fencing
from services.review.repository import case_of
from tests.integration.review.scenario import ANSWERS, CITY, OTHER_CITY, House, chief, officer, other_officer

QUEUE = f"rpc.review.{CITY}"
OPINION = {"stage": "recommendation", "outcome": "pass", "comment": "同意", "answers": ANSWERS}


def fence(house: House, state: str = fencing.LEAVING) -> None:
    with house.at(CITY).database.write() as session:
        fencing.raise_fence(session, CITY, state, "move")


def lift(house: House) -> None:
    with house.at(CITY).database.write() as session:
        fencing.lift_fence(session, CITY)


@pytest.mark.parametrize("state", [fencing.LEAVING, fencing.MOVED, fencing.ARRIVING])
def test_a_fenced_bureau_is_neither_asked_nor_told_and_whoever_tries_hears_that_it_moves(house: House, state: str) -> None:
    # Given two bureaus, each with a case
    id, other = house.submit(), house.submit("other", bureau=OTHER_CITY)
    # When the first bureau is fenced
    fence(house, state)
    # Then requests for the fenced bureau are refused, and can be repeated later
    for name, more in (("get_review", {}), ("give_opinion", OPINION)):
        with pytest.raises(Unavailable) as refused:
            house.at(CITY).tell(name, officer, bureau=CITY, id=id, **more)
        assert (refused.value.code, refused.value.details["retry_after"]) == ("bureau_moving", 5)
    # and the other bureau continues to work
    house.opinion(other_officer, other)
    assert len(house.see(other)["opinions"]) == 1
    # and when the fence is lifted, the bureau reviews its case as before
    lift(house)
    house.opinion(officer, id)
    house.opinion(chief, id)
    assert house.see(id)["status"] == "passed"


def test_a_move_that_is_only_prepared_stops_nobody(house: House) -> None:
    id = house.submit()
    fence(house, fencing.PREPARING)
    assert house.at(CITY).ask("get_review", officer, bureau=CITY, id=id)["id"] == id


def test_what_would_change_a_fenced_bureaus_case_by_another_door_is_rolled_back(house: House) -> None:
    # Given a case of a fenced bureau, When a command names the case but not the bureau
    id = house.submit()
    fence(house)
    with pytest.raises(Unavailable, match="bureau_moving"):
        house.at(CITY).tell("give_opinion", officer, id=id, **OPINION)
    # Then the command is refused and changes nothing
    lift(house)
    assert house.see(id)["opinions"] == []


def test_an_event_for_a_fenced_bureau_is_not_taken_and_has_its_effect_afterwards(house: House) -> None:
    # Given a fenced bureau, When an event for the bureau arrives on the bureau's queue
    runtime = house.at(CITY).runtime
    event = house.event("application", "application.submitted", "application/app", house.submission("app"), CITY)
    fence(house)
    with pytest.raises(Unavailable, match="bureau_moving"):
        runtime.receive([event.to_json()], CITY)
    # Then the event is not stored for that bureau, but it is stored for the province, which receives it on the province's queue
    runtime.receive([event.to_json()], PROVINCE)
    with house.at(CITY).database.read() as session:
        assert session.execute(select(inbox.c.bureau)).scalars().all() == [PROVINCE]
        assert case_of(session, CITY, "application/app") is None
    # and the event takes effect when it arrives again after the fence was lifted
    lift(house)
    runtime.receive([event.to_json()], CITY)
    assert house.case(CITY)


def test_a_withdrawal_heard_by_the_province_leaves_a_fenced_bureaus_case_to_whoever_serves_it(house: House) -> None:
    # Given a recommended case whose bureau is fenced
    house.recommend()
    id, runtime = house.case(CITY), house.at(PROVINCE).runtime
    fence(house)
    # When the province receives the withdrawal of the application
    withdrawn = house.withdrawal().to_json()
    runtime.receive([withdrawn], PROVINCE)
    # Then the province's case is closed, and the bureau's case is closed only when the bureau receives the withdrawal after the
    # fence
    assert house.see(house.case(PROVINCE))["status"] == "withdrawn"
    lift(house)
    assert house.see(id)["status"] == "passed"
    runtime.receive([withdrawn], CITY)
    assert house.see(id)["status"] == "withdrawn"


def test_an_event_that_waits_for_its_reaction_waits_as_long_as_the_fence_stands(house: House) -> None:
    # Given an event of a bureau in the inbox, When the bureau is fenced before a worker reacts to the event
    bench = house.at(CITY)
    house.submit()
    event = house.event("application", "application.submitted", "application/app", house.submission("app", 2), CITY)
    with bench.database.write() as session:
        receive(session, [Arrival.of(event.to_json(), CITY)], reacting=False)
    fence(house)
    # Then no worker reacts to the waiting event until the fence is lifted
    assert bench.runtime.process() == 0
    lift(house)
    assert bench.runtime.process() == 1
    assert house.see(house.case(CITY))["version"] == 2


def test_the_queues_of_a_fenced_bureau_are_left_and_taken_up_again(house: House) -> None:
    runtime = house.at(CITY).runtime
    fence(house)
    runtime.refresh_fences()
    assert QUEUE not in runtime.request_queues()
    assert [binding.bureau for binding in runtime.bindings()] == [PROVINCE, OTHER_CITY, "GX-MIIT"]
    assert f"review.{CITY}" in runtime.exchanges()  # The relay still publishes the bureau's earlier events.
    lift(house)
    runtime.refresh_fences()
    assert QUEUE in runtime.request_queues()


def test_once_a_fence_stands_no_transaction_is_left_that_began_before_it(postgres: Postgres) -> None:
    # Given a running command for a bureau
    house = House([postgres.create_database("review_fenced")])
    id, database = house.submit(), house.at(CITY).database
    refused: list[BaseException | None] = []

    def tell(name: str) -> None:
        try:
            house.at(CITY).tell("assign_case", officer, bureau=CITY, id=id, account=name)
        except Exception as error:
            refused.append(error)
        else:
            refused.append(None)

    def waiting(count: int) -> None:
        with database.engine.connect() as connection:
            blocked = text("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
            deadline = monotonic() + 120
            while connection.execute(blocked).scalar_one() < count:
                assert monotonic() < deadline, "nobody waits for the fence"
                connection.rollback()
                sleep(0.01)

    house.account(officer)
    began = threading.Thread(target=tell, args=(officer.username,))
    fencing = threading.Thread(target=fence, args=(house,))
    late = threading.Thread(target=tell, args=(officer.username,))
    with database.engine.connect() as gate:
        gate.execute(text("SELECT * FROM cases FOR UPDATE"))
        began.start()
        waiting(1)
        # When a fence is raised, Then raising it waits until that command ends, and a later command waits until the fence is
        # raised, and is refused
        fencing.start()
        waiting(2)
        late.start()
        waiting(3)
    for thread in (began, fencing, late):
        thread.join()
    assert refused[0] is None
    assert isinstance(refused[1], Unavailable)
    house.close()


def test_an_event_that_waits_is_left_to_the_process_that_serves_its_bureau(tmp_path: Path) -> None:
    # Given two processes on one database, one for a city and one for the other bureaus, and a waiting event of the city
    url = f"sqlite:///{tmp_path}/review.db"
    house = House([url, url], [(CITY,), (PROVINCE, OTHER_CITY)])
    event = house.event("application", "application.submitted", "application/app", house.submission("app"), CITY)
    with house.at(CITY).database.write() as session:
        receive(session, [Arrival.of(event.to_json(), CITY)], reacting=False)
    # When the process of the other bureaus looks for waiting events, Then it finds none
    assert house.at(PROVINCE).runtime.process() == 0
    assert house.at(CITY).runtime.process() == 1
    assert house.case(CITY)
    house.close()


def test_what_an_earlier_version_received_for_all_its_bureaus_at_once_is_known_on_every_queue(house: House) -> None:
    # Given an event that an earlier version stored once for all bureaus of a process
    runtime, database = house.at(CITY).runtime, house.at(CITY).database
    id, withdrawal = house.submit(), house.withdrawal().to_json()
    runtime.receive([withdrawal])
    assert house.see(id)["status"] == "withdrawn"
    # When the event arrives again on each bureau's queue, Then it is not stored a second time
    for bureau in (CITY, PROVINCE):
        runtime.receive([withdrawal], bureau)
    with database.read() as session:
        heard = session.execute(select(inbox.c.bureau).where(inbox.c.type == "application.withdrawn")).scalars().all()
    assert heard == [None]
