"""Lists and searches use an index, however many cases there are: the tests read PostgreSQL's query plans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, text

from deploy.local_services.postgres import Postgres
from services.kernel.identity import NOBODY, Actor
from tests.integration.application.scenario import AUDITOR, CHIEF, World, applicant, bureau

ROWS = 20_000
#: The tables that grow with the number of cases: no query may scan one of them as a whole.
GROWING = ("applications", "units", "consortia", "consortium_units", "terms", "timeline", "places", "versions", "directions")
LEAD = "91450200MA0000001X"

_FILL = """
INSERT INTO organisations (uscc, name, figures, platforms, registered, revision, created_at, updated_at)
SELECT 'u' || n, '单位' || n, '[]', '[]', true, 1, now(), now() FROM generate_series(1, 500) n;
INSERT INTO applications (id, channel, policy, as_of, status, stage, round, version, revision, name, field, lead,
    recommender, content, agreement, at_province, searchable, created_at, updated_at, correction_due, publicity_ends)
SELECT 'a' || lpad(n::text, 9, '0'), 'call', 'p', now(),
    (ARRAY['submitted','recognised','draft','declined','returned'])[1 + n % 5], 'recommendation',
    1, CASE n % 5 WHEN 2 THEN 0 ELSE 1 END, 1, '联合体' || n, '糖业', 'u' || (n % 500),
    '45' || lpad((1 + n % 14)::text, 2, '0') || '00', '{}', '{}', n % 3 = 0, '联合体' || n, now(), now(),
    now() + n * interval '1 second', NULL
FROM generate_series(1, :rows) n;
INSERT INTO units (application_id, uscc)
SELECT 'a' || lpad(n::text, 9, '0'), 'u' || ((n * m) % 500) FROM generate_series(1, :rows) n, generate_series(1, 3) m
ON CONFLICT DO NOTHING;
INSERT INTO consortia (id, number, name, field, status, recognised_on, recommender, lead, policy, imported, revision,
    created_at, searchable)
SELECT 'k' || lpad(n::text, 9, '0'), 'N' || n, '联合体' || n, '领域' || (n % 50),
    (ARRAY['active','rectifying'])[1 + n % 2], now(),
    '45' || lpad((1 + n % 14)::text, 2, '0') || '00', 'u' || (n % 500), 'p', false, 1, now(), '联合体' || n
FROM generate_series(1, :rows) n;
INSERT INTO consortium_units (consortium_id, uscc, place)
SELECT 'k' || lpad(n::text, 9, '0'), 'u' || ((n * m) % 500), m FROM generate_series(1, :rows) n, generate_series(1, 3) m
ON CONFLICT DO NOTHING;
INSERT INTO terms (kind, term, id)
SELECT DISTINCT k.kind, substr(k.name, p, 2), k.id
FROM (SELECT 'consortium' AS kind, id, name FROM consortia UNION ALL SELECT 'application', id, name FROM applications) k,
    generate_series(1, 12) p WHERE length(k.name) > p;
INSERT INTO places (uscc, subject, leads, held, reserved_at)
SELECT 'u' || (n % 500), 'application/a' || lpad(n::text, 9, '0'), n % 9 = 0, n % 2 = 0, now() FROM generate_series(1, :rows) n;
INSERT INTO versions (application_id, number, round, submitted_at, submitted_by, agreement_version, policy, eligible, content,
    documents, inputs, findings, changed)
SELECT id, 1, 1, now(), 'x', 'x', 'p', true,
    json_build_object('name', '糖业方向' || substr(id, 6), 'research_direction', '甘蔗机收'),
    '{}', '{}', '{}', '{}' FROM applications;
INSERT INTO directions (id, text) SELECT id, '糖业方向' || substr(id, 6) FROM applications WHERE version > 0;
INSERT INTO terms (kind, term, id)
SELECT DISTINCT CASE status WHEN 'recognised' THEN 'recognised' ELSE 'direction' END, substr(text, p, 2), id
FROM (SELECT d.id, d.text, a.status FROM directions d JOIN applications a USING (id)) k, generate_series(1, 12) p
WHERE length(text) > p;
UPDATE applications SET compared_version = CASE status WHEN 'recognised' THEN -1 WHEN 'declined' THEN 0 ELSE version END
WHERE id > 'a000000100';
INSERT INTO timeline (id, subject, at, type, actor, detail, public)
SELECT 't' || lpad(n::text, 9, '0'), 'application/a' || lpad((n / 4)::text, 9, '0'), now(), 't',
    '{"username": "x", "role": "x", "bureau": null, "organisation": null}', '{}', true
FROM generate_series(1, :rows) n;
"""


@pytest.fixture(scope="module")
def crowded(request: pytest.FixtureRequest, postgres: Postgres) -> World:
    """Return a World on PostgreSQL with 20,000 applications and 20,000 consortia, one for each module that uses it."""
    world = World(postgres.create_database(f"plans_{request.module.__name__.rpartition('.')[2]}"))
    with world.bench.database.engine.begin() as connection:
        for statement in _FILL.strip().removesuffix(";").split(";\n"):
            connection.execute(text(statement), {"rows": ROWS} if ":rows" in statement else {})
    with world.bench.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return world


def plans_of(world: World, run: Callable[[], Any]) -> str:
    """Return the query plans of every SELECT that `run` sends."""
    seen: list[tuple[str, Any]] = []

    def keep(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    event.listen(world.bench.database.engine, "before_cursor_execute", keep)
    run()
    event.remove(world.bench.database.engine, "before_cursor_execute", keep)
    with world.bench.database.engine.connect() as connection:
        lines = [row[0] for sent in seen for row in connection.exec_driver_sql("EXPLAIN " + sent[0], sent[1])]
    return "\n".join(lines)


UNIT = applicant("u7")
CITY = bureau("450200")


@pytest.mark.parametrize(
    ("query", "actor", "payload"),
    [
        ("list_applications", CITY, {}),
        ("list_applications", CITY, {"status": "returned"}),
        ("list_applications", CHIEF, {}),
        ("list_applications", CHIEF, {"status": "submitted", "recommender": "450300"}),
        ("list_applications", CHIEF, {"q": "合体19"}),
        ("list_applications", CHIEF, {"q": "联合体"}),
        ("list_applications", AUDITOR, {"status": "declined"}),
        ("list_applications", UNIT, {}),
        ("list_applications", UNIT, {"q": "体777"}),
        ("list_applications", UNIT, {"confirmation": "pending"}),
        ("list_consortia", CITY, {}),
        ("list_consortia", CHIEF, {"status": "rectifying"}),
        ("list_consortia", UNIT, {}),
        ("public_consortia", NOBODY, {}),
        ("public_consortia", NOBODY, {"field": "领域7"}),
        ("public_consortia", NOBODY, {"number": "N77"}),
        ("public_consortia", NOBODY, {"q": "联合体19999"}),
        ("public_publicity", NOBODY, {}),
        ("organisation_standing", CHIEF, {"uscc": "u7"}),
        ("search", CHIEF, {"q": "合体19", "limit": 10}),
        ("search", CITY, {"q": "联合体", "limit": 10}),
        ("search", UNIT, {"q": "体777", "limit": 10}),
        ("application_timeline", AUDITOR, {"id": "a000000077"}),
        ("similar_directions", AUDITOR, {"id": "a000000075"}),
    ],
)
def test_no_list_reads_a_growing_table_from_end_to_end(crowded: World, query: str, actor: Actor, payload: dict[str, Any]) -> None:
    plans = plans_of(crowded, lambda: crowded.ask(query, actor, **payload))
    assert "Scan" in plans
    assert [line.strip() for line in plans.split("\n") for table in GROWING if f"Seq Scan on {table}" in line] == []


def test_the_next_page_begins_where_the_last_ended(crowded: World) -> None:
    first = crowded.ask("public_consortia", NOBODY, limit=50)
    plans = plans_of(crowded, lambda: crowded.ask("public_consortia", NOBODY, limit=50, cursor=first["next_cursor"]))
    assert "Index Cond: ((id)::text < " in plans


def test_sweeps_find_what_is_due_by_an_index(crowded: World) -> None:
    assert "Seq Scan on applications" not in plans_of(crowded, crowded.bench.runtime.sweep)
