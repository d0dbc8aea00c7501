"""The queries with which auditors read a service's log: entries by subject, actor, action and time, and whether the chains are
intact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, and_, func, select
from sqlalchemy.orm import Session, aliased

from services.contracts.audit import AuditEntryDict, ChainState, ChainStates, StoredHead, StoredHeads
from services.contracts.pages import PageDict
from services.kernel.audit import content
from services.kernel.audit.anchors import LEDGER
from services.kernel.audit.custody import ChainHead
from services.kernel.audit.sealer import is_authentic
from services.kernel.audit.verification import Anchors, verify_newest
from services.kernel.identity import Actor
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence.paging import page
from services.kernel.persistence.tables import audit, audit_anchors, audit_chain
from services.kernel.persistence.unit_of_work import current

#: The states of an entry: sealed and unchanged since; waiting for the sealer with a valid signature; or neither.
SEALED, WAITING, FLAWED = "sealed", "waiting", "flawed"
#: The number of newest links of each chain that the query `audit_state` recomputes.
NEWEST = 100
#: The number of anchors of each chain that a keeper returns, the newest first.
HEADS = 5

_before = aliased(audit_chain)
_CHAIN = audit.outerjoin(audit_chain, audit_chain.c.audit_position == audit.c.position).outerjoin(
    _before, and_(_before.c.bureau == audit_chain.c.bureau, _before.c.number == audit_chain.c.number - 1)
)


def audit_entries(
    session: Session,
    actor: Actor,
    verifier: Verifier,
    limit: int,
    cursor: str | None,
    subject: str | None = None,
    by: str | None = None,
    action: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> PageDict[AuditEntryDict]:
    """Query of every service: return the entries about one subject, the oldest first; without a subject, the entries by an actor,
    of an action or within a time, the newest first. Each entry says whether it is unchanged. For auditors only."""
    actor.require("auditor")
    service = current(session).service
    columns = [audit.c[name] for name in ("position", *content.FIELDS, "sealed", "sealed_as", "state", "signature")]
    links = (audit_chain.c.number.label("link"), audit_chain.c.hash, _before.c.hash.label("previous"))
    statement = select(*columns, *links).select_from(_CHAIN).where(*_filters(subject, by, action, since, until))
    newest_first = subject is None
    rows, next_cursor = page(session, statement, [audit.c.position], limit=limit, cursor=cursor, descending=newest_first)
    return {"items": [_entry(row, _verification(row, service, verifier)) for row in rows], "next_cursor": next_cursor}


def _entry(row: Row[Any], verification: str) -> AuditEntryDict:
    return {
        "position": row.position,
        "at": row.at.isoformat(),
        "bureau": row.bureau,
        "actor": row.actor,
        "role": row.role,
        "action": row.action,
        "subject": row.subject,
        "article": row.article,
        "before": row.before,
        "after": row.after,
        "correlation_id": row.correlation_id,
        "verification": verification,
    }


def _filters(
    subject: str | None, by: str | None, action: str | None, since: str | None, until: str | None
) -> Iterator[ColumnElement[bool]]:
    for column, value in ((audit.c.subject, subject), (audit.c.actor, by), (audit.c.action, action)):
        if value is not None:
            yield column == value
    if since is not None:
        yield audit.c.at >= datetime.fromisoformat(since)
    if until is not None:
        yield audit.c.at <= datetime.fromisoformat(until)


def _verification(row: Row[Any], service: str, verifier: Verifier) -> str:
    if row.link is None:
        return WAITING if row.sealed is None and is_authentic(row, service, verifier) else FLAWED
    intact = row.sealed is not None and row.hash in content.valid_hashes(row.previous or "", row)
    return SEALED if intact else FLAWED


def audit_state(
    session: Session,
    actor: Actor,
    verifier: Verifier,
    heads: Sequence[StoredHead],
    began: str | None,
    only: str | None = None,
) -> ChainStates:
    """Query of every service: return for each of its chains (or one bureau's) the length, the entries that are not sealed yet,
    and the flaws in the newest links. `heads`: the anchors of these chains that other services have stored since `began`. For
    auditors only."""
    actor.require("auditor")
    service = current(session).service
    own = tuple(_head(head) for head in heads if head["service"] == service and head["bureau"] != LEDGER)
    anchors = Anchors(own, datetime.fromisoformat(began) if began else None)
    unsealed = select(audit.c.bureau, func.count().label("waiting"), func.min(audit.c.at).label("since"))
    waiting = {row.bureau: row for row in session.execute(unsealed.where(audit.c.sealed.is_(None)).group_by(audit.c.bureau))}
    anchored = {head["bureau"] for head in own}
    bureaus = sorted({*_distinct_values(session, audit_chain.c.bureau), *anchored, *waiting}) if only is None else [only]
    return {"items": [_chain(session, verifier, anchors, bureau, waiting.get(bureau)) for bureau in bureaus if bureau]}


def _head(head: StoredHead) -> ChainHead:
    kept_at = datetime.fromisoformat(head["kept_at"]) if head["kept_at"] else None
    return {"bureau": head["bureau"], "number": head["number"], "hash": head["hash"], "kept_at": kept_at}


def _chain(session: Session, verifier: Verifier, anchors: Anchors, bureau: str, waiting: Row[Any] | None) -> ChainState:
    length, checked, flaws = verify_newest(session, anchors, bureau, NEWEST, service=current(session).service, verifier=verifier)
    if length == 0 and not anchors.of(bureau):
        flaws = []  # There is no chain yet, so no service can have stored a head.
    return {
        "bureau": bureau,
        "length": length,
        "checked": checked,
        "waiting": waiting.waiting if waiting else 0,
        "waiting_since": waiting.since.isoformat() if waiting else None,
        "anchored": max((head["number"] for head in anchors.of(bureau)), default=0),
        "flaws": [{"number": flaw.number, "code": flaw.code} for flaw in flaws if not flaw.explained],
    }


def kept_heads(session: Session, actor: Actor) -> StoredHeads:
    """Query of every service: return the newest anchors of other services' chains that this service stores, and the instant since
    which it stores anchors. For auditors only."""
    actor.require("auditor")
    names = ("service", "bureau", "number", "hash", "kept_at")
    heads: list[StoredHead] = []
    for service in _distinct_values(session, audit_anchors.c.service):
        for bureau in _distinct_values(session, audit_anchors.c.bureau, audit_anchors.c.service == service):
            of_chain = (audit_anchors.c.service == service, audit_anchors.c.bureau == bureau)
            newest = select(*(audit_anchors.c[name] for name in names)).where(*of_chain)
            rows = session.execute(newest.order_by(audit_anchors.c.number.desc()).limit(HEADS))
            heads += map(_stored_head, rows)
    began = session.execute(select(func.min(audit_anchors.c.kept_at))).scalar()
    return {"heads": heads, "began": began.isoformat() if began else None}


def _stored_head(row: Row[Any]) -> StoredHead:
    kept_at = row.kept_at.isoformat() if row.kept_at else None
    return {"service": row.service, "bureau": row.bureau, "number": row.number, "hash": row.hash, "kept_at": kept_at}


def _distinct_values(session: Session, column: Column[str], *conditions: ColumnElement[bool]) -> Iterator[str]:
    """Yield the distinct values of a column, each found by one step in the index, because the tables are long and have few
    distinct values."""
    value = session.execute(select(func.min(column)).where(*conditions)).scalar()
    while value is not None:
        yield value
        value = session.execute(select(func.min(column)).where(*conditions, column > value)).scalar()
