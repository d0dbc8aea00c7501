"""Find the rows that belong to a subject of the audit log, and compute their digest, the same on PostgreSQL and SQLite."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Date,
    FromClause,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    func,
    literal,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from services.kernel.persistence.database import Instant

#: The number of subjects whose rows are read in one query.
BATCH = 200

#: A subject: its bureau if the service runs per bureau, and its name, such as `application/<id>`.
Subject = tuple[str | None, str]


@dataclass(frozen=True)
class SubjectRows:
    """The rows of one table that belong to a subject.

    `key`: the columns that contain the subject's id or, with `whole`, the whole subject. `source`: a join with the table that has
    the key, if this table has none. `bureau`: the column of the bureau, in a service that runs per bureau. `where` limits the
    rows. `without`: columns that change without an audit entry, such as the time of a last check.
    """

    table: Table
    key: Sequence[ColumnElement[Any]]
    source: FromClause | None = None
    bureau: ColumnElement[Any] | None = None
    whole: bool = False
    where: ColumnElement[bool] = field(default_factory=true)
    without: Sequence[str] = ()

    @cached_property
    def columns(self) -> list[Column[Any]]:
        audited = (column for column in self.table.columns if column.name not in self.without)
        return sorted(audited, key=lambda column: column.name)

    @cached_property
    def _plan(self) -> list[tuple[str, Callable[[Any], Any] | None, Any]]:
        return [(column.name, _reader(column), _default(column)) for column in self.columns]

    def select(self, part: int, dialect: str) -> Select[int, str]:
        """Return a statement that selects `part` and each row as one JSON array: bureau, key, columns."""
        build = func.json_array if dialect == "sqlite" else func.json_build_array
        columns = [cast(column, Text) if isinstance(column.type, JSON) else column for column in self.columns]
        bureau = literal(None, Text) if self.bureau is None else self.bureau
        row = build(bureau, *self.key, *columns, type_=Text)
        selected = select(literal(part).label("part"), cast(row, Text).label("row"))
        return selected.select_from(self.table if self.source is None else self.source).where(self.where)

    def read(self, text: str) -> tuple[str | None, tuple[Any, ...], str]:
        """Split a row that `select` found into bureau, key and the text to digest. A column with its default value is left out of
        the text."""
        bureau, *values = json.loads(text)
        width = len(self.key)
        row = [self.table.name]
        for (name, read, default), value in zip(self._plan, values[width:], strict=True):
            converted = value if value is None or read is None else read(value)
            if converted != default:
                row.append(f"{name} null" if converted is None else f"{name} {len(converted := str(converted))} {converted}")
        return bureau, tuple(values[:width]), "\n".join(row)


@dataclass(frozen=True)
class SubjectKind:
    """The tables that contain the rows of one kind of audited subject. Every subject has a row in the first of `rows`. `parse`
    turns a subject's id into the values of its key; `join` does the reverse. `recorded`: every subject of this kind was created
    with an audit entry."""

    kind: str
    rows: tuple[SubjectRows, ...]
    parse: Callable[[str], tuple[Any, ...]] = lambda id: (id,)
    join: Callable[[tuple[Any, ...]], str] = lambda key: str(key[0])
    recorded: bool = True

    def key(self, subject: str) -> tuple[Any, ...]:
        return self.parse(subject.removeprefix(f"{self.kind}/"))

    def subjects(self, session: Session) -> Iterator[Sequence[Subject]]:
        """Yield, in batches, all subjects that have a row in the first table."""
        first = self.rows[0]
        bureau = literal(None, Text) if first.bureau is None else first.bureau
        distinct_keys = select(bureau, *first.key).distinct().select_from(first.table if first.source is None else first.source)
        for rows in session.execute(distinct_keys.execution_options(yield_per=BATCH)).partitions():
            yield [(row[0], f"{self.kind}/{self.join(row[1:])}" if self.kind else self.join(row[1:])) for row in rows]


class SubjectRegister:
    """Maps subjects to their table rows, by the subject's kind; the kind "" means every kind that is not registered."""

    def __init__(self) -> None:
        self.kinds: dict[str, SubjectKind] = {}
        self._statements: dict[Any, Any] = {}

    def knows(self, subject: str) -> bool:
        return self._kind(subject) is not None

    def digests(self, session: Session, subjects: Iterable[Subject]) -> dict[Subject, str]:
        """Compute the digest of each subject's rows as this session sees them. A subject of a kind that is not registered gets no
        digest."""
        return self.read(session, subjects)[0]

    def read(
        self, session: Session, subjects: Iterable[Subject], beside: Select[int, str] | None = None, **parameters: Any
    ) -> tuple[dict[Subject, str], list[str]]:
        """Compute the digests of the subjects' rows, and in the same statement read the texts that the statement `beside`
        selects. `beside` selects a negative number and a text; `parameters` are its bind parameters."""
        by_kind: defaultdict[str, dict[Subject, tuple[Any, ...]]] = defaultdict(dict)
        for subject in subjects:
            kind = self._kind(subject[1])
            if kind is not None:
                by_kind[kind.kind][subject] = kind.key(subject[1])
        if not by_kind and beside is None:
            return {}, []
        for name, keys in by_kind.items():
            parameters[f"keys_{name}"] = sorted({key[0] if len(key) == 1 else key for key in keys.values()})
            parameters[f"subjects_{name}"] = sorted({subject for _, subject in keys})
        parts = [(name, rows) for name in sorted(by_kind) for rows in self.kinds[name].rows]
        rows_by_key: defaultdict[tuple[Any, ...], list[str]] = defaultdict(list)
        texts = []
        for part, text in session.execute(self._statement(session.get_bind().dialect.name, parts, beside), parameters):
            if part < 0:
                texts.append(text)
                continue
            name, rows = parts[part]
            bureau, key, row = rows.read(text)
            rows_by_key[name, rows.whole, bureau, *key].append(row)
        digests = {
            subject: _digest(rows_by_key[name, False, subject[0], *key] + rows_by_key[name, True, *subject])
            for name, keys in by_kind.items()
            for subject, key in keys.items()
        }
        return digests, texts

    def _kind(self, subject: str) -> SubjectKind | None:
        return self.kinds.get(subject.partition("/")[0], self.kinds.get(""))

    def _statement(self, dialect: str, parts: Sequence[tuple[str, SubjectRows]], beside: Select[int, str] | None) -> Any:
        cache_key = (dialect, tuple(dict.fromkeys(name for name, _ in parts)), beside)
        if cache_key not in self._statements:
            selects = [] if beside is None else [beside]
            for part, (name, rows) in enumerate(parts):
                key = rows.key[0] if len(rows.key) == 1 else tuple_(*rows.key)
                key_values: Any = bindparam(f"{'subjects' if rows.whole else 'keys'}_{name}", expanding=True)
                selects.append(rows.select(part, dialect).where(key.in_(key_values)))
            self._statements[cache_key] = union_all(*selects)
        return self._statements[cache_key]


def _digest(rows: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()


def _reader(column: Column[Any]) -> Callable[[Any], Any] | None:
    """Return the function that converts a column's value to the same form on PostgreSQL and SQLite; None if the values are the
    same on both already. JSON stays as stored."""
    if isinstance(column.type, Instant):
        return _instant
    if isinstance(column.type, Boolean):
        return bool
    if isinstance(column.type, Date):
        return lambda value: value[:10]
    if isinstance(column.type, JSON):
        return lambda value: None if value == "null" else value
    return None


def _instant(value: str) -> str:
    instant = datetime.fromisoformat(value)
    return (instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)).isoformat()


def _default(column: Column[Any]) -> Any:
    """Return the value that a column has in rows older than the column. The digest leaves such values out, so that a migration
    that adds a column changes no digest."""
    default: Any = column.server_default
    if default is None:
        return None
    text = str(getattr(default.arg, "text", default.arg)).strip("'")
    if isinstance(column.type, Boolean):
        return text.lower() in ("true", "1")
    return int(text) if column.type.python_type is int else text
