"""The orchestrator learns whether a service is alive, whether it is ready and, if not, what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from sqlalchemy import text
from werkzeug.test import Client

from deploy.local_services.local_service import free_ports
from deploy.probes import listen
from services.kernel.errors import Unavailable
from services.kernel.observability import health_checks
from services.kernel.persistence import migrate
from services.kernel.persistence.database import Database
from tests.integration.kernel.sample_service import Made


@pytest.fixture
def look(made: Made) -> Callable[[], tuple[int, dict[str, Any]]]:
    health = health_checks.health(made.bench.runtime)

    def look() -> tuple[int, dict[str, Any]]:
        answer = health_checks.ready(health())
        return answer.status, json.loads(answer.body)

    return look


def stamp(made: Made, revision: str) -> None:
    with made.bench.database.write() as session:
        session.execute(
            text("UPDATE alembic_version SET version_num = :to WHERE version_num LIKE 'application_%'"), {"to": revision}
        )


def test_a_service_with_all_it_needs_is_ready(look: Callable[[], Any]) -> None:
    parts = {"bus": True, "database": True, "migrations": True}
    assert look() == (200, {"status": "ready", "missing": [], "parts": parts})


def test_a_database_behind_this_version_is_not_ready_and_one_ahead_is(made: Made, look: Callable[[], Any]) -> None:
    # Given a database that is not migrated to the process's version yet, Then the process is not ready
    stamp(made, "application_0001")
    status, body = look()
    assert (status, body["missing"]) == (503, ["migrations"])
    # When the database is newer than the process, which belongs to the previous version during an upgrade, Then the process is
    # ready
    stamp(made, "application_9999")
    assert look()[0] == 200


@pytest.mark.writes_rows  # The database cannot be reached, so there are no rows to compare.
def test_without_its_database_it_is_not_ready_and_says_so(made: Made) -> None:
    made.bench.database.close()
    made.bench.runtime.database = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    answer = health_checks.ready(health_checks.health(made.bench.runtime)())
    assert answer.status == 503
    assert json.loads(answer.body)["missing"] == ["database", "migrations"]


def test_without_the_bus_it_stays_ready_and_says_so(made: Made, look: Callable[[], Any]) -> None:
    made.bench.runtime.on_bus = lambda: False
    status, body = look()
    assert (status, body["status"], body["missing"]) == (200, "degraded", ["bus"])


def test_a_database_that_was_never_migrated_is_not_ready(tmp_path: Path) -> None:
    assert not migrate.reached(migrate.heads("review"), migrate.current(Database(f"sqlite:///{tmp_path / 'new.db'}")))


def test_a_pool_with_no_connection_left_counts_as_away(postgres: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a process that has no free database connection for longer than a request waits for one
    monkeypatch.setattr("services.kernel.persistence.database.POOL_TIMEOUT", 0.05)
    database = Database(postgres.create_database("pool"), pool=1)
    # When a request needs one more connection, Then it is refused as unavailable, so that the client tries again, and not as an
    # internal error
    with database.read() as session:
        session.connection()
        with pytest.raises(Unavailable), database.read() as second:
            second.connection()
        with pytest.raises(Unavailable):
            migrate.current(database)
    database.close()


def test_the_listener_answers_three_paths_and_no_other(made: Made) -> None:
    client = Client(health_checks.application(health_checks.health(made.bench.runtime)))
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").status_code == 200
    assert "guichuang_requests_total" in client.get("/metrics").text
    assert client.get("/").status_code == 404


def test_processes_that_serve_http_show_metrics_at_an_address_of_their_own() -> None:
    # Given two processes of one gateway that share the address of the metrics
    address = f"127.0.0.1:{free_ports(['probes'])['probes']}"
    for _ in range(2):
        listen(address, lambda: {"database": True}, shared=True)
    # When a client requests the metrics at this address
    with urlopen(f"http://{address}/metrics", timeout=10) as answer:
        # Then the answer has the metrics
        assert "process_cpu_seconds_total" in answer.read().decode()
    with urlopen(f"http://{address}/readyz", timeout=10) as answer:
        assert answer.status == 200
    # and a process that does not share the address cannot listen there
    with pytest.raises(OSError, match="in use"):
        listen(address, dict)
