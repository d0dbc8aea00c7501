"""Copy rows from one database to another, count them, and compare them after the copy."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, Select, func, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from services.kernel.persistence.tables import audit, audit_chain
from services.kernel.relocation.endpoint import MoveRefused
from services.kernel.relocation.table_selection import TableSelection

#: The largest number of rows that are in memory at the same time.
BATCH = 1000


@dataclass(slots=True)
class Tally:
    """The number of rows in a selection, and a digest of the rows that does not depend on their order."""

    rows: int = 0
    digest: int = 0

    def add(self, row: RowMapping) -> None:
        text = json.dumps(list(row.values()), ensure_ascii=False, default=str)
        self.rows += 1
        self.digest = (self.digest + int.from_bytes(hashlib.sha256(text.encode()).digest())) % 2**256


def copy_rows(selection: TableSelection, bureau: str, old: Session, new: Session) -> Tally:
    """Copy the rows of one table that belong to a bureau into the other database. Return the number and the digest of the sent
    rows. Raises MoveRefused if a row cannot be inserted."""
    positions = _positions(bureau, new) if selection.table is audit_chain else None
    sent = Tally()
    for batch in old.execute(selection.rows(bureau)).yield_per(BATCH).mappings().partitions():
        for row in batch:
            sent.add(row)
        _insert_rows(selection, [dict(row) | ({"audit_position": next(positions)} if positions else {}) for row in batch], new)
    if sent.rows != old.execute(select(func.count()).select_from(selection.table).where(selection.whose(bureau))).scalar_one():
        raise MoveRefused(f"{selection.table.name} has rows that belong to nothing: see `guichuang audit verify`")
    return sent


def compare(selection: TableSelection, bureau: str, sent: Tally, new: Session) -> None:
    """Raise MoveRefused if the target's rows differ from those sent; the caller must then roll the transaction back. Call this
    function after all tables are copied, because rows are read together with the rows to which they refer."""
    if selection.merge is None and tally(selection.rows(bureau), new) != sent:
        raise MoveRefused(f"what arrived of {selection.table.name} is not what was sent; nothing was changed")


def tally(rows: Select[Any], session: Session) -> Tally:
    """Count the rows that a statement selects, and compute their digest."""
    counted = Tally()
    for row in session.execute(rows).yield_per(BATCH).mappings():
        counted.add(row)
    return counted


def _insert_rows(selection: TableSelection, rows: Sequence[Mapping[str, object]], new: Session) -> None:
    statement = insert(selection.table) if selection.merge is None else selection.merge(postgresql.insert(selection.table))
    new.execute(statement, rows)


def _positions(bureau: str, new: Session) -> Iterator[int]:
    """Return the positions that the entries have in the target, in the order of their links."""
    return iter(new.execute(select(audit.c.position).where(audit.c.bureau == bureau).order_by(audit.c.position)).scalars().all())
