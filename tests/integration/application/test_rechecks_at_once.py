"""If a fact changes while an application moves to another stage, the rules are evaluated again for the new stage (on PostgreSQL,
where transactions run at the same time)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import text

from deploy.local_services import Postgres
from services.kernel.persistence.database import Database
from tests.integration.application.scenario import World
from tests.integration.application.test_recognition import add_record


@pytest.fixture
def url(postgres: Postgres, request: pytest.FixtureRequest) -> str:
    return postgres.create_database(f"application_{abs(hash(request.node.name)) % 10**8}")


@pytest.fixture
def world(url: str) -> World:
    return World(url)


@contextmanager
def uncommitted(url: str, statement: str, **values: Any) -> Iterator[Any]:
    """Execute this statement, which changes one row, in a transaction that stays open until the end of the block and then
    commits."""
    database = Database(url, pool=1)
    try:
        with database.engine.begin() as connection:
            assert connection.execute(text(statement), values).rowcount == 1
            yield connection
    finally:
        database.close()


def until_done_or_waiting(thread: threading.Thread, connection: Any) -> None:
    """Return when the thread has ended, or when a session of the database waits for a lock."""
    while thread.is_alive() and not connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one():
        thread.join(0.05)


@pytest.mark.writes_rows
def test_a_fact_that_changes_while_the_case_enters_the_decision_is_shown_to_the_decider(world: World, url: str) -> None:
    # Given an application that moves to the stage of the decision in a transaction that is not committed yet
    application = world.submitted()
    world.recommended(application)
    world.passed(application, "formal_check", "expert_review")
    moved = "UPDATE applications SET stage = 'decision' WHERE id = :id"
    with uncommitted(url, moved, id=application["id"]) as connection:
        # When a member gets an integrity record at the same time
        recording = threading.Thread(target=add_record, args=[world, world.members[0].organisation])
        recording.start()
        until_done_or_waiting(recording, connection)
    recording.join()
    # Then the province is notified that the rule about integrity records (I1) fails
    (told,) = world.told("application.rechecked")
    assert [finding["rule"] for finding in told["findings"] if finding["status"] == "fail"] == ["I1"]
