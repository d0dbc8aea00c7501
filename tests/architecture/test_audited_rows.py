"""The tables whose rows the audit log digests are declared, every other table has a reason to be left out, and no migration
changes digested rows (docs/adr/0022-the-audit-log.md)."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from deploy import composition
from services.kernel.registry import Registry
from tests.architecture.test_migrations import FILES, loaded, statements

REGISTRIES = [composition.registry_of(service) for service in composition.PARTIES]
AUDITED = {rows.table.name for registry in REGISTRIES for kind in registry.subjects.kinds.values() for rows in kind.rows}

#: Migrations that may change such rows, because they are older than the audit log's digests.
OLDER = {"application_0002", "evaluation_0006", "notification_0007"}

#: Patterns of SQL statements that would change the digest of existing rows. DROP COLUMN is not among them: a column may be
#: dropped if it is empty in every row, because then no digest includes it.
CHANGING = (
    r"^UPDATE (\w+)",
    r"^DELETE FROM (\w+)",
    r"^INSERT INTO (\w+)",
    r"^DROP TABLE (\w+)",
    r"^ALTER TABLE (\w+) RENAME",
    r"^ALTER TABLE (\w+) ALTER COLUMN \S+ (?:SET DATA )?TYPE",
)


def changing(migration: list[str], audited: set[str]) -> list[str]:
    matches = ((statement, re.match(pattern, statement)) for statement in migration for pattern in CHANGING)
    return [statement for statement, match in matches if match and match[1] in audited]


@pytest.mark.parametrize("path", [path for path in FILES if path.stem not in OLDER], ids=lambda path: path.stem)
def test_a_migration_leaves_audited_rows_as_they_are(path: Path) -> None:
    assert changing(statements(loaded(path)), AUDITED) == []


@pytest.mark.parametrize(
    ("statement", "changes"),
    [
        ("UPDATE scores SET total = '0'", True),
        ("DELETE FROM scores", True),
        ("INSERT INTO scores (id) VALUES ('1')", True),
        ("DROP TABLE scores", True),
        ("ALTER TABLE scores RENAME total TO points", True),
        ("ALTER TABLE scores ALTER COLUMN total TYPE INTEGER", True),
        ("ALTER TABLE scores ADD COLUMN note TEXT", False),
        ("CREATE INDEX ix_scores ON scores (total)", False),
        ("UPDATE timeline SET article = NULL", False),
    ],
)
def test_a_statement_that_changes_audited_rows_is_recognised(statement: str, changes: bool) -> None:
    assert bool(changing([statement], {"scores"})) is changes


#: Reason → the tables (service, name) that no digest includes for this reason.
UNAUDITED = {
    "made from audited rows, for searches, counts and locks": {
        ("application", "directions"),
        ("application", "numbers"),
        ("application", "terms"),
        ("evaluation", "outcome_drafts"),
        ("documents", "names"),
        ("documents", "number_series"),
        ("review", "case_tasks"),
    },
    "shown beside the entries of the same transactions": {("application", "timeline")},
    "copied from events of another service, which has it in its own log": {
        ("application", "legal_holds"),
        ("review", "accounts"),
        ("review", "calls"),
        ("review", "subjects"),
        ("review", "deployments"),
        ("evaluation", "policies"),
        ("documents", "policies"),
        ("documents", "handed_in"),
        ("documents", "records"),
        ("notification", "cases"),
        ("notification", "contacts"),
        ("notification", "deadlines"),
        ("notification", "feed"),
    },
    "printed in the document, whose digest the log has": {("documents", "document_numbers")},
    "a record of reading, not of a change": {("gateway", "looks")},
    "a person's own, no decision": {
        ("gateway", "own_settings"),
        ("gateway", "working_copies"),
        ("notification", "letters"),
        ("notification", "messages"),
        ("notification", "preferences"),
        ("notification", "reads"),
    },
    "how far the service's own work and its counts have come": {
        ("documents", "chores"),
        ("documents", "locking"),
        ("notification", "deliveries"),
        ("gateway", "attempts"),
        ("gateway", "key_usage"),
        ("gateway", "proofs"),
        ("gateway", "sessions"),
    },
}


def test_every_table_is_audited_or_left_out_for_a_reason() -> None:
    tables = {
        (registry.service, name)
        for registry in REGISTRIES
        for name in importlib.import_module(f"{_package(registry.service)}.tables").metadata.tables
    }
    audited = {
        (registry.service, rows.table.name)
        for registry in REGISTRIES
        for kind in registry.subjects.kinds.values()
        for rows in kind.rows
    }
    assert tables - audited == set().union(*UNAUDITED.values())


def _package(service: str) -> str:
    return "gateway.identity" if service == "gateway" else f"services.{service}"


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.service)
def test_columns_that_are_left_out_of_a_digest_exist(registry: Registry) -> None:
    for kind in registry.subjects.kinds.values():
        for rows in kind.rows:
            for name in rows.without:
                assert name in rows.table.c, f"{rows.table.name}.{name}"
