"""Calls, which every client may read."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.application.domain.call import Call
from services.application.repository import cases
from services.application.serializers import application_serializers
from services.application.tables import calls
from services.contracts.application.call_responses import CallAnswerDict, CallPaperDict, CallWithDocuments
from services.contracts.labels import label
from services.contracts.pages import CountedPageDict
from services.kernel.clock import Clock
from services.kernel.persistence.paging import page, total
from services.policy import Policies

#: Kinds of document that a formation application may include in addition to the required ones.
OPTIONAL = ("figures_evidence", "attachment")


def get_call(session: Session, clock: Clock, policies: Policies, id: str) -> CallWithDocuments:
    """One call, with the documents that an application in it must or may include (A6(1)). Raises NotFound."""
    call = cases.call(session, id)
    return {**application_serializers.call(call, clock.now()), "required_documents": required_documents(policies, call)}


def required_documents(policies: Policies, call: Call) -> list[CallPaperDict]:
    """Return the kinds of document that an application for a call must or may contain (A6(1))."""
    papers = policies.get(call.policy).documents_for(call.kind)
    by_kind = {paper.kind: _paper(paper.kind, paper.label.to_dict(), paper.citation, required=True) for paper in papers}
    for kind in call.attachments:
        by_kind.setdefault(kind, _paper(kind, label("document_kind", kind).to_dict(), None, required=True))
    for kind in OPTIONAL if call.kind == "formation" else ():
        by_kind.setdefault(kind, _paper(kind, label("document_kind", kind).to_dict(), None, required=False))
    return list(by_kind.values())


def _paper(kind: str, title: dict[str, str], citation: str | None, *, required: bool) -> CallPaperDict:
    return {"kind": kind, "title": title, "citation": citation, "required": required}


def list_calls(
    session: Session,
    clock: Clock,
    limit: int = 50,
    cursor: str | None = None,
    kind: str | None = None,
    status: str | None = None,
) -> CountedPageDict[CallAnswerDict]:
    """Calls, the newest first; `status` is upcoming, open, closed or cancelled."""
    now = clock.now()
    conditions = {
        None: (),
        "cancelled": (calls.c.cancelled_reason.is_not(None),),
        "upcoming": (calls.c.cancelled_reason.is_(None), calls.c.opens_at > now),
        "open": (calls.c.cancelled_reason.is_(None), calls.c.opens_at <= now, calls.c.closes_at >= now),
        "closed": (calls.c.cancelled_reason.is_(None), calls.c.closes_at < now),
    }
    statement = select(calls.c.id, Call).where(*conditions[status])
    if kind:
        statement = statement.where(calls.c.kind == kind)
    rows, next_cursor = page(session, statement, [calls.c.id], limit=limit, cursor=cursor, descending=True)
    items = [application_serializers.call(row.Call, now) for row in rows]
    counted = total(session, statement, [calls.c.id], len(rows), cursor=cursor, more=next_cursor)
    return {"items": items, "next_cursor": next_cursor, "total": counted}
