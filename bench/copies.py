"""Make many cases out of one: copy the rows that real requests left in the databases, with new ids and units.

A copy has everything that a case has, including verdict and documents, and contains no row that a service would write
differently.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Engine, Table, insert, or_, select

Row = dict[str, Any]
#: The number of rows that one INSERT statement inserts.
BATCH = 2_000
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Kept:
    """The rows of one table that belong to a case: those in which `column` begins with one of the case's ids."""

    column: Column[Any]
    #: A function that changes a copied row; it is called with the row and the number of the copy.
    change: Callable[[Row, int], None] | None = None

    @property
    def table(self) -> Table:
        found: Table = self.column.table  # type: ignore[assignment]
        return found


def copy(
    engine: Engine, kept: Iterable[Kept], ids: Iterable[str], own: Mapping[str, str], numbers: range, shared: Iterable[str] = ()
) -> None:
    """Insert, for each number, a copy of every row of a table in `kept` whose column begins with one of `ids`. `own`: a text that
    differs from copy to copy → its format, into which the copy's number is inserted. All UUIDs in the rows differ too, except
    those in `shared`."""
    wanted = sorted(ids)
    with engine.begin() as connection:
        for each in kept:
            found = select(each.table).where(or_(*(each.column.like(f"{id}%") for id in wanted)))
            templates = [_Template.of(dict(row._mapping), each, own, set(shared)) for row in connection.execute(found)]
            batch: list[Row] = []
            for row in _copies(templates, numbers):
                batch.append(row)
                if len(batch) == BATCH:
                    connection.execute(insert(each.table), batch)
                    batch = []
            if batch:
                connection.execute(insert(each.table), batch)


def _copies(templates: Iterable[_Template], numbers: range) -> Iterator[Row]:
    for number in numbers:
        for template in templates:
            yield template.copy(number)


@dataclass(frozen=True, slots=True)
class _Template:
    """A row from which copies are made. `text`: its JSON, in which `own` is replaced in each copy; `values`: the values that JSON
    cannot contain (dates and bytes); `change`: a function that then changes the copy."""

    text: str
    values: Row
    own: Mapping[str, str]
    change: Callable[[Row, int], None] | None

    @classmethod
    def of(cls, row: Row, kept: Kept, own: Mapping[str, str], shared: Set[str]) -> _Template:
        plain = {name: value for name, value in row.items() if isinstance(value, datetime | date | bytes)}
        if kept.table.name in _NUMBERED:
            row.pop(_NUMBERED[kept.table.name])
        text = json.dumps({name: value for name, value in row.items() if name not in plain}, ensure_ascii=False, default=str)
        present = {old: form for old, form in own.items() if old in text}
        present |= {id: id[:-8] + "{:08x}" for id in set(_UUID.findall(text)) - shared}
        return cls(text, plain, present, kept.change)

    def copy(self, number: int) -> Row:
        text = self.text
        for old, form in self.own.items():
            text = text.replace(old, form.format(number))
        row: Row = json.loads(text) | self.values
        if self.change:
            self.change(row, number)
        return row


#: For tables in which the database assigns the key: the table's name → the key's column.
_NUMBERED = {"places": "position"}
