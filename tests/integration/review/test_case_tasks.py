"""The stored tasks of a bureau's officials: a to-do list reads them from an index, however many cases wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Table, delete, event, insert, select, text, update

from deploy.local_services.postgres import Postgres
from services.kernel.identity import PROVINCE, Actor
from services.kernel.persistence import migrate
from services.kernel.persistence.paging import COUNTED
from services.kernel.testing import ServiceHarness
from services.review import tables
from services.review.case_tasks import outdated
from services.review.tables import case_tasks, cases
from tests.integration.review.scenario import (
    CITY,
    House,
    an_expert,
    chief,
    officer,
    province_chief,
    province_officer,
)

FEW, MANY = 70, 2_000
#: The largest numbers of steps of SQLite's virtual machine: for counting one row of the index, and for reading the platform's
#: date, which a process reads once a second.
STEPS_PER_COUNTED_ROW, STEPS_OF_DATE = 15, 100
#: The largest number of steps of SQLite's virtual machine for counting one row of the inbox, whose case is looked up too.
STEPS_PER_LISTED_ROW = 20


def undrafted(house: House) -> str:
    return house.submit()


def drafted(house: House) -> str:
    id = house.submit()
    house.opinion(officer, id)
    return id


def in_scoring(house: House) -> str:
    house.experts(3)
    id = house.to_panel()
    house.tell("draw_panel", province_officer, id, size=3)
    return id


def decidable(house: House) -> str:
    house.experts(3)
    return house.to_decision("app", (80, 81, 82))


def multiply(bench: ServiceHarness, id: str, numbers: range) -> None:
    """Copy a case once for each number, with all its rows that a to-do list reads."""
    of_case: dict[Table, Any] = {cases: cases.c.id} | {
        table: table.c.case_id for table in (tables.rounds, tables.opinions, tables.seats, case_tasks)
    }
    with bench.database.write() as session:
        for table, column in of_case.items():
            rows = [dict(row) for row in session.execute(select(table).where(column == id)).mappings()]
            if rows:
                session.execute(insert(table), [_copy(row, id, number) for number in numbers for row in rows])


def _copy(row: dict[str, Any], id: str, number: int) -> dict[str, Any]:
    """Return the copy of a row for this number, with ids of its own."""
    own = {"case_id": f"{id}-{number}"} if "case_id" in row else {"id": f"{id}-{number}", "subject": f"application/{number}"}
    return row | ({"id": f"{row['id'][9:]}-{number}"} if "id" in row else {}) | own


@contextmanager
def counted_steps(bench: ServiceHarness) -> Iterator[list[int]]:
    """Yield a list whose only entry is the number of steps that SQLite's virtual machine makes in this block."""
    made = [0]

    def step() -> None:
        made[0] += 1

    def watch(connection: Any, *_: Any) -> None:
        connection.set_progress_handler(step, 1)

    def leave(connection: Any, *_: Any) -> None:
        connection.set_progress_handler(None, 1)

    engine = bench.database.engine
    event.listen(engine, "checkout", watch)
    event.listen(engine, "checkin", leave)
    try:
        yield made
    finally:
        event.remove(engine, "checkout", watch)
        event.remove(engine, "checkin", leave)


def steps(house: House, actor: Actor, query: str, **payload: Any) -> int:
    bench = house.at(actor.bureau or PROVINCE)
    bench.ask(query, actor, **payload)  # Not counted: the first request also fills caches.
    with counted_steps(bench) as made:
        bench.ask(query, actor, **payload)
    return made[0]


#: Parameters of a test: a function that creates a case waiting for one step, and an official who queries the bureau's lists.
WAITING = pytest.mark.parametrize(
    ("waiting", "actor"),
    [
        (undrafted, officer),
        (undrafted, chief),
        (drafted, officer),
        (drafted, chief),
        (in_scoring, province_officer),
        (in_scoring, province_chief),
        (decidable, province_officer),
        (decidable, province_chief),
    ],
    ids=lambda given: given.__name__ if callable(given) else given.username,
)


@pytest.mark.writes_rows
@WAITING
@pytest.mark.parametrize("query", ["todo", "todo_counts"])
def test_a_to_do_list_takes_no_more_steps_however_many_cases_wait(
    house: House, waiting: Callable[[House], str], actor: Actor, query: str
) -> None:
    # Given a few cases that wait for the same step
    id = waiting(house)
    bench = house.at(id[:-37])
    multiply(bench, id, range(1, FEW))
    few, counted = steps(house, actor, query), bench.ask(query, actor)["counts"]
    assert all(entry["count"] == FEW for entry in counted)
    # When very many cases wait for that step
    multiply(bench, id, range(FEW, MANY))
    # Then the query takes more steps only to count this actor's tasks, and the count stops at `COUNTED`
    more = steps(house, actor, query) - few
    assert more <= len(counted) * COUNTED * STEPS_PER_COUNTED_ROW + STEPS_OF_DATE
    assert bench.ask(query, actor)["counts"] == [entry | {"count": COUNTED} for entry in counted]


@pytest.mark.writes_rows
@WAITING
@pytest.mark.parametrize("awaiting", ["draft", "signature", "scores", "decision"])
def test_a_tab_of_the_inbox_takes_no_more_steps_however_many_cases_wait_for_other_steps(
    house: House, waiting: Callable[[House], str], actor: Actor, awaiting: str
) -> None:
    # Given a few cases that wait for the same step
    id = waiting(house)
    bench = house.at(id[:-37])
    multiply(bench, id, range(1, FEW))
    few, listed = steps(house, actor, "list_reviews", awaiting=awaiting), bench.ask("list_reviews", actor, awaiting=awaiting)
    # When very many cases wait for that step
    multiply(bench, id, range(FEW, MANY))
    # Then only the query of these cases' own tab takes more steps, to count them, and the count stops at `COUNTED`
    more = steps(house, actor, "list_reviews", awaiting=awaiting) - few
    assert more <= bool(listed["items"]) * COUNTED * STEPS_PER_LISTED_ROW + STEPS_OF_DATE


@pytest.mark.writes_rows
def test_every_row_of_a_tab_is_shown_once_on_its_pages(house: House) -> None:
    multiply(house.at(CITY), drafted(house), range(1, FEW))
    shown: list[str] = []
    cursor = None
    while cursor or not shown:
        page = house.at(CITY).ask("list_reviews", chief, awaiting="signature", limit=30, cursor=cursor)
        shown += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert len(shown) == len(set(shown)) == FEW
    assert house.at(CITY).ask("review_counts", chief)["signature"] == FEW


def every_step(house: House) -> None:
    """Create cases that wait for each kind of task, and cases that wait for no task."""
    experts = house.experts(4)
    house.submit("undrafted")
    house.opinion(officer, house.submit("drafted"))
    own = house.submit("own draft")
    house.opinion(Actor(chief.username, ("officer",), CITY), own)
    house.submit("report", kind="annual_report", stage="acceptance")
    house.withdraw("report")
    house.submit("another report", kind="annual_report", stage="acceptance")
    house.to_panel("panel")
    scoring = house.to_panel("scoring")
    house.tell("draw_panel", province_officer, scoring, experts=[expert.username for expert in experts[:3]])
    house.score(an_expert(1), scoring, 80)
    house.to_decision("decidable", (80, 81, 82))
    proposed = house.to_decision("proposed", (70, 71, 72))
    house.opinion(province_officer, proposed, "decision")
    # A case of an earlier release, which did not store whether four eyes apply.
    with house.at(PROVINCE).database.write() as session:
        session.execute(update(cases).where(cases.c.subject == "application/decidable").values(four_eyes=None))
    house.at(PROVINCE).runtime.sweep()


def stored(bench: ServiceHarness) -> list[tuple[Any, ...]]:
    with bench.database.read() as session:
        return sorted(map(tuple, session.execute(select(case_tasks))), key=str)


@pytest.mark.writes_rows
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_migration_finds_the_tasks_of_old_cases(kind: str, house: House, request: pytest.FixtureRequest) -> None:
    # Given cases at each step, in a database without stored tasks
    if kind == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        house = House([postgres.create_database("old_case_tasks")])
    every_step(house)
    bench = house.at(CITY)
    before = stored(bench)
    kinds = {"draft", "sign", "sign_undrafted", "propose", "decide", "panel", "scoring"}
    assert {row[1] for row in before} == kinds
    with bench.database.write() as session:
        session.execute(text("DROP TABLE case_tasks"))
        session.execute(text("UPDATE alembic_version SET version_num = 'review_0012' WHERE version_num = 'review_0013'"))
    # When the database is migrated
    assert migrate.upgrade("review", bench.database)
    # Then the migration stores the same tasks that the service had stored
    assert stored(bench) == before
    with bench.database.read() as session:
        assert outdated(session) == []
    if kind == "postgresql":
        house.close()


def test_a_sweep_stores_the_tasks_of_cases_that_an_earlier_release_changed(house: House) -> None:
    # Given the rows that an earlier release leaves: a new case without stored tasks, and a drafted case that still has the task
    # to draft
    new, drafted = house.submit("new"), house.submit("drafted")
    house.opinion(officer, drafted)
    bench = house.at(CITY)
    with bench.database.write() as session:
        session.execute(delete(case_tasks).where(case_tasks.c.case_id == new))
        session.execute(case_tasks.update().values(kind="draft", drafted_by=None))
    assert [item["subject"]["id"] for item in bench.ask("todo", officer)["items"]] == [drafted]
    # When the service sweeps
    bench.runtime.sweep()
    # Then the officer's to-do list has the new case, and the chief's has the drafted case
    listed = {actor.username: [item["subject"]["id"] for item in bench.ask("todo", actor)["items"]] for actor in (officer, chief)}
    assert listed == {officer.username: [new], chief.username: [drafted]}
    # And the next sweep changes no tasks
    assert [done for done in bench.runtime.sweep() if done["sweep"] == "case_tasks"] == []
