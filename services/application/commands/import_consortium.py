"""The province enters a consortium that was recognised under the plan of 2021 (A16), so that quotas are right at once."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.application import answers
from services.application.access import require_province
from services.application.commands.recognise import enter, new_consortium
from services.application.domain.content import mistakes
from services.application.repository import organisations, places
from services.application.tables import consortia
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, FieldError, Invalid, Text
from services.kernel.identity import Actor
from services.policy import BUREAUS, Policies


def import_consortium(
    session: Session, clock: Clock, policies: Policies, actor: Actor, consortium: dict[str, Any]
) -> dict[str, Any]:
    """Enter it with its original date; its units' places count from now on, even beyond the limits (A16).

    Raises Forbidden for anybody but the province, Invalid, Conflict when this lead's consortium of this name is there."""
    require_province(actor)
    recognised_on = date.fromisoformat(consortium["recognised_on"])
    lead, members = consortium["lead"], consortium["members"]
    if errors := (*mistakes(lead, members), *_mistakes(consortium, recognised_on, clock.today())):
        raise Invalid("invalid_consortium", "内容有误，请按提示修改。", "There are mistakes.", errors=errors)
    named = {lead: consortium["lead_name"]} | {member["organisation"]: member["name"] for member in members}
    organisations.mention(session, named, clock.now())
    known = organisations.by_code(session, named, lock=True)
    for code, name in named.items():
        known[code].name = known[code].name or name
    _require_new(session, consortium)
    policy = policies.in_force(clock.today())
    entry = new_consortium(
        session,
        clock,
        name=consortium["name"],
        field=consortium["field"],
        recognised_on=recognised_on,
        recommender=consortium["recommender"],
        lead=lead,
        policy=policy.ref,
        application_id=None,
        people={},
    )
    listed = [{"uscc": m["organisation"], "tier": m["tier"], "role": m["role"]} for m in members]
    places.take(session, f"consortium/{entry.id}", named, lead, clock.now())
    enter(session, entry, policy, listed, "A16")
    return answers.consortium_item(entry, known[lead].name) | {"imported": True}


def _mistakes(consortium: dict[str, Any], recognised_on: date, today: date) -> list[FieldError]:
    found = []
    bureau = BUREAUS.get(consortium["recommender"])
    if bureau is None or bureau.tier == "province":
        text = Text("请填写设区市科技局或行业主管部门的代码。", "Give the code of a city or industry bureau.")
        found.append(FieldError("/recommender", "unknown_recommender", text))
    if recognised_on > today:
        text = Text("认定日期不能晚于今天。", "The date of recognition cannot lie ahead.")
        found.append(FieldError("/recognised_on", "date_ahead", text))
    return found


def _require_new(session: Session, consortium: dict[str, Any]) -> None:
    same = select(consortia.c.number).where(consortia.c.lead == consortium["lead"], consortia.c.name == consortium["name"])
    if number := session.execute(same).scalars().first():
        raise Conflict(
            "already_registered",
            f"该牵头单位的同名创新联合体已在名册（{number}）。",
            f"This lead's consortium of this name is in the register already ({number}).",
            number=number,
        )
