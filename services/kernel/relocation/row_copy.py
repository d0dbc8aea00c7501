"""Rows are carried from one database to another, counted, and compared where they arrive."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, Select, func, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from services.kernel.persistence.tables import audit, audit_chain
from services.kernel.relocation.endpoint import MoveRefused
from services.kernel.relocation.table_selection import TableSelection

#: Rows in hand at once.
BATCH = 1000


@dataclass(slots=True)
class Tally:
    """How many rows were seen, and a digest of them all, whatever their order."""

    rows: int = 0
    digest: int = 0

    def add(self, row: RowMapping) -> None:
        text = json.dumps(list(row.values()), ensure_ascii=False, default=str)
        self.rows += 1
        self.digest = (self.digest + int.from_bytes(hashlib.sha256(text.encode()).digest())) % 2**256


def copy_rows(piece: TableSelection, bureau: str, old: Session, new: Session) -> Tally:
    """Put a bureau's rows into the other database; what was sent. MoveRefused when there is more than can be sent."""
    places = _places(bureau, new) if piece.table is audit_chain else None
    sent = Tally()
    for batch in old.execute(piece.rows(bureau)).yield_per(BATCH).mappings().partitions():
        for row in batch:
            sent.add(row)
        _put(piece, [dict(row) | ({"audit_position": next(places)} if places else {}) for row in batch], new)
    if sent.rows != old.execute(select(func.count()).select_from(piece.table).where(piece.whose(bureau))).scalar_one():
        raise MoveRefused(f"{piece.table.name} has rows that belong to nothing: see `guichuang audit verify`")
    return sent


def compare(piece: TableSelection, bureau: str, sent: Tally, new: Session) -> None:
    """MoveRefused when what has arrived is not what was sent; nothing may stay then. To be asked when all has been carried: rows
    are read together with those they belong to."""
    if piece.merge is None and tally(piece.rows(bureau), new) != sent:
        raise MoveRefused(f"what arrived of {piece.table.name} is not what was sent; nothing was changed")


def tally(rows: Select[Any], session: Session) -> Tally:
    """Count and digest what is in a database."""
    seen = Tally()
    for row in session.execute(rows).yield_per(BATCH).mappings():
        seen.add(row)
    return seen


def _put(piece: TableSelection, rows: list[dict[str, Any]], new: Session) -> None:
    statement = insert(piece.table) if piece.merge is None else piece.merge(postgresql.insert(piece.table))
    new.execute(statement, rows)


def _places(bureau: str, new: Session) -> Iterator[int]:
    """Where the entries lie now, in the order of their links."""
    return iter(new.execute(select(audit.c.position).where(audit.c.bureau == bureau).order_by(audit.c.position)).scalars().all())
