"""Anchors: the heads (newest hashes) of other services' chains, which a keeper stores. A keeper is a service with a ledger of
anchors; the ledger's rows are themselves a signed chain."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, insert, select, text
from sqlalchemy.orm import Session

from services.contracts.payload import Payload
from services.kernel.audit.content import canonical, digest
from services.kernel.clock import real_now
from services.kernel.identity import PROVINCE
from services.kernel.messaging.envelope import Event
from services.kernel.messaging.signing import Signer
from services.kernel.observability import metrics
from services.kernel.persistence.tables import audit_anchors
from services.kernel.persistence.unit_of_work import current, publish
from services.kernel.registry import PER_BUREAU

#: The services that have audit chains.
CHAINED = ("application", "review", "evaluation", "gateway", "documents", "notification")
#: The keepers. Each stores the heads of all other services' chains. Every head is therefore in two databases besides that of its
#: own service; a keeper's head is in one.
KEEPERS = ("notification", "documents")
#: The name under which a keeper announces the head of its ledger to the other keeper; it replaces the bureau's code that other
#: heads have.
LEDGER = "anchors"

#: The first half of the key of an advisory lock of PostgreSQL. A process of a keeper takes the lock before it adds a row to the
#: ledger, because each row contains the digest of the row before it.
_LEDGER_LOCK = 0x616E_6368

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class SealedHead(Payload):
    """The data of `audit.sealed`: the head of a bureau's chain of a service, or of a keeper's ledger. `number` counts its
    entries."""

    service: str
    bureau: str
    number: int
    hash: str


def keepers_of(service: str) -> tuple[str, ...]:
    """Return the keepers that store the heads of a service's chains."""
    return tuple(keeper for keeper in KEEPERS if keeper != service)


def keep_anchor(session: Session, signer: Signer, event: Event[SealedHead]) -> None:
    """Reaction to `audit.sealed`: store the head of another service's chain. A head of another service than the event's producer,
    or one that differs from the head stored under the same number, is refused and reported. A stored head never changes."""
    head = event.data
    if not _is_own_head(event):
        _refuse(event, "head of another service's chain")
        return
    kept_hash = session.execute(select(audit_anchors.c.hash).where(*_same_link(head))).scalar_one_or_none()
    if kept_hash is None:
        append(session, signer, head)
    elif kept_hash != head.hash:
        _refuse(event, "other head than the one kept under its number")


def append(session: Session, signer: Signer, head: SealedHead) -> None:
    """Add a head to this keeper's ledger."""
    number, previous = ledger_head(session, locked=True)
    row = head.to_dict() | {"kept_as": number + 1, "previous": previous, "kept_at": real_now()}
    session.execute(insert(audit_anchors), [row | {"signature": signer.signature(statement(row).encode())}])


def statement(row: Mapping[str, Any] | RowMapping) -> str:
    """Return the text of a ledger row. The keeper signs this text, and the next row contains its digest."""
    names = ("service", "bureau", "number", "hash", "kept_as", "previous")
    return f"guichuang.anchor\n{canonical({name: row[name] for name in names} | {'kept_at': row['kept_at'].isoformat()})}"


def ledger_head(session: Session, *, locked: bool = False) -> tuple[int, str]:
    """Return the number and the digest of the last row of this keeper's ledger; 0 and an empty text if it has none. Unsigned
    anchors of an earlier version are not in the ledger."""
    if locked and session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({_LEDGER_LOCK})"))
    newest = select(audit_anchors).where(audit_anchors.c.kept_as.is_not(None)).order_by(audit_anchors.c.kept_as.desc()).limit(1)
    row = session.execute(newest).one_or_none()
    return (row.kept_as, digest(statement(row._mapping))) if row else (0, "")


def announce_ledger(session: Session) -> bool:
    """Announce the head of this keeper's ledger to the other keeper. Return whether the ledger has any row."""
    number, head = ledger_head(session)
    if number:
        sealed = SealedHead(service=current(session).service, bureau=LEDGER, number=number, hash=head)
        publish(session, "audit.sealed", f"audit/{LEDGER}", sealed, bureau=PROVINCE)
    return number > 0


def _is_own_head(event: Event[SealedHead]) -> bool:
    service, _, bureau = event.producer.partition(".")
    return service == event.data.service and (service not in PER_BUREAU or bureau == event.data.bureau)


def _same_link(head: SealedHead) -> list[ColumnElement[bool]]:
    return [audit_anchors.c[name] == getattr(head, name) for name in ("service", "bureau", "number")]


def _refuse(event: Event[SealedHead], reason: str) -> None:
    metrics.HEADS_REFUSED.labels(event.data.service).inc()
    log.error("audit head refused: %s", reason, extra={"event": event.id, "id": event.producer})
