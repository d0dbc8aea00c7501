"""Queries about organisations, about the consortia in which they take part, and about the integrity register."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from services.application.access import bureau_reads, reads_for_bureau, reads_organisation, require_province
from services.application.domain.application import Application
from services.application.domain.organisation import Organisation
from services.application.domain.verification import Verification, unverified
from services.application.queries.changes import may_read_change
from services.application.repository import changes, organisations, quotas, register, verifications
from services.application.serializers import application_serializers
from services.application.tables import applications, integrity_records
from services.application.tables import organisations as table
from services.contracts.application.organisation_responses import (
    IntegrityRecordAnswerDict,
    OrganisationAnswerDict,
    OrganisationNameAnswerDict,
    StandingAnswerDict,
    SuccessionItem,
    UnitOfChange,
    UnverifiedAnswerDict,
)
from services.contracts.pages import PageDict
from services.kernel.clock import Clock
from services.kernel.errors import Forbidden
from services.kernel.identity import PROVINCE, Actor
from services.kernel.persistence.paging import page
from services.policy import Standing


def get_organisation(session: Session, actor: Actor, uscc: str) -> OrganisationAnswerDict:
    """Return an organisation's own data with their verifications, for the organisation itself, the city in which it is
    registered, the province and auditors. Raises NotFound for other actors."""
    organisation = organisations.by_code(session, [uscc]).get(uscc)
    if organisation is None or not reads_organisation(actor, organisation):
        raise organisations.no_organisation()
    return application_serializers.organisation(organisation, verifications.of_organisation(session, uscc))


def list_verifications(
    session: Session, actor: Actor, limit: int = 50, cursor: str | None = None
) -> PageDict[UnverifiedAnswerDict]:
    """List the organisations that declare facts which no bureau has verified, with these facts. A city gets those registered in
    it, the province and auditors get all. Raises Forbidden for other actors."""
    city = actor.bureau if reads_for_bureau(actor) and actor.bureau != PROVINCE else None
    if not (actor.has("auditor") or reads_for_bureau(actor)):
        raise Forbidden("bureaus_only", "此页面供主管部门使用。", "This is for the bureaus.")
    statement = select(table.c.region, table.c.uscc, Organisation).where(table.c.registered, table.c.to_verify)
    if city is not None:
        statement = statement.where(organisations.in_city(city))
    rows, next_cursor = page(session, statement, [table.c.region, table.c.uscc], limit=limit, cursor=cursor)
    listed = [row.Organisation for row in rows]
    in_force = verifications.in_force(session, (organisation.uscc for organisation in listed))
    return {"items": [_unverified(each, in_force.get(each.uscc, {})) for each in listed], "next_cursor": next_cursor}


def _unverified(organisation: Organisation, verified: dict[str, Verification]) -> UnverifiedAnswerDict:
    return {
        "uscc": organisation.uscc,
        "name": organisation.name,
        "kind": organisation.kind,
        "region": organisation.region,
        "facts": unverified(organisation.snapshot(), verified),
    }


def organisation_name(session: Session, actor: Actor, uscc: str) -> OrganisationNameAnswerDict:
    """Return the name, kind and region of an organisation, so that an applicant or official can check a code before naming it in
    a form. All three are None for an organisation that neither registered nor was named by the province. Raises NotFound for
    other actors."""
    if not (actor.has("applicant") or reads_for_bureau(actor)):
        raise organisations.no_organisation()
    organisation = session.get(Organisation, uscc)
    return {
        "uscc": uscc,
        "registered": organisation is not None and organisation.registered,
        "name": organisation.name if organisation else None,
        "kind": organisation.kind if organisation else None,
        "region": organisation.region if organisation else None,
    }


def unit_names(session: Session, actor: Actor, codes: Collection[str]) -> dict[str, str | None]:
    """Query: return the names of a case's units by code. The actor already sees the case with these codes."""
    actor.require("officer", "chief", "expert", "third_party", "auditor")
    return organisations.names(session, codes)


def organisation_standing(session: Session, clock: Clock, actor: Actor, uscc: str) -> StandingAnswerDict:
    """Return how many consortia an organisation leads and takes part in, recognised or in process, and its integrity records
    (A5(2)5, A5(3)5, A14(4)).

    The organisation itself, every bureau and auditors may read them. Cases in process and changes are listed only for actors who
    may read them; the numbers count all of them. Raises NotFound for other actors.
    """
    is_own = actor.has("applicant") and actor.organisation == uscc
    if not (is_own or actor.has("auditor") or reads_for_bureau(actor)):
        raise organisations.no_organisation()
    organisation = _existing(session, uscc)
    reserved = quotas.of_organisation(session, uscc)
    counted = quotas.usage_of(session, [uscc]).get(uscc, Standing())
    recognised = register.by_ids(session, (quota.subject.partition("/")[2] for quota in reserved if quota.confirmed_at))
    pending = [quota for quota in reserved if not quota.confirmed_at]
    of_applications = [quota for quota in pending if quota.subject.startswith("application/")]
    ids = [quota.subject.partition("/")[2] for quota in of_applications]
    cases = {a.id: a for a in session.execute(select(Application).where(applications.c.id.in_(ids))).scalars()}
    return {
        "uscc": uscc,
        "name": organisation.name,
        "leads": counted.leads,
        "joins": counted.joins,
        "consortia": [
            {"id": row.id, "number": row.number, "name": row.name, "status": row.status, "leading": row.lead == uscc}
            for row in recognised.values()
        ],
        "in_process": [
            {"application": id, "name": cases[id].name, "status": cases[id].status, "leading": quota.leads, "held": quota.held}
            for id, quota in zip(ids, of_applications, strict=True)
            if is_own or actor.has("auditor") or bureau_reads(actor, cases[id])
        ],
        "joining": _joining(session, actor, pending),
        "succession": [_succession(row) for row in changes.successions_of(session, uscc)],
        "integrity": [application_serializers.record(row, clock.today()) for row in _records_of(session, uscc)],
    }


def _joining(session: Session, actor: Actor, quotas: Sequence[Row[Any]]) -> list[UnitOfChange]:
    """Return the changes by which the organisation is about to join a consortium. Changes that the actor may not read are left
    out."""
    readable: list[UnitOfChange] = []
    for quota in quotas:
        kind, _, id = quota.subject.partition("/")
        if kind == "change":
            change = changes.by_id(session, id)
            if may_read_change(session, actor, change, register.consortium(session, change.consortium_id)):
                readable.append({"change": id, "held": quota.held})
    return readable


def _succession(row: Row[Any]) -> SuccessionItem:
    """Return one succession, in which the organisation is the predecessor or the successor."""
    return {
        "predecessor": row.predecessor,
        "successor": row.successor,
        "kind": row.kind,
        "effective_on": row.effective_on.isoformat(),
    }


def list_integrity_records(
    session: Session, clock: Clock, actor: Actor, limit: int = 50, cursor: str | None = None, uscc: str | None = None
) -> PageDict[IntegrityRecordAnswerDict]:
    """List the integrity records, the newest first, for the province and auditors."""
    if not actor.has("auditor"):
        require_province(actor)
    statement = select(
        integrity_records.c.id,
        integrity_records.c.uscc,
        integrity_records.c.reason,
        integrity_records.c.recorded_on,
        integrity_records.c.penalty_until,
        integrity_records.c.repairs,
        table.c.name,
    ).outerjoin(table, table.c.uscc == integrity_records.c.uscc)
    if uscc:
        statement = statement.where(integrity_records.c.uscc == uscc)
    rows, next_cursor = page(session, statement, [integrity_records.c.id], limit=limit, cursor=cursor, descending=True)
    return {
        "items": [{**application_serializers.record(row, clock.today()), "name": row.name} for row in rows],
        "next_cursor": next_cursor,
    }


def _records_of(session: Session, uscc: str) -> list[Row[Any]]:
    statement = select(integrity_records).where(integrity_records.c.uscc == uscc).order_by(integrity_records.c.id)
    return list(session.execute(statement))


def _existing(session: Session, uscc: str) -> Organisation:
    organisation = organisations.by_code(session, [uscc]).get(uscc)
    if organisation is None:
        raise organisations.no_organisation()
    return organisation
