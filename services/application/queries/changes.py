"""Changes and major matters, for the actors whom they concern (A12)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.application.access import may_read_consortium, readable_consortium, reads_for_bureau
from services.application.available_actions import change_actions
from services.application.domain.change import Change
from services.application.domain.consortium import Consortium
from services.application.flow_charts import change_flow
from services.application.repository import changes as repository
from services.application.repository import organisations, register
from services.application.serializers import register_serializers
from services.application.tables import changes as table
from services.application.tables import matters
from services.contracts.application.change_responses import ChangeAnswerDict, MajorMatterAnswerDict
from services.contracts.application.register_responses import PendingChange
from services.contracts.pages import PageDict
from services.kernel.identity import Actor
from services.kernel.persistence.paging import page
from services.policy import Policies


def list_changes(
    session: Session, actor: Actor, id: str, limit: int = 50, cursor: str | None = None, status: str | None = None
) -> PageDict[ChangeAnswerDict]:
    """The changes of a consortium, the newest first. Raises NotFound for actors who may not read the consortium."""
    readable_consortium(session, actor, id)
    statement = select(table.c.id, Change).where(table.c.consortium_id == id)
    if status:
        statement = statement.where(table.c.status == status)
    rows, next_cursor = page(session, statement, [table.c.id], limit=limit, cursor=cursor, descending=True)
    items = [register_serializers.change(row.Change, repository.confirmations(session, row.Change.id)) for row in rows]
    return {"items": items, "next_cursor": next_cursor}


def get_change(session: Session, policies: Policies, actor: Actor, id: str, change: str) -> ChangeAnswerDict:
    """Return one change with its flow chart and the actions that the actor may take. The readers of the change's consortium may
    read it, and so may the units that must confirm it and a bureau that gave its opinion before the consortium was handed over.
    Raises NotFound."""
    reported = repository.change(session, id, change)
    consortium = register.consortium(session, id)
    if not may_read_change(session, actor, reported, consortium):
        raise repository.no_change()
    organisations_by_code = organisations.load_named(
        session, [consortium.lead, *([actor.organisation] if actor.organisation else [])]
    )
    organisation, lead = organisations_by_code.get(actor.organisation or ""), organisations_by_code.get(consortium.lead)
    offered = change_actions(actor, reported, consortium, registered=bool(organisation and organisation.registered))
    chart = change_flow(session, policies.get(reported.policy), reported, consortium, lead.name if lead else None)
    answer = register_serializers.change(reported, repository.confirmations(session, change))
    return {**answer, "stages": chart, "actions": offered}


def may_read_change(session: Session, actor: Actor, change: Change, consortium: Consortium) -> bool:
    """Return whether the actor may read a change: readers of its consortium may, the units that must confirm it, and a bureau
    that gave its opinion before the consortium was handed over."""
    if may_read_consortium(session, actor, consortium):
        return True
    is_asked_unit = actor.has("applicant") and actor.organisation in {unit["organisation"] for unit in change.asking}
    signed = change.recommendation is not None and change.recommendation["by"] == actor.bureau
    return is_asked_unit or (reads_for_bureau(actor) and signed)


def pending_changes(session: Session, id: str) -> list[PendingChange]:
    """Return the changes that may still take effect, so that clients can show them beside the register's present state."""
    return [
        {
            "id": change.id,
            "kind": change.kind,
            "status": change.status,
            "late": change.late,
            "effective_on": change.effective_on.isoformat(),
        }
        for change in repository.pending(session, id)
    ]


def list_matters(
    session: Session, actor: Actor, id: str, limit: int = 50, cursor: str | None = None
) -> PageDict[MajorMatterAnswerDict]:
    """The major matters of a consortium, the newest first. Raises NotFound for actors who may not read the consortium."""
    readable_consortium(session, actor, id)
    columns = [column for column in matters.c if column.name != "id"]
    statement = select(matters.c.id, *columns).where(matters.c.consortium_id == id)
    rows, next_cursor = page(session, statement, [matters.c.id], limit=limit, cursor=cursor, descending=True)
    return {"items": [register_serializers.matter(row) for row in rows], "next_cursor": next_cursor}
