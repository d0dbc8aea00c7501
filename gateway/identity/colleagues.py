"""The officers and chiefs of a bureau, from whom the people who assign the bureau's cases choose."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.identity.acting_chiefs import in_state
from gateway.identity.tables import accounts, acting_chiefs
from services.contracts.gateway.answers import ColleagueAnswerDict, ColleaguesAnswerDict
from services.kernel.clock import local_date, real_now
from services.kernel.errors import Forbidden
from services.kernel.identity import Actor

#: The largest number of officers and chiefs of one bureau that are listed.
MOST = 1000


def colleagues(session: Session, actor: Actor, bureau_code: str) -> ColleaguesAnswerDict:
    """Query: return the active officers and chiefs of a bureau by name, without their addresses. Raises Forbidden for officials
    of another bureau."""
    if not (actor.has("auditor") or (actor.official and actor.bureau == bureau_code)):
        raise Forbidden("own_bureau_only", "只能查看本部门的人员。", "You see the officials of your own bureau alone.")
    columns = (accounts.c.username, accounts.c.name, accounts.c.roles)
    of_bureau = select(*columns).where(accounts.c.bureau == bureau_code, accounts.c.active, accounts.c.erased_at.is_(None))
    acting = select(acting_chiefs.c.account, acting_chiefs.c.acts_for).where(
        acting_chiefs.c.bureau == bureau_code, in_state("active", local_date(real_now()))
    )
    acts_for = {row.account: row.acts_for for row in session.execute(acting)}
    rows = session.execute(of_bureau.order_by(accounts.c.name, accounts.c.username).limit(MOST))
    people = [row for row in rows if {"officer", "chief"} & set(row.roles)]
    names = {row.username for row in people if "chief" in row.roles}
    items: list[ColleagueAnswerDict] = [
        {
            "username": row.username,
            "name": row.name,
            "roles": row.roles,
            "acting_for": acts_for.get(row.username) if acts_for.get(row.username) in names else None,
        }
        for row in people
    ]
    return {"items": items}
