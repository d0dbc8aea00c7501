"""Convert the rows of a table to text and back. The text is the same from PostgreSQL and SQLite.

The structure of the tables is read from the database and not from the code, because an archive may contain the database of
another version of the platform.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Date, DateTime, Integer, MetaData, String, Table, Text, cast, select
from sqlalchemy import text as sql
from sqlalchemy.types import JSON

#: Alembic's own table. It is not saved as rows, because the manifest contains the revisions.
REVISIONS = "alembic_version"
#: The number of rows that are fetched or inserted in one step.
BATCH = 1000
#: SQLAlchemy's execution options for a statement whose result may be too large for the memory: its rows are streamed.
STREAMED = {"stream_results": True, "yield_per": BATCH}
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def tables_of(connection: Connection) -> list[Table]:
    """Return all tables except alembic's, each after the tables to which its rows refer."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != REVISIONS]


def columns_of(table: Table) -> list[Column[Any]]:
    """Return a table's columns in the order in which archives contain them, which does not depend on their order in the
    database."""
    return sorted(table.columns, key=lambda column: column.name)


def read(connection: Connection, table: Table) -> Iterator[str]:
    """Yield every row as one line of JSON, in no particular order. The rows are never all in memory."""
    columns = columns_of(table)
    # Read JSON columns as text: after parsing, a JSON null could not be distinguished from SQL NULL.
    selected = [cast(column, Text) if isinstance(column.type, JSON) else column for column in columns]
    convert = [_writer(column) for column in columns]
    for row in connection.execute(select(*selected), execution_options=STREAMED):
        values = [None if value is None else converter(value) for converter, value in zip(convert, row, strict=True)]
        yield _ENCODE(values)


def write(connection: Connection, table: Table, lines: Iterable[str]) -> None:
    """Insert rows from lines that `read` wrote."""
    columns = columns_of(table)
    names = ", ".join(f'"{column.name}"' for column in columns)
    if connection.dialect.name == "postgresql":
        with (
            connection.connection.cursor() as cursor,  # type: ignore[attr-defined]
            cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy,
        ):
            for line in lines:
                copy.write_row(json.loads(line))
        return
    convert = [_sqlite_reader(column) for column in columns]
    statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join("?" * len(columns))})'
    lines = iter(lines)
    while batch := [json.loads(line) for line in islice(lines, BATCH)]:
        rows = [
            tuple(None if value is None else converter(value) for converter, value in zip(convert, row, strict=True))
            for row in batch
        ]
        connection.exec_driver_sql(statement, rows)


class Sum:
    """A checksum over rows in any order: the sum of their SHA-256 digests. No order is needed, because two databases sort text
    differently, and a production server should not sort whole tables for a backup."""

    def __init__(self) -> None:
        self.rows = 0
        self._total = 0

    def over(self, lines: Iterable[str]) -> Iterator[str]:
        """Yield the lines unchanged, and add each to the checksum."""
        for line in lines:
            self.rows += 1
            self._total += int.from_bytes(hashlib.sha256(line.encode()).digest())
            yield line

    @property
    def hex(self) -> str:
        return f"{self._total % (1 << 256):064x}"


def positions_of(connection: Connection, table: Table) -> dict[str, int]:
    """Return the last number that each auto-increment column of a table has assigned. Return nothing for SQLite, which continues
    from the highest existing number."""
    if connection.dialect.name != "postgresql":
        return {}
    return {
        column: connection.execute(sql(f"SELECT last_value FROM {sequence}")).scalar_one()
        for column, sequence in _sequences(connection, table)
    }


def set_positions(connection: Connection, table: Table, last: dict[str, int]) -> None:
    """Set the PostgreSQL sequences of a table after its rows were inserted, so that the next number was never used before.
    `last`: the last number used, by column; it may exceed that of the highest row, if newer rows were deleted. On other
    databases, do nothing."""
    if connection.dialect.name != "postgresql":
        return
    for column, sequence in _sequences(connection, table):
        highest = connection.execute(sql(f'SELECT max("{column}") FROM "{table.name}"')).scalar_one() or 0
        if number := max(highest, last.get(column, 0)):
            connection.execute(
                sql("SELECT setval(CAST(:sequence AS regclass), :number)"), {"sequence": sequence, "number": number}
            )


def _sequences(connection: Connection, table: Table) -> list[tuple[str, str]]:
    sequences_found = []
    for column in table.columns:
        if isinstance(column.type, Integer):
            statement = sql("SELECT pg_get_serial_sequence(:table, :column)")
            owned = connection.execute(statement, {"table": f'"{table.name}"', "column": column.name}).scalar_one()
            sequences_found += [(column.name, owned)] if owned else []
    return sequences_found


def _instant(value: datetime) -> str:
    return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat(timespec="microseconds")


def _unchanged(value: Any) -> Any:
    return value


def _writer(column: Column[Any]) -> Callable[[Any], Any]:
    """Return the function that converts a column's values to JSON. Raises TypeError for a column type that it does not
    support."""
    if isinstance(column.type, DateTime):
        return _instant
    if isinstance(column.type, Date):
        return date.isoformat
    if isinstance(column.type, (Boolean, Integer, String, JSON)):
        return _unchanged
    raise TypeError(f"{column.table.name}.{column.name} is of a type that no archive knows: {column.type!r}")


def _sqlite_reader(column: Column[Any]) -> Callable[[Any], Any]:
    if isinstance(column.type, DateTime):
        return lambda value: datetime.fromisoformat(value).strftime("%Y-%m-%d %H:%M:%S.%f")
    return _unchanged
