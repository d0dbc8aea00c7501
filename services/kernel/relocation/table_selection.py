"""Selects the rows that belong to a bureau, table by table, so that the bureau can move to another database with all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, func, select
from sqlalchemy.dialects.postgresql import Insert

from services.kernel.persistence import tables
from services.kernel.persistence.tables import audit, audit_chain, idempotency, inbox, outbox, sequences


def skipped(insert: Insert) -> Insert:
    """`INSERT … ON CONFLICT DO NOTHING`: a row that exists in the target stays as it is."""
    return insert.on_conflict_do_nothing()


@dataclass(frozen=True, slots=True)
class TableSelection:
    """Rows of one table that move with a bureau; `whose` is their condition.

    `leaves`: the rows belong to the bureau alone and are deleted in the source; other rows concern several bureaus and stay.
    `merge` handles a row that the target has already; without it there must be none, and all rows must arrive unchanged.
    `renumbered` names a column that each database numbers for itself; `read` reads the rows without that number, if anything
    refers to it.
    """

    table: Table
    whose: Callable[[str], ColumnElement[bool]]
    leaves: bool = True
    merge: Callable[[Insert], Insert] | None = None
    renumbered: str | None = None
    read: Callable[[str], Select[Any]] | None = None

    def rows(self, bureau: str) -> Select[Any]:
        """The rows as they are to arrive."""
        if self.read:
            return self.read(bureau)
        columns = [column for column in self.table.columns if column.name != self.renumbered]
        return select(*columns).where(self.whose(bureau)).order_by(*self.table.primary_key.columns)


#: Tables that do not move: where bureaus are, the anchors of other services' chains, the database's own date and archives.
STAYS = (tables.fences, tables.arrivals, tables.audit_anchors, tables.domain_clock, tables.keeping)

_SEALED_AS = func.coalesce(audit.c.sealed_as, audit.c.position)


def _entries(bureau: str) -> Select[Any]:
    """In the order of their links, so that they lie in it where they arrive: the number alone says which is whose, since those
    sealed in different databases may have had the same position."""
    columns = [column for column in audit.columns if column.name not in ("position", "sealed_as")]
    joined = audit.join(audit_chain, audit.c.position == audit_chain.c.audit_position)
    entries = select(*columns, _SEALED_AS.label("sealed_as")).select_from(joined)
    return entries.where(audit.c.bureau == bureau).order_by(audit_chain.c.number)


def _links(bureau: str) -> Select[Any]:
    columns = (audit_chain.c.bureau, audit_chain.c.number, _SEALED_AS.label("audit_position"), audit_chain.c.hash)
    joined = audit_chain.join(audit, audit.c.position == audit_chain.c.audit_position)
    return select(*columns).select_from(joined).where(audit_chain.c.bureau == bureau).order_by(audit_chain.c.number)


def kernel_portion(service: str) -> tuple[TableSelection, ...]:
    """The rows of the kernel's tables that move with a bureau of a service. Rows in which an earlier version recorded no bureau
    are copied and also stay in the source: to know an event or a key in both databases does no harm."""

    def said(table: Table) -> Callable[[str], ColumnElement[bool]]:
        return lambda bureau: table.c.producer == f"{service}.{bureau}"

    def noted(table: Table) -> Callable[[str], ColumnElement[bool]]:
        return lambda bureau: table.c.bureau == bureau

    def not_noted(table: Table) -> Callable[[str], ColumnElement[bool]]:
        return lambda _bureau: table.c.bureau.is_(None)

    return (
        TableSelection(outbox, said(outbox), renumbered="position"),
        TableSelection(sequences, said(sequences)),
        TableSelection(inbox, noted(inbox), renumbered="position"),
        TableSelection(inbox, not_noted(inbox), leaves=False, merge=skipped, renumbered="position"),
        # Where bureaus share a database a key is one for all of them, apart it is not: the first answer stays.
        TableSelection(idempotency, noted(idempotency), merge=skipped),
        TableSelection(idempotency, not_noted(idempotency), leaves=False, merge=skipped),
        TableSelection(audit, noted(audit), renumbered="position", read=_entries),
        TableSelection(audit_chain, noted(audit_chain), read=_links),
    )
