"""Tamper with every column of a service's rows, as a person with the database's password could, and check that the audit finds
it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Integer, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.kernel import audit
from services.kernel.persistence.database import Database, Instant
from services.kernel.persistence.subject_rows import SubjectRows
from services.kernel.registry import Registry


def unnoticed(database: Database, registry: Registry, *tables: str) -> list[str]:
    """Return the columns and rows of a service's audited tables (or only of `tables`) that can be changed, deleted or copied
    without the audit check finding it. All changes are undone. An empty table is in the result too: the test must fill it."""
    audited = {rows.table.name: rows for kind in registry.subjects.kinds.values() for rows in kind.rows}
    return [flaw for name in tables or audited for flaw in _unnoticed(database, registry, audited[name])]


def _unnoticed(database: Database, registry: Registry, rows: SubjectRows) -> Iterator[str]:
    table = rows.table
    with database.read() as session:
        row = session.execute(select(table).where(rows.where).limit(1)).one_or_none()
    if row is None:
        yield f"{table.name} is empty"
        return
    own = [column == getattr(row, column.name) for column in table.primary_key.columns]
    for column in rows.columns:
        if not column.primary_key and not column.foreign_keys:
            value = _other(column, getattr(row, column.name))
            if not _seen(database, registry, update(table).where(*own).values({column.name: value})):
                yield f"{table.name}.{column.name}"
    if not _seen(database, registry, delete(table).where(*own)):
        yield f"{table.name}: a row removed"
    free = (column for column in table.primary_key.columns if not column.foreign_keys)
    keys = {column.name: _other(column, getattr(row, column.name)) for column in free}
    if keys and not _seen(database, registry, insert(table).values(dict(row._mapping) | keys)):
        yield f"{table.name}: a row inserted"


class _Undone(Exception):
    pass


def _seen(database: Database, registry: Registry, statement: Any) -> bool:
    """Return True if the audit check detects the statement's change, or if the database refuses the statement."""
    seen = True
    try:
        with database.write() as session:
            seen = _changed(session, registry, statement)
            raise _Undone
    except (_Undone, IntegrityError):
        return seen


def _changed(session: Session, registry: Registry, statement: Any) -> bool:
    session.execute(statement)
    return bool(audit.verify_rows(session, registry).flaws)


def _other(column: Column[Any], value: Any) -> Any:
    """Return a value of the column's type that differs from `value`."""
    if isinstance(column.type, Instant):
        return datetime(2001, 1, 1, tzinfo=UTC)
    if isinstance(column.type, Date):
        return date(2001, 1, 1)
    if isinstance(column.type, JSON):
        return {"rewritten": True}
    if isinstance(column.type, Boolean):
        return not value
    return (value or 0) + 1000 if isinstance(column.type, Integer) else f"{str(value or '')[:-1]}#"
