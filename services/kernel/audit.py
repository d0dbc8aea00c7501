"""The audit log: written with the change it tells about, sealed soon after into a chain per bureau, so that tampering shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, insert, select, true, update
from sqlalchemy.orm import Session

from services.kernel.envelope import Event
from services.kernel.identity import Actor
from services.kernel.paging import page
from services.kernel.tables import audit, audit_anchors, audit_chain
from services.kernel.work import Entry, Work, announce, of

#: Entries sealed at once.
BATCH = 1000
#: Who keeps the heads of whose chains.
ANCHORED_BY = {
    "application": "notification",
    "review": "notification",
    "evaluation": "notification",
    "gateway": "notification",
    "documents": "notification",
    "notification": "documents",
}
_CONTENT = (
    "position",
    "at",
    "bureau",
    "actor",
    "role",
    "action",
    "subject",
    "article",
    "before",
    "after",
    "correlation_id",
)

_ENTRY = tuple(Entry.__dataclass_fields__)


def write(session: Session, works: Iterable[Work]) -> None:
    """Put the entries of units of work into the log."""
    rows = []
    for work in works:
        rows += [
            {name: getattr(entry, name) for name in _ENTRY} | {"correlation_id": work.correlation_id} for entry in work.entries
        ]
    if rows:
        session.execute(insert(audit), rows)


def link(previous: str, row: Any) -> str:
    """The hash of one entry on top of the chain's head; with the position it had where it was sealed."""
    content = {name: str(getattr(row, name)) if getattr(row, name) is not None else None for name in _CONTENT}
    content["position"] = str(row.position if row.sealed_as is None else row.sealed_as)
    content["at"] = row.at.isoformat()
    text = previous + json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def seal(session: Session, *, per_bureau: bool, only: str | None = None) -> int:
    """Chain the entries not sealed yet, or those of one bureau `only`, and tell the new heads to the service that anchors them.
    One sealer at a time."""
    unsealed = select(audit).where(audit.c.sealed.is_(None), true() if only is None else audit.c.bureau == only)
    rows = session.execute(unsealed.order_by(audit.c.position).limit(BATCH).with_for_update()).all()
    by_bureau: dict[str, list[Row[Any]]] = {}
    for row in rows:
        by_bureau.setdefault(row.bureau, []).append(row)
    for bureau, entries in by_bureau.items():
        number, head = _head(session, bureau)
        links = []
        for row in entries:
            number, head = number + 1, link(head, row)
            links.append({"bureau": bureau, "number": number, "audit_position": row.position, "hash": head})
        session.execute(insert(audit_chain), links)
        session.execute(update(audit).where(audit.c.position.in_([row.position for row in entries])).values(sealed=number))
        data = {"service": of(session).service, "bureau": bureau, "number": number, "hash": head}
        origin = bureau if per_bureau else None
        announce(session, "audit.sealed", f"audit/{bureau}", data, bureau=bureau, origin=origin)
    return len(rows)


def _head(session: Session, bureau: str) -> tuple[int, str]:
    row = session.execute(
        select(audit_chain.c.number, audit_chain.c.hash)
        .where(audit_chain.c.bureau == bureau)
        .order_by(audit_chain.c.number.desc())
        .limit(1)
    ).one_or_none()
    return (row.number, row.hash) if row else (0, "")


def keep_anchor(session: Session, event: Event) -> None:
    """Reaction to `audit.sealed`: remember another service's chain head."""
    session.execute(insert(audit_anchors), [{name: event.data[name] for name in ("service", "bureau", "number", "hash")}])


@dataclass(frozen=True, slots=True)
class Flaw:
    """Where a chain does not hold."""

    bureau: str
    number: int
    what: str


def verify(session: Session, anchors: Iterable[dict[str, Any]] = ()) -> tuple[int, list[Flaw]]:
    """Recompute every chain and compare it with the anchors kept elsewhere. Returns links checked and flaws found."""
    flaws, checked = [], 0
    known = {(item["bureau"], item["number"]): item["hash"] for item in anchors}
    chains = session.execute(select(audit_chain.c.bureau).distinct()).scalars().all()
    for bureau in sorted({*chains, *(bureau for bureau, _ in known)}):
        previous, last = "", 0
        joined = audit_chain.outerjoin(audit, audit.c.position == audit_chain.c.audit_position)
        statement = (
            select(audit_chain.c.number, audit_chain.c.hash, *(audit.c[name] for name in _CONTENT if name != "bureau"))
            .add_columns(audit.c.bureau, audit.c.sealed_as)
            .select_from(joined)
            .where(audit_chain.c.bureau == bureau)
            .order_by(audit_chain.c.number)
        )
        for row in session.execute(statement).yield_per(1000):
            checked += 1
            if row.number != last + 1:
                flaws.append(Flaw(bureau, last + 1, "links are missing"))
            if row.position is None:
                flaws.append(Flaw(bureau, row.number, "its entry was removed"))
            elif link(previous, row) != row.hash:
                flaws.append(Flaw(bureau, row.number, "its entry or the link was changed"))
            if known.get((bureau, row.number), row.hash) != row.hash:
                flaws.append(Flaw(bureau, row.number, "it differs from what another service anchored"))
            previous, last = row.hash, row.number
        cut = max((number for at, number in known if at == bureau), default=0)
        if cut > last:
            flaws.append(Flaw(bureau, last, f"it was cut off: {cut} links were anchored"))
    return checked, flaws


def anchors_of(session: Session, service: str) -> list[dict[str, Any]]:
    """The heads kept here of another service's chains."""
    statement = select(audit_anchors).where(audit_anchors.c.service == service)
    return [dict(row._mapping) for row in session.execute(statement)]


def audit_entries(session: Session, actor: Actor, subject: str, limit: int, cursor: str | None) -> dict[str, Any]:
    """Query of every service: the entries about one subject, oldest first. Auditors only."""
    actor.require("auditor")
    columns = [audit.c[name] for name in _CONTENT]
    rows, next_cursor = page(
        session, select(*columns).where(audit.c.subject == subject), [audit.c.position], limit=limit, cursor=cursor
    )
    items = [dict(row._mapping) | {"at": row.at.isoformat()} for row in rows]
    return {"items": items, "next_cursor": next_cursor}


def unsealed(session: Session) -> int:
    """How many entries wait for the sealer."""
    return session.execute(select(func.count()).where(audit.c.sealed.is_(None))).scalar_one()
