"""Queries about rectifications and revocation cases, for the accounts that may read them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.orm import Session

from services.contracts.evaluation.answers import RectificationAnswerDict, RevocationAnswerDict
from services.contracts.pages import PageDict
from services.evaluation.available_actions import rectification_actions, revocation_actions
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.rectification import Rectification
from services.evaluation.domain.revocation import Revocation
from services.evaluation.repository import revocations as repository
from services.evaluation.serializers import rectification_answer, revocation_answer
from services.evaluation.tables import consortia, rectifications, revocations
from services.kernel.clock import Clock
from services.kernel.errors import NotFound
from services.kernel.identity import Actor
from services.kernel.persistence.paging import page


def list_rectifications(
    session: Session,
    actor: Actor,
    limit: int = 50,
    cursor: str | None = None,
    status: str | None = None,
    consortium: str | None = None,
) -> PageDict[RectificationAnswerDict]:
    """List the rectifications that the actor may see, the newest first: a lead sees those of its consortium, a bureau those of
    its own consortia, the province and auditors see all."""
    rows, next_cursor = _page(session, actor, rectifications, Rectification, limit, cursor, status, consortium)
    return {"items": [rectification_answer(row[1], row.Consortium) for row in rows], "next_cursor": next_cursor}


def get_rectification(session: Session, clock: Clock, actor: Actor, id: str) -> RectificationAnswerDict:
    """Return one rectification with the actions that the actor may take on it. Raises NotFound."""
    case = repository.rectification(session, id)
    consortium = _visible(session, actor, case.consortium, repository.no_rectification())
    return {**rectification_answer(case, consortium), "actions": rectification_actions(actor, case, consortium, clock.today())}


def list_revocations(
    session: Session,
    actor: Actor,
    limit: int = 50,
    cursor: str | None = None,
    status: str | None = None,
    consortium: str | None = None,
) -> PageDict[RevocationAnswerDict]:
    """List the revocation cases that the actor may see. A lead sees the cases that the province has opened, but no proposals of
    the platform."""
    rows, next_cursor = _page(session, actor, revocations, Revocation, limit, cursor, status, consortium)
    return {"items": [revocation_answer(row[1], row.Consortium) for row in rows], "next_cursor": next_cursor}


def get_revocation(session: Session, clock: Clock, actor: Actor, id: str) -> RevocationAnswerDict:
    """Return one revocation case with the actions that the actor may take on it. Raises NotFound."""
    case = repository.revocation(session, id)
    consortium = _visible(session, actor, case.consortium, repository.no_revocation())
    if case.opened_on is None and not _may_filter_by_bureau(actor):
        raise repository.no_revocation()
    return {**revocation_answer(case, consortium), "actions": revocation_actions(actor, case, consortium, clock.now())}


def _page(
    session: Session,
    actor: Actor,
    table: Table,
    entity: type[Any],
    limit: int,
    cursor: str | None,
    status: str | None,
    consortium: str | None,
) -> tuple[list[Any], str | None]:
    statement = select(table.c.id, entity, Consortium).join(consortia, consortia.c.id == table.c.consortium)
    for column, value in ((table.c.status, status), (table.c.consortium, consortium)):
        if value:
            statement = statement.where(column == value)
    statement = statement.where(*_scope(actor, table))
    return page(session, statement, [table.c.id], limit=limit, cursor=cursor, descending=True)


def _scope(actor: Actor, table: Table) -> list[ColumnElement[bool]]:
    if actor.has("auditor") or (actor.official and actor.of_province):
        return []
    if actor.official:
        return [consortia.c.recommender == actor.bureau]
    conditions: list[ColumnElement[bool]] = [consortia.c.lead == (actor.organisation or "")]
    return [*conditions, table.c.opened_on.is_not(None)]


def _visible(session: Session, actor: Actor, id: str, refusal: NotFound) -> Consortium:
    consortium = session.get_one(Consortium, id)
    if not consortium.may_be_seen_by(actor):
        raise refusal
    return consortium


def _may_filter_by_bureau(actor: Actor) -> bool:
    return actor.has("auditor") or actor.official
