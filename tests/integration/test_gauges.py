"""The services' own metrics are correct on SQLite and on PostgreSQL, and only the leading process exports them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import event, text

from deploy.composition import PARTIES, registry_of
from deploy.local_services.postgres import Postgres
from services.kernel.testing import FixedClock, ServiceHarness

#: The test writes the rows without the services, so they have no audit entries.
pytestmark = pytest.mark.writes_rows

#: For each service: the statements that write the test's rows, and the expected value of each metric. The test's date is
#: 2026-03-02.
ROWS = {
    "review": (
        "INSERT INTO cases (id, bureau, recommender, subject, kind, title, policy, stage, status, settled, version, round, "
        "opened_at, due_on) VALUES "
        + ",".join(
            f"('{due_on}', '450200', '450200', 'application/{due_on}', 'formation', '', '', 'recommendation', '{status}', "
            f"{settled}, 1, 1, '2026-01-01', '{due_on}')"
            for due_on, status, settled in (
                ("2026-02-01", "done", 1),
                ("2026-03-01", "open", 0),
                ("2026-03-02", "open", 0),
                ("2026-03-09", "open", 0),
                ("2099-01-05", "open", 0),
                ("2099-01-06", "done", 1),
            )
        ),
        {
            ("deadlines_without_holidays", "review"): 1,
            ("cases_open", "450200", "recommendation"): 4,
            ("cases_due_soon", "450200", "recommendation"): 1,
            ("cases_overdue", "450200", "recommendation"): 1,
        },
    ),
    "application": (
        "INSERT INTO applications (id, channel, policy, as_of, status, round, version, revision, content, agreement, "
        "at_province, publicity_ends, searchable, created_at, updated_at) VALUES "
        + ",".join(
            f"('{id}', 'call', '', '2026-01-01', '{status}', 1, 1, 1, '{{}}', '{{}}', true, '{ends}', '', '2026-01-01', "
            "'2026-01-01')"
            for id, status, ends in (
                ("a", "publicised", "2026-03-09"),
                ("b", "publicised", "2099-01-05"),
                ("c", "recognised", "2099-01-05"),
            )
        ),
        {("deadlines_without_holidays", "application"): 1},
    ),
    "documents": (
        "INSERT INTO documents (id, subject, kind, filename, size, sha256, state, created_at) VALUES "
        "('a', 'application/1', 'agreement', 'a.pdf', 1, 'x', 'damaged', '2026-01-01'),"
        "('b', 'application/1', 'agreement', 'b.pdf', 1, 'x', 'pending', '2026-01-01'),"
        "('c', 'application/1', 'agreement', 'c.pdf', 1, 'x', 'clean', '2026-01-01'); "
        "INSERT INTO records (subject, file, kind, since, due_on, disposed_on, disposed) VALUES "
        "('application/1', 'application/1', 'draft', '2024-01-01', '2026-03-02', NULL, 0),"
        "('application/2', 'application/2', 'draft', '2024-01-01', '2026-03-03', NULL, 0),"
        "('application/3', 'application/3', 'draft', '2024-01-01', '2026-03-01', '2026-03-01', 1),"
        "('application/4', 'consortium/4', 'application', '2024-01-01', '2026-03-01', NULL, 0),"
        "('consortium/4', 'consortium/4', 'consortium', '2024-01-01', NULL, NULL, 0),"
        "('application/5', 'application/5', 'application', '2024-01-01', '2026-03-01', NULL, 0); "
        "INSERT INTO holds (id, subject, reason, placed_by, placed_at, lifted_at) VALUES "
        "('a', 'consortium/4', '', '', '2025-01-01', NULL), ('b', 'application/5', '', '', '2025-01-01', '2025-02-01')",
        {
            ("documents_damaged",): 1,
            ("documents_pending",): 1,
            ("documents_files_due",): 2,
            ("documents_files_held",): 2,
        },
    ),
    "notification": (
        "INSERT INTO webhooks (id, owner, url, types, secrets, state, reason, cursor, held_until, taken_at, failures, "
        "created_at) VALUES "
        "('a', 'p', 'u', '[]', '[]', 'paused', 'failing', 0, '2026-01-01', '2026-01-01', 0, '2026-01-01'),"
        "('b', 'p', 'u', '[]', '[]', 'active', NULL, 0, '2026-01-01', '2026-01-01', 0, '2026-01-01')",
        {("webhooks", "paused", "failing"): 1, ("webhooks", "active", ""): 1, ("webhook_deliveries_waiting",): 0},
    ),
    "evaluation": (
        "INSERT INTO consortia (id, name, lead, recommender, recognised_on, opened_through, number, field, status, units, goals, "
        "under_guidance) VALUES ('k', '', '', '450200', '2025-01-01', 2025, '', '', 'active', '[]', '[]', false); "
        "INSERT INTO annual_reports (consortium, year, policy, due_at, opened_at, next_reminder, state, version, content, "
        "papers, overdue_told, revision) VALUES "
        "('k', 2024, '', '2026-01-31', '2026-01-01', '2026-01-01', 'due', 0, '{}', '[]', true, 0),"
        "('k', 2025, '', '2026-05-31', '2026-01-01', '2026-01-01', 'due', 0, '{}', '[]', false, 0); "
        "INSERT INTO evaluations (id, title, issued_on, opens_at, closes_at, period_from, period_to, policy, rubric, bands, "
        "caps, allow_younger, min_reviewers, status, publicity_ends, revision, created_at) VALUES "
        "('e', '', '2026-01-01', '2026-01-01', '2026-02-01', '2025-01-01', '2025-12-31', '', '[]', '[]', '{}', false, 1, "
        "'publicised', '2099-01-05', 0, '2026-01-01'),"
        "('f', '', '2026-01-01', '2026-01-01', '2026-02-01', '2025-01-01', '2025-12-31', '', '[]', '[]', '{}', false, 1, "
        "'publicised', '2026-03-09', 0, '2026-01-01')",
        {("reports_overdue", "450200"): 1, ("deadlines_without_holidays", "evaluation"): 1},
    ),
}


def value(service: str, name: str, *labels: str) -> float | None:
    measure = next(measure for measure in registry_of(service).gauges if measure.name == name)
    return REGISTRY.get_sample_value(f"guichuang_{name}", dict(zip(measure.labels, labels, strict=True)))


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("service", ROWS)
def test_what_a_service_counts_is_right(service: str, database: str, tmp_path: Path, postgres: Postgres) -> None:
    url = tmp_path / "a.db" if database == "sqlite" else postgres.create_database(f"measures_{service}")
    bench = ServiceHarness(registry_of(service), url, policies=None, clock=FixedClock())
    statements, expected = ROWS[service]
    with bench.database.write() as session:
        for statement in statements.split("; "):
            session.execute(text(statement))
    assert {(name, *labels): value(service, name, *labels) for name, *labels in expected} == expected
    # A process that is not the leader exports none of these metrics: otherwise Prometheus would add up the values of two
    # processes.
    bench.runtime.leads = lambda: False
    assert {value(service, name, *labels) for name, *labels in expected} == {None}
    bench.database.close()


@pytest.mark.parametrize("service", PARTIES)
def test_what_waits_is_told_of_every_service(service: str, tmp_path: Path) -> None:
    bench = ServiceHarness(registry_of(service), tmp_path / "a.db", policies=None, clock=FixedClock())
    names = (
        "database_up",
        "relay_leader",
        "bus_connected",
        "outbox_waiting",
        "inbox_waiting",
        "dead_letters",
        "backup_timestamp_seconds",
    )
    told = {name: REGISTRY.get_sample_value(f"guichuang_{name}", {"service": service}) for name in names}
    assert told == dict.fromkeys(names, 0.0) | dict.fromkeys(("database_up", "relay_leader", "bus_connected"), 1.0)
    bench.database.close()


#: For each service: the statement that writes completed rows, which the metrics must not read; `:rows` is the number of rows.
PAST = {
    "review": "INSERT INTO cases (id, bureau, recommender, subject, kind, title, policy, stage, status, settled, version, round, "
    "opened_at, due_on) SELECT n, '4502' || lpad((n % 3)::text, 2, '0'), '450200', 'application/' || n, 'formation', '', '', "
    "'decision', 'done', 1, 1, 1, now(), '2026-01-01' FROM generate_series(1, :rows) n",
    "documents": "INSERT INTO documents (id, subject, kind, filename, size, sha256, state, created_at, checked_at) "
    "SELECT n, 'application/' || n, 'agreement', 'a.pdf', 1, 'x', 'clean', now(), now() FROM generate_series(1, :rows) n",
}
_KERNELS_PAST = (
    "INSERT INTO inbox (id, type, producer, subject, sequence, body, received_at, state, next_attempt_at) "
    "SELECT n, 't', 'gateway', 's/' || n, 1, '', now(), 'done', now() FROM generate_series(1, :rows) n",
    "INSERT INTO outbox (id, type, producer, subject, routing_key, body, occurred_at, published_at) "
    "SELECT n, 't', 'gateway', 's/' || n, 't.x', '', now(), now() FROM generate_series(1, :rows) n",
    "INSERT INTO audit (at, bureau, actor, action, subject, correlation_id, sealed) "
    "SELECT now(), '450200', 'x', 'x', 's/' || n, 'c', n FROM generate_series(1, :rows) n",
)


@pytest.mark.parametrize("service", PAST)
def test_what_has_gone_by_is_not_read_again_for_the_metrics(service: str, postgres: Postgres) -> None:
    # Given a service with very many completed rows
    bench = ServiceHarness(registry_of(service), postgres.create_database(f"past_{service}"), policies=None, clock=FixedClock())
    with bench.database.engine.begin() as connection:
        for statement in (PAST[service], *_KERNELS_PAST):
            connection.execute(text(statement), {"rows": 20_000})
    with bench.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    # When the metrics are computed
    seen: list[tuple[str, Any]] = []
    event.listen(bench.database.engine, "before_cursor_execute", lambda _c, _u, said, given, *_: seen.append((said, given)))
    assert REGISTRY.get_sample_value("guichuang_database_up", {"service": service}) == 1.0
    asked = [(said, given) for said, given in seen if said.startswith("SELECT")]
    # Then no query scans a table that grows
    with bench.database.engine.connect() as connection:
        plans = [row[0].strip() for said, given in asked for row in connection.exec_driver_sql("EXPLAIN " + said, given)]
    growing = ("cases", "documents", "inbox", "outbox", "audit")
    assert len(asked) > len(growing)
    assert [line for line in plans for table in growing if f"Seq Scan on {table} " in line] == []
    bench.database.close()
