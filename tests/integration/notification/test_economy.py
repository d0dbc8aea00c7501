"""The queries that the workers run periodically find their rows by an index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event, text

from deploy.local_services.postgres import Postgres
from services.kernel.settings import Settings
from services.kernel.testing import ServiceHarness
from services.notification.delivery import dispatch
from services.notification.registry import registry


@pytest.fixture(scope="module")
def bench(postgres: Postgres) -> Iterator[ServiceHarness]:
    made = ServiceHarness(
        registry, postgres.create_database("notification_economy"), policies=None, settings=Settings(seed="demo")
    )
    yield made
    made.database.close()


def sent_by(bench: ServiceHarness, run: Callable[[], Any]) -> list[tuple[str, Any]]:
    """Return the statements that `run` sends, with their parameters."""
    seen: list[tuple[str, Any]] = []

    def keep(_c: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> None:
        seen.append((statement, given))

    event.listen(bench.database.engine, "before_cursor_execute", keep)
    run()
    event.remove(bench.database.engine, "before_cursor_execute", keep)
    return seen


def test_what_waits_for_letters_is_found_by_an_index(bench: ServiceHarness) -> None:
    # Given very many messages whose letters have been created
    with bench.database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO messages (id, audience, type, about, texts, occurred_at, addressed) "
                "SELECT n, 'role:chief', 't', 's', '{}', now(), true FROM generate_series(1, 20000) n"
            )
        )
    with bench.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE messages"))
    # When a worker looks for messages whose letters have not been created yet
    with bench.database.write() as session:
        sent = sent_by(bench, lambda: dispatch.address(session, bench.runtime.settings))
    # Then the worker's query uses an index and does not scan all messages
    with bench.database.engine.connect() as connection:
        plans = [row[0] for said, given in sent for row in connection.exec_driver_sql("EXPLAIN " + said, given)]
    assert any("ix_messages_unaddressed" in line for line in plans)
    assert not [line for line in plans if "Seq Scan on messages" in line]
