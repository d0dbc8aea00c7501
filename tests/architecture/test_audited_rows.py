"""Rows that the audit log digests: declared once, and never changed by a migration (docs/adr/0022-the-audit-log.md)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deploy import assembly
from services.kernel.registry import Registry
from tests.architecture.test_migrations import FILES, loaded, statements

REGISTRIES = [assembly.registry_of(service) for service in assembly.PARTIES]
AUDITED = {rows.table.name for registry in REGISTRIES for kind in registry.subjects.kinds.values() for rows in kind.rows}

#: Migrations that are older than the digests.
OLDER = {"application_0002", "evaluation_0006", "notification_0007"}

#: Statements that would change the digest of rows that exist. A column may be dropped if it is empty in every row: then no digest
#: includes it.
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


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.service)
def test_columns_that_are_left_out_of_a_digest_exist(registry: Registry) -> None:
    for kind in registry.subjects.kinds.values():
        for rows in kind.rows:
            for name in rows.without:
                assert name in rows.table.c, f"{rows.table.name}.{name}"
