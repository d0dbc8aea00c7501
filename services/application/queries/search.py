"""Search names, numbers and codes of the applications, consortia, organisations and calls that the actor may read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import Session

from services.application.access import reads_for_bureau
from services.application.queries.applications import limit_to_readable as scoped_applications
from services.application.queries.consortia import limit_to_readable as scoped_consortia
from services.application.repository import organisations as repository
from services.application.repository import search as pairs
from services.application.tables import applications, calls, consortia, organisations
from services.contracts.labels import label
from services.contracts.search import SearchResults
from services.kernel.identity import Actor
from services.kernel.search import Hit, Search, run_searches


def search(session: Session, actor: Actor, q: str, limit: int) -> SearchResults:
    """Query: return the newest entries of each kind whose name, number or code contains `q` (at least two characters)."""
    return run_searches(session, _searches(actor, q.strip().lower()), limit)


def _searches(actor: Actor, q: str) -> Iterator[Search]:
    if reads_for_bureau(actor) or actor.has("applicant", "auditor"):
        yield _applications(actor, q)
        yield _consortia(actor, q)
    if reads_for_bureau(actor) or actor.has("auditor"):
        yield _organisations(actor, q)
    call_titles = select(calls.c.id, calls.c.title, calls.c.kind).where(func.lower(calls.c.title).contains(q, autoescape=True))
    yield Search("call", call_titles.order_by(calls.c.id.desc()), _call)


def _applications(actor: Actor, q: str) -> Search:
    listed = select(applications.c.id, applications.c.name, applications.c.status, organisations.c.name.label("lead"))
    listed = listed.outerjoin(organisations, organisations.c.uscc == applications.c.lead)
    conditions = pairs.matching_text("application", applications.c.id, applications.c.searchable, q)
    return Search(
        "application", scoped_applications(listed, actor).where(*conditions).order_by(applications.c.id.desc()), _application
    )


def _application(row: Row[Any]) -> Hit:
    return Hit(row.id, row.name, subtitle=row.lead, status=label("application_status", row.status).to_dict())


def _consortia(actor: Actor, q: str) -> Search:
    listed = select(consortia.c.id, consortia.c.name, consortia.c.number, consortia.c.status, organisations.c.name.label("lead"))
    listed = listed.outerjoin(organisations, organisations.c.uscc == consortia.c.lead)
    conditions = pairs.matching_text("consortium", consortia.c.id, consortia.c.searchable, q)
    return Search("consortium", scoped_consortia(listed, actor).where(*conditions).order_by(consortia.c.id.desc()), _consortium)


def _consortium(row: Row[Any]) -> Hit:
    return Hit(row.id, row.name, row.number, row.lead, label("consortium_status", row.status).to_dict())


def _organisations(actor: Actor, q: str) -> Search:
    """Return the search over organisations. It covers all of them for the province and auditors, and those registered in its city
    for a city bureau. An industry bureau finds none."""
    columns = (organisations.c.uscc, organisations.c.name, organisations.c.kind)
    matching = or_(
        func.lower(organisations.c.name).contains(q, autoescape=True),
        organisations.c.uscc.startswith(q.upper(), autoescape=True),
    )
    statement = select(*columns).where(matching)
    if not (actor.has("auditor") or actor.of_province):
        statement = statement.where(repository.in_city(actor.bureau or ""))
    return Search("organisation", statement.order_by(organisations.c.uscc), _organisation)


def _organisation(row: Row[Any]) -> Hit:
    kind = label("organisation_kind", row.kind).to_dict() if row.kind else None
    return Hit(row.uscc, row.name, row.uscc, kind)


def _call(row: Row[Any]) -> Hit:
    return Hit(row.id, row.title, subtitle=label("call_kind", row.kind).to_dict())
