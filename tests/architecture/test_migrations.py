"""Migrations first expand and later contract the tables: the previous version of the code must also work on this version's
databases (docs/operations/upgrades.md)."""

from __future__ import annotations

import importlib.util
import io
import re
from pathlib import Path
from types import ModuleType

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations

ROOT = Path(__file__).parents[2]
FILES = sorted(path for top in ("services", "gateway") for path in (ROOT / top).rglob("migrations/**/*_[0-9]*.py"))

#: Patterns of SQL statements that remove or rename what the previous version of the code still reads, or forbid what it still
#: writes.
BREAKING = (
    r"DROP TABLE",
    r"DROP COLUMN",
    r"\bRENAME\b",
    r"ALTER COLUMN \S+ SET NOT NULL",
    r"ALTER COLUMN \S+ (SET DATA )?TYPE",
    r"ALTER COLUMN \S+ DROP DEFAULT",
    r"ADD COLUMN (?!.*\bDEFAULT\b).*NOT NULL",
    r"ADD (CONSTRAINT|UNIQUE|CHECK|FOREIGN KEY|PRIMARY KEY)",
    r"CREATE UNIQUE INDEX",
)


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def statements(module: ModuleType) -> list[str]:
    """Return the SQL statements that a migration sends to PostgreSQL."""
    written = io.StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": written})
    with Operations.context(context):
        module.upgrade()
    return [" ".join(statement.split()) for statement in written.getvalue().split(";") if statement.strip()]


def breaking(told: list[str]) -> list[str]:
    """Return the statements that would break the previous version of the code. A statement about a table or column that the same
    migration creates does not count, because the previous version does not know that table or column."""
    tables = {match[1] for statement in told if (match := re.match(r"CREATE TABLE (\w+)", statement))}
    columns = {
        match[1] for statement in told if (match := re.match(r"ALTER TABLE \w+ ADD COLUMN (\w+) (?!.*DEFAULT)", statement))
    }
    return [statement for statement in told if _breaks(statement, tables, columns)]


def _breaks(statement: str, tables: set[str], columns: set[str]) -> bool:
    if statement.startswith("CREATE TABLE") or not any(re.search(pattern, statement, re.IGNORECASE) for pattern in BREAKING):
        return False
    if (table := re.search(r"(?:ALTER TABLE|\bON) (\w+)", statement)) and table[1] in tables:
        return False
    # The previous version never fills the new column, so a unique constraint on that column cannot refuse a row of the previous
    # version.
    unique = re.search(r"UNIQUE.*?\(([\w, ]+)\)", statement)
    return not (unique and columns & set(unique[1].split(", ")))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_migration_breaks_nothing_that_the_version_before_uses_or_says_why_it_may(path: Path) -> None:
    module = loaded(path)
    found = breaking(statements(module))
    why = getattr(module, "contract", None)
    if found:
        assert isinstance(why, str), (
            f'{path.stem} breaks the version before it: {found}. If none uses it any more: contract = "…"'
        )
        assert re.search(r"\d+\.\d+\.\d+", why), "name the release since which nothing uses it"
    else:
        assert why is None, f"{path.stem} takes nothing away; it needs no excuse"


@pytest.mark.parametrize(
    ("statement", "breaks"),
    [
        ("DROP TABLE papers", True),
        ("ALTER TABLE papers DROP COLUMN size", True),
        ("ALTER TABLE papers RENAME size TO bytes", True),
        ("ALTER TABLE papers RENAME TO sheets", True),
        ("ALTER TABLE papers ALTER COLUMN size SET NOT NULL", True),
        ("ALTER TABLE papers ALTER COLUMN size TYPE INTEGER", True),
        ("ALTER TABLE papers ADD COLUMN size INTEGER NOT NULL", True),
        ("ALTER TABLE papers ADD CONSTRAINT ck CHECK (size > 0)", True),
        ("CREATE UNIQUE INDEX ix_papers ON papers (size)", True),
        ("ALTER TABLE papers ADD COLUMN size INTEGER", False),
        ("ALTER TABLE papers ADD COLUMN size INTEGER DEFAULT 0 NOT NULL", False),
        ("CREATE INDEX ix_papers ON papers (size)", False),
        ("CREATE TABLE papers (id INTEGER NOT NULL, CONSTRAINT pk_papers PRIMARY KEY (id))", False),
        ("ALTER TABLE papers ALTER COLUMN size DROP NOT NULL", False),
        ("DROP INDEX ix_papers", False),
        ("UPDATE papers SET size = 0", False),
    ],
)
def test_what_breaks_is_told_from_what_adds(statement: str, breaks: bool) -> None:
    assert bool(breaking([statement])) is breaks
    if "papers" in statement and not statement.startswith("CREATE TABLE"):
        assert breaking(["CREATE TABLE papers (id INTEGER)", statement]) == (
            [statement] if statement.startswith("DROP TABLE") else []
        )


def test_what_is_unique_by_a_new_column_breaks_nobody() -> None:
    new = "ALTER TABLE papers ADD COLUMN seal TEXT"
    assert (
        breaking([new, "ALTER TABLE papers ADD CONSTRAINT uq UNIQUE (seal)", "CREATE UNIQUE INDEX ix ON papers (size, seal)"])
        == []
    )
    assert breaking([new, "CREATE UNIQUE INDEX ix ON papers (size)"]) != []
