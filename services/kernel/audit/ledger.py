"""The check of a keeper's ledger of anchors. Each row contains the digest of the row before it; only the signature of the last
row is needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from services.kernel.audit.anchors import LEDGER, statement
from services.kernel.audit.content import digest
from services.kernel.audit.custody import BATCH, ChainHead
from services.kernel.audit.flaw import Flaw
from services.kernel.audit.restored import Restore
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence.tables import audit_anchors


def verify_ledger(
    session: Session, keeper: str, verifier: Verifier, anchors: Iterable[ChainHead], restores: Sequence[Restore] = ()
) -> tuple[int, list[Flaw]]:
    """Recompute this keeper's ledger and compare it with `anchors`: the heads of this ledger that the other keeper stores. Only
    the signature of the last row is checked: it covers all rows before it, including those signed with a key that was replaced
    later. If rows are missing because one of the `restores` of this database lost them, that is no flaw. Return the number of
    rows checked and the flaws found."""
    heads = [head for head in anchors if head["bureau"] == LEDGER]
    lost = {head["number"] for head in heads if any(restore.explains(head.get("kept_at")) for restore in restores)}
    anchored_hashes = {head["number"]: head["hash"] for head in heads if head["number"] not in lost}
    flaws: list[Flaw] = []

    def add_flaw(number: int, what: str) -> None:
        flaws.append(Flaw(LEDGER, number, what))

    number, head, last = 0, "", None
    for row in _rows(session):
        if row.kept_as != number + 1:
            add_flaw(number + 1, "anchors are missing")
        elif row.previous != head:
            add_flaw(row.kept_as, "the anchor or the one before it was changed")
        number, head, last = row.kept_as, digest(statement(row._mapping)), row
        if anchored_hashes.get(number, head) != head:
            add_flaw(number, "it differs from what the other keeper anchored")
    if last is not None and not _is_signed(last, keeper, verifier):
        add_flaw(number, f"the last anchor is not signed by {keeper} with a key that is known")
    if (anchored := max(anchored_hashes, default=0)) > number:
        add_flaw(number + 1, f"anchors were cut off from here on: the other keeper knows of {anchored}")
    return number, flaws


def _rows(session: Session) -> Iterable[Row[Any]]:
    statement_rows = select(audit_anchors).where(audit_anchors.c.kept_as.is_not(None)).order_by(audit_anchors.c.kept_as)
    return session.execute(statement_rows.execution_options(yield_per=BATCH))


def _is_signed(row: Row[Any], keeper: str, verifier: Verifier) -> bool:
    return row.signature is not None and verifier.signed_by(row.signature, statement(row._mapping).encode(), keeper)
