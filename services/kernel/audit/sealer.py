"""The sealer: it adds new entries to the hash chain of their bureau, and announces each new head to the keepers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, insert, select, true, update
from sqlalchemy.orm import Session

from services.kernel.audit import content, restored
from services.kernel.audit.anchors import SealedHead
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence.tables import audit, audit_chain
from services.kernel.persistence.unit_of_work import current, publish

#: The largest number of entries that are sealed in one transaction.
BATCH = 1000
#: The largest number of refused entries that are listed; further ones are neither listed nor counted.
NAMED = 1000

_LINKED = exists().where(audit_chain.c.audit_position == audit.c.position)


@dataclass
class Sealing:
    """The entries that the sealer sealed and those that it refused, by position. After a refusal the sealer continues with the
    next entries; it never corrects an entry."""

    sealed: int = 0
    #: Entries without a signature that were sealed: processes of the previous version wrote them, while such processes still ran.
    unsigned: list[int] = field(default_factory=list)
    #: Entries whose signature is not valid or not this service's.
    forged: list[int] = field(default_factory=list)
    #: Entries that are in the chain although they are marked as not sealed.
    unmarked: list[int] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        return bool(self.forged or self.unmarked)


def seal(session: Session, verifier: Verifier, *, per_bureau: bool, only: str | None = None) -> Sealing:
    """Add the entries that are not sealed yet to their chains, and announce the new heads. `only`: seal the entries of this
    bureau alone. Only one sealer may run at a time."""
    service = current(session).service
    sealing = Sealing(unmarked=_unmarked(session, only))
    by_bureau: dict[str, list[Row[Any]]] = {}
    for row in _authentic(session, service, verifier, only, sealing):
        by_bureau.setdefault(row.bureau, []).append(row)
        sealing.sealed += 1
    for bureau, entries in by_bureau.items():
        number, head = _head(session, bureau)
        links = []
        for row in entries:
            number += 1 + (restored.GAP if row.action == restored.ACTION else 0)
            head = content.next_hash(head, row)
            links.append({"bureau": bureau, "number": number, "audit_position": row.position, "hash": head})
        session.execute(insert(audit_chain), links)
        session.execute(update(audit).where(audit.c.position.in_([row.position for row in entries])).values(sealed=number))
        sealed = SealedHead(service=service, bureau=bureau, number=number, hash=head)
        origin = bureau if per_bureau else None
        publish(session, "audit.sealed", f"audit/{bureau}", sealed, bureau=bureau, origin=origin)
    return sealing


def is_authentic(row: Row[Any], service: str, verifier: Verifier) -> bool:
    """Return whether the entry's signature is valid and the service's own. An entry without a signature counts as authentic."""
    if row.signature is None:
        return True
    signed = content.signed_bytes(row._mapping, row.position)
    return verifier.signed_by(row.signature, signed, service, f"{service}.{row.bureau}")


def unsealed_condition(only: str | None = None) -> ColumnElement[bool]:
    """Return the condition that selects entries that are not in a chain yet; `only`: entries of this bureau alone."""
    return and_(audit.c.sealed.is_(None), ~_LINKED, true() if only is None else audit.c.bureau == only)


def _authentic(session: Session, service: str, verifier: Verifier, only: str | None, sealing: Sealing) -> Iterator[Row[Any]]:
    """Yield the next unsealed entries that the service itself wrote. Entries among them that the service did not write are
    recorded in `sealing` as forged."""
    last_position, count = 0, 0
    while count < BATCH and len(sealing.forged) < NAMED:
        batch = (
            select(audit)
            .where(unsealed_condition(only), audit.c.position > last_position)
            .order_by(audit.c.position)
            .limit(BATCH - count)
        )
        rows = session.execute(batch.with_for_update()).all()
        if not rows:
            return
        last_position = rows[-1].position
        for row in rows:
            if not is_authentic(row, service, verifier):
                sealing.forged.append(row.position)
                continue
            if row.signature is None:
                sealing.unsigned.append(row.position)
            count += 1
            yield row


def _unmarked(session: Session, only: str | None) -> list[int]:
    where = and_(audit.c.sealed.is_(None), _LINKED, true() if only is None else audit.c.bureau == only)
    return list(session.execute(select(audit.c.position).where(where).order_by(audit.c.position).limit(NAMED)).scalars())


def _head(session: Session, bureau: str) -> tuple[int, str]:
    row = session.execute(
        select(audit_chain.c.number, audit_chain.c.hash)
        .where(audit_chain.c.bureau == bureau)
        .order_by(audit_chain.c.number.desc())
        .limit(1)
    ).one_or_none()
    return (row.number, row.hash) if row else (0, "")
