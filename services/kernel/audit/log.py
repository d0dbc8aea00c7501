"""The log itself: entries are written with the change they record, each signed by the service that writes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text
from sqlalchemy.orm import Session

from services.kernel.audit import content
from services.kernel.identity import Actor
from services.kernel.paging import page
from services.kernel.signing import Signer
from services.kernel.tables import audit
from services.kernel.work import Entry, Work

_ENTRY = tuple(Entry.__dataclass_fields__)
_NEXT_POSITIONS = text("SELECT nextval(pg_get_serial_sequence('audit', 'position')) FROM generate_series(1, :count)")
_LAST_POSITION = select(func.coalesce(func.max(audit.c.position), 0))


def write(session: Session, works: Iterable[Work], signer: Signer) -> None:
    """Put the entries of units of work into the log."""
    rows: list[dict[str, Any]] = []
    for work in works:
        of_work = {"correlation_id": work.correlation_id, "state": None}
        rows += [{name: getattr(entry, name) for name in _ENTRY} | of_work for entry in work.entries]
    if not rows:
        return
    for row, position in zip(rows, _positions(session, len(rows)), strict=True):
        row |= {"position": position, "signature": signer.signature(content.signed(row, position))}
    session.execute(insert(audit), rows)


def _positions(session: Session, count: int) -> list[int]:
    """Taken before the entries are written: the position is signed, so that no copy of an entry holds elsewhere."""
    if session.get_bind().dialect.name == "sqlite":  # there is one writer
        last: int = session.execute(_LAST_POSITION).scalar_one()
        return list(range(last + 1, last + 1 + count))
    return sorted(session.execute(_NEXT_POSITIONS, {"count": count}).scalars())


def audit_entries(session: Session, actor: Actor, subject: str, limit: int, cursor: str | None) -> dict[str, Any]:
    """Query of every service: the entries about one subject, oldest first. Auditors only."""
    actor.require("auditor")
    columns = [audit.c[name] for name in ("position", *content.FIELDS)]
    about = select(*columns).where(audit.c.subject == bindparam("about", subject))
    rows, next_cursor = page(session, about, [audit.c.position], limit=limit, cursor=cursor)
    items = [dict(row._mapping) | {"at": row.at.isoformat()} for row in rows]
    return {"items": items, "next_cursor": next_cursor}


def unsealed(session: Session) -> int:
    """How many entries wait for the sealer."""
    return session.execute(select(func.count()).where(audit.c.sealed.is_(None))).scalar_one()
