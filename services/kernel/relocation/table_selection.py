"""Select the rows that belong to a bureau, table by table, so that the bureau can move to another database with all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, func, select
from sqlalchemy.dialects.postgresql import Insert

from services.kernel.persistence import tables
from services.kernel.persistence.tables import audit, audit_chain, idempotency, inbox, outbox, sequences


def keep_existing(insert: Insert) -> Insert:
    """Turn the insert into `INSERT … ON CONFLICT DO NOTHING`: a row that exists in the target stays as it is."""
    return insert.on_conflict_do_nothing()


@dataclass(frozen=True, slots=True)
class TableSelection:
    """The rows of one table that move with a bureau; `whose` is the condition that selects them.

    `leaves`: the rows belong to the bureau alone and are deleted in the source; other rows concern several bureaus and stay there
    too. `merge` handles a row that the target already has; without it the target must have none, and all rows must arrive
    unchanged. `renumbered` names a column that each database numbers for itself; `read` reads the rows without that number, if
    other rows refer to it.
    """

    table: Table
    whose: Callable[[str], ColumnElement[bool]]
    leaves: bool = True
    merge: Callable[[Insert], Insert] | None = None
    renumbered: str | None = None
    read: Callable[[str], Select[Any]] | None = None

    def rows(self, bureau: str) -> Select[Any]:
        """Return the statement that selects a bureau's rows in the form in which the target must contain them."""
        if self.read:
            return self.read(bureau)
        columns = [column for column in self.table.columns if column.name != self.renumbered]
        return select(*columns).where(self.whose(bureau)).order_by(*self.table.primary_key.columns)


#: Tables that do not move: the fences and the arrivals of bureaus, the anchors of other services' chains, and the database's own
#: date and backup records.
STAYS = (tables.fences, tables.arrivals, tables.audit_anchors, tables.domain_clock, tables.keeping)

_SEALED_AS = func.coalesce(audit.c.sealed_as, audit.c.position)


def _entries(bureau: str) -> Select[Any]:
    """Select a bureau's audit entries in the order of their links. They are inserted in the target in this order, so that their
    new positions have the same order. Only the number of the link identifies an entry in both databases: entries that were sealed
    in different databases may have had the same position."""
    columns = [column for column in audit.columns if column.name not in ("position", "sealed_as")]
    joined = audit.join(audit_chain, audit.c.position == audit_chain.c.audit_position)
    entries = select(*columns, _SEALED_AS.label("sealed_as")).select_from(joined)
    return entries.where(audit.c.bureau == bureau).order_by(audit_chain.c.number)


def _links(bureau: str) -> Select[Any]:
    columns = (audit_chain.c.bureau, audit_chain.c.number, _SEALED_AS.label("audit_position"), audit_chain.c.hash)
    joined = audit_chain.join(audit, audit.c.position == audit_chain.c.audit_position)
    return select(*columns).select_from(joined).where(audit_chain.c.bureau == bureau).order_by(audit_chain.c.number)


def kernel_selections(service: str) -> tuple[TableSelection, ...]:
    """Return the rows of the kernel's tables that move with a bureau of a service. Rows in which an earlier version recorded no
    bureau are copied and also stay in the source: it does no harm if both databases contain the same event or idempotency key."""

    def published_by_bureau(table: Table) -> Callable[[str], ColumnElement[bool]]:
        return lambda bureau: table.c.producer == f"{service}.{bureau}"

    def recorded_for_bureau(table: Table) -> Callable[[str], ColumnElement[bool]]:
        return lambda bureau: table.c.bureau == bureau

    def recorded_for_none(table: Table) -> Callable[[str], ColumnElement[bool]]:
        return lambda _bureau: table.c.bureau.is_(None)

    return (
        TableSelection(outbox, published_by_bureau(outbox), renumbered="position"),
        TableSelection(sequences, published_by_bureau(sequences)),
        TableSelection(inbox, recorded_for_bureau(inbox), renumbered="position"),
        TableSelection(inbox, recorded_for_none(inbox), leaves=False, merge=keep_existing, renumbered="position"),
        # In one database an idempotency key exists only once for all bureaus; in separate databases it may occur twice. If the
        # target has an answer under the key, the target's answer stays.
        TableSelection(idempotency, recorded_for_bureau(idempotency), merge=keep_existing),
        TableSelection(idempotency, recorded_for_none(idempotency), leaves=False, merge=keep_existing),
        TableSelection(audit, recorded_for_bureau(audit), renumbered="position", read=_entries),
        TableSelection(audit_chain, recorded_for_bureau(audit_chain), read=_links),
    )
