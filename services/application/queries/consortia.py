"""Queries about the register of consortia, for its parties and bureaus and for the public."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from services.application.access import readable_consortium, reads_for_bureau, reads_proposals
from services.application.domain.proposal import CONFIRMED, PROPOSED, Proposal
from services.application.queries.changes import pending_changes
from services.application.queries.watch_list import asked_of_lead
from services.application.repository import proposals, register, search
from services.application.serializers import application_serializers, register_serializers
from services.application.tables import applications, calls, consortia, consortium_units, organisations, versions
from services.application.tables import proposed_consortia as table
from services.contracts.application.application_responses import Waiver
from services.contracts.application.register_responses import (
    ConsortiumAnswerDict,
    ConsortiumItemDict,
    ProposedConsortium,
    PublicConsortiumAnswerDict,
    PublicityItemDict,
)
from services.contracts.organisation_name import OrganisationName
from services.contracts.pages import CountedPageDict
from services.kernel.clock import Clock, local_date
from services.kernel.errors import Forbidden
from services.kernel.identity import Actor
from services.kernel.persistence.paging import page, total


def get_consortium(session: Session, actor: Actor, id: str) -> ConsortiumAnswerDict | ProposedConsortium:
    """Return one consortium with its units, for actors who may read it. The province and auditors may also read a proposed
    consortium (A16). Raises NotFound for all others."""
    proposal = proposals.find(session, id) if reads_proposals(actor) else None
    if proposal is not None and proposal.status != CONFIRMED:
        return register_serializers.proposal(proposal)
    consortium = readable_consortium(session, actor, id)
    units = register.units_of(session, id)
    item = application_serializers.consortium_item(consortium, units[0].name)
    return {
        **item,
        "imported": consortium.imported,
        "policy": consortium.policy,
        "application": consortium.application_id,
        "units": [{"uscc": unit.uscc, "name": unit.name, "tier": unit.tier, "role": unit.role} for unit in units],
        "under_guidance": consortium.under_guidance,
        "people": consortium.people,
        "pending_changes": pending_changes(session, id),
        "asked": asked_of_lead(session, id),
        "proposal": register_serializers.entered(proposal) if proposal else None,
        "etag": str(consortium.revision),
    }


def list_consortia(
    session: Session,
    actor: Actor,
    limit: int = 50,
    cursor: str | None = None,
    status: str | None = None,
    field: str | None = None,
    recommender: str | None = None,
    number: str | None = None,
    q: str | None = None,
) -> CountedPageDict[ConsortiumItemDict] | CountedPageDict[ProposedConsortium]:
    """List the consortia of the register that the actor may read, the newest entries first. With `status` proposed, the province
    and auditors get the proposals that wait for a second person (A16). Raises Forbidden for actors who may read no consortium."""
    if status == PROPOSED and reads_proposals(actor):
        return _proposed(session, limit, cursor, recommender, field, q)
    statement = _filtered(limit_to_readable(_list_statement(), actor), status, recommender)
    return _page(session, statement, limit, cursor, field, number, q, counted=actor.organisation is None)


def _proposed(
    session: Session, limit: int, cursor: str | None, recommender: str | None, field: str | None, q: str | None
) -> CountedPageDict[ProposedConsortium]:
    statement = select(table.c.id, Proposal).where(table.c.status == PROPOSED)
    for name, value in (("recommender", recommender), ("field", field)):
        if value:
            statement = statement.where(table.c.content[name].as_string() == value)
    if q:
        statement = statement.where(table.c.name.contains(q, autoescape=True))
    rows, next_cursor = page(session, statement, [table.c.id], limit=limit, cursor=cursor, descending=True)
    counted = total(session, statement, [table.c.id], len(rows), cursor=cursor, more=next_cursor)
    items = [register_serializers.proposal(row.Proposal) for row in rows]
    return {"items": items, "next_cursor": next_cursor, "total": counted}


def public_consortia(
    session: Session,
    limit: int = 50,
    cursor: str | None = None,
    status: str | None = None,
    field: str | None = None,
    recommender: str | None = None,
    number: str | None = None,
    q: str | None = None,
) -> CountedPageDict[ConsortiumItemDict]:
    """List the public register: names, numbers and status, without figures."""
    statement = _filtered(_list_statement(), status, recommender)
    return _page(session, statement, limit, cursor, field, number, q)


def public_consortium(session: Session, number: str) -> PublicConsortiumAnswerDict:
    """One consortium of the public register, with its units and their tiers. Raises NotFound."""
    row = session.execute(_list_statement().where(consortia.c.number == number)).one_or_none()
    if row is None:
        raise register.no_consortium()
    units = register.units_of(session, row.id)
    return {
        **application_serializers.consortium_item(row, row.lead_name),
        "graded_on": row.graded_on.isoformat() if row.graded_on else None,
        "units": [{"uscc": unit.uscc, "name": unit.name, "tier": unit.tier} for unit in units],
    }


def public_publicity(
    session: Session, clock: Clock, limit: int = 50, cursor: str | None = None
) -> CountedPageDict[PublicityItemDict]:
    """List publicly the applications in their publicity period, to which objections can be filed (A6(2)): names, units, the
    waived rules with title, article and reason (A8), and the contact that the call names."""
    columns = [applications.c[name] for name in ("name", "field", "lead", "recommender", "publicity_ends", "decision", "call_id")]
    statement = (
        select(applications.c.id, *columns, versions.c.inputs, calls.c.contact)
        .outerjoin(calls, calls.c.id == applications.c.call_id)
        .join(versions, (versions.c.application_id == applications.c.id) & (versions.c.number == applications.c.version))
        .where(applications.c.status == "publicised", applications.c.publicity_ends >= clock.now())
    )
    rows, next_cursor = page(session, statement, [applications.c.id], limit=limit, cursor=cursor)
    items = [_publicity_item(row) for row in rows]
    counted = total(session, statement, [applications.c.id], len(rows), cursor=cursor, more=next_cursor)
    return {"items": items, "next_cursor": next_cursor, "total": counted}


def _publicity_item(row: Row[Any]) -> PublicityItemDict:
    units: list[OrganisationName] = [{"uscc": unit["uscc"], "name": unit["name"]} for unit in row.inputs["units"]]
    return {
        "application": row.id,
        "call": row.call_id,
        "name": row.name,
        "field": row.field,
        "lead": units[0],
        "units": units,
        "recommender": row.recommender,
        "ends_on": local_date(row.publicity_ends).isoformat(),
        "waivers": [_waiver(waiver) for waiver in row.decision["waivers"]],
        "list": row.decision.get("list"),
        "contact": row.contact,
    }


def _waiver(waiver: Waiver) -> Waiver:
    """Return a waiver without its signer. Waivers in decisions of earlier releases have no title."""
    public: Waiver = {"rule": waiver["rule"], "reason": waiver["reason"]}
    if "title" in waiver:
        public["title"] = waiver["title"]
    if "citation" in waiver:
        public["citation"] = waiver["citation"]
    return public


def _list_statement() -> Select[Any]:
    names = ("number", "name", "field", "status", "recognised_on", "recommender", "lead", "last_grade", "graded_on")
    return select(consortia.c.id, *(consortia.c[name] for name in names), organisations.c.name.label("lead_name")).outerjoin(
        organisations, organisations.c.uscc == consortia.c.lead
    )


def _filtered(statement: Select[Any], status: str | None, recommender: str | None) -> Select[Any]:
    if status:
        statement = statement.where(consortia.c.status == status)
    if recommender:
        statement = statement.where(consortia.c.recommender == recommender)
    return statement


def limit_to_readable(statement: Select[Any], actor: Actor) -> Select[Any]:
    """Limit a statement to the consortia that the actor may read. Raises Forbidden for actors who may read none."""
    if actor.has("auditor") or (reads_for_bureau(actor) and actor.of_province):
        return statement
    if reads_for_bureau(actor):
        return statement.where(consortia.c.recommender == actor.bureau)
    if actor.organisation is None:
        raise Forbidden(
            "no_case_content",
            "您的账号不能查看名册内部信息，请查询公开名册。",
            "Your account reads the public register only.",
        )
    joined = select(consortium_units.c.consortium_id).where(consortium_units.c.uscc == actor.organisation)
    return statement.where(consortia.c.id.in_(joined))


def _page(
    session: Session,
    statement: Select[Any],
    limit: int,
    cursor: str | None,
    field: str | None,
    number: str | None,
    q: str | None,
    *,
    counted: bool = True,
) -> CountedPageDict[ConsortiumItemDict]:
    """Return one page of consortia. `counted`: count the total even if there are more pages. A list that fits on one page needs
    no count: its total is the number of rows."""
    if field:
        statement = statement.where(consortia.c.field == field)
    if number:
        statement = statement.where(consortia.c.number == number)
    if q:
        statement = statement.where(*search.matching_text("consortium", consortia.c.id, consortia.c.searchable, q))
    rows, next_cursor = page(session, statement, [consortia.c.id], limit=limit, cursor=cursor, descending=True)
    items = [application_serializers.consortium_item(row, row.lead_name) for row in rows]
    must_count = counted or next_cursor is None
    count = total(session, statement, [consortia.c.id], len(rows), cursor=cursor, more=next_cursor) if must_count else None
    return {"items": items, "next_cursor": next_cursor, "total": count}
