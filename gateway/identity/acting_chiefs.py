"""Acting chiefs: an officer signs in the name of a chief of the same bureau, from one day to another.

Days are real days in Beijing time, not those of the domain's clock, because they determine the rights of a login.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import ColumnElement, insert, or_, select, update
from sqlalchemy.orm import Session

from gateway.identity.accounts import find, lock_account
from gateway.identity.rows import AccountRow, ActingChiefRow
from gateway.identity.tables import acting_chiefs
from services.contracts.gateway.answers import ActingChiefAnswerDict
from services.contracts.gateway.payloads import ActingChiefAppointed, ActingChiefEnded
from services.contracts.pages import PageDict
from services.kernel.clock import Clock, local_date, real_now
from services.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from services.kernel.identity import PROVINCE, Actor
from services.kernel.ids import new_id
from services.kernel.persistence.paging import page
from services.kernel.persistence.typed_rows import typed_row
from services.kernel.persistence.unit_of_work import record_change

#: The longest duration of one appointment, in days.
LONGEST = 366


def appoint_acting_chief(
    session: Session,
    clock: Clock,
    actor: Actor,
    account: str,
    acts_for: str | None,
    from_on: str | None,
    until: str,
    reason: str,
) -> ActingChiefAnswerDict:
    """A chief appoints an officer of the bureau (`account`) to sign in the chief's own name, or in the name of another chief of
    the bureau (`acts_for`), from the day `from_on` (by default today) to the end of the day `until`.

    Raises Forbidden if the actor is an acting chief, Invalid for accounts of another bureau or role and for days that are past or
    too far apart, Conflict if the officer or the chief is part of another appointment on these days.
    """
    bureau = _require_chief(actor)
    today = local_date(real_now())
    first, last = date.fromisoformat(from_on) if from_on else today, date.fromisoformat(until)
    _check_days(first, last, today)
    chief = acts_for or actor.username
    _check_account(session, actor, chief, "chief", "/acts_for")
    _check_account(session, actor, account, "officer", "/account")
    _require_free(session, account, chief, first, last)
    row: ActingChiefRow = {
        "id": new_id(),
        "bureau": bureau,
        "account": account,
        "acts_for": chief,
        "from_on": first,
        "until": last,
        "reason": reason,
        "appointed_by": actor.username,
        "appointed_at": clock.now(),
        "ended_at": None,
        "ended_by": None,
        "ended_reason": None,
    }
    session.execute(insert(acting_chiefs).values(**row))
    appointed = ActingChiefAppointed(**_event_members(row), from_=first, until=last, reason=reason)
    _publish_appointment_event(session, "acting_chief.appointed", appointed, before=None)
    return _appointment_answer(row, today)


def end_acting_chief(session: Session, clock: Clock, actor: Actor, id: str, reason: str) -> ActingChiefAnswerDict:
    """A chief of the bureau ends an appointment before its last day. Raises NotFound for an appointment of another bureau,
    Conflict if it has already ended."""
    _require_chief(actor)
    row = session.execute(select(acting_chiefs).where(acting_chiefs.c.id == id).with_for_update()).one_or_none()
    if row is None or row.bureau != actor.bureau:
        raise NotFound("no_such_appointment", "本部门没有这项代理。", "Your bureau has no such appointment.")
    before, today = typed_row(ActingChiefRow, row), local_date(real_now())
    if _state(before, today) in ("ended", "over"):
        raise Conflict("appointment_over", "这项代理已经结束。", "This appointment is over.", status=_state(before, today))
    after: ActingChiefRow = {**before, "ended_at": clock.now(), "ended_by": actor.username, "ended_reason": reason}
    session.execute(update(acting_chiefs).where(acting_chiefs.c.id == id).values(**after))
    _publish_appointment_event(
        session,
        "acting_chief.ended",
        ActingChiefEnded(**_event_members(before), reason=reason),
        before=_appointment_answer(before, today),
    )
    return _appointment_answer(after, today)


def list_acting_chiefs(
    session: Session, actor: Actor, state: str | None, limit: int, cursor: str | None
) -> PageDict[ActingChiefAnswerDict]:
    """Query: list the appointments of the actor's bureau, the newest first; for an auditor, those of all bureaus. `state`:
    planned, active, ended (by a chief, before the last day) or over."""
    actor.require("officer", "chief", "auditor")
    today = local_date(real_now())
    statement = select(acting_chiefs)
    if not actor.has("auditor"):
        statement = statement.where(acting_chiefs.c.bureau == actor.bureau)
    if state is not None:
        statement = statement.where(in_state(state, today))
    rows, next_cursor = page(session, statement, [acting_chiefs.c.id], limit=limit, cursor=cursor, descending=True)
    return {"items": [_appointment_answer(typed_row(ActingChiefRow, row), today) for row in rows], "next_cursor": next_cursor}


def acted_for(session: Session, row: AccountRow) -> str | None:
    """Return the chief in whose name this account signs today; None for most accounts. An appointment has no effect while one of
    its two accounts is closed, or while they are not an officer and a chief of the same bureau."""
    if "officer" not in row["roles"]:
        return None
    today = local_date(real_now())
    of_account = (acting_chiefs.c.account == row["username"]) & (acting_chiefs.c.bureau == row["bureau"])
    acts_for = session.execute(select(acting_chiefs.c.acts_for).where(of_account, in_state("active", today)).limit(1)).scalar()
    chief = find(session, acts_for) if acts_for else None
    return acts_for if chief and _has_role_in(chief, row["bureau"], "chief") else None


def _require_chief(actor: Actor) -> str:
    """Return the bureau of an actor who is a chief. Raises Forbidden for other roles and for acting chiefs."""
    actor.require("chief")
    if actor.acting_for is not None:
        raise Forbidden(
            "not_for_acting_chief",
            "代理负责人不能再确定或结束代理。",
            "An acting chief neither appoints nor ends acting chiefs.",
        )
    return actor.bureau or PROVINCE


def _check_days(first: date, last: date, today: date) -> None:
    if first < today:
        raise Invalid.field("/from", "past_date", "代理开始日期不能早于今天。", "It begins before today.")
    if last < first:
        raise Invalid.field("/until", "past_date", "代理结束日期不能早于开始日期。", "It ends before it begins.")
    if last - first > timedelta(days=LONGEST):
        raise Invalid.field("/until", "too_long", "一次代理最长一年。", "An appointment lasts a year at most.")


def _check_account(session: Session, actor: Actor, username: str, role: str, pointer: str) -> None:
    row = find(session, username)
    if row is None or not _has_role_in(row, actor.bureau, role):
        raise Invalid.field(
            pointer,
            "not_of_bureau",
            "须为本部门在用的负责人账号。" if role == "chief" else "须为本部门在用的经办人账号。",
            f"This must be an active {role}'s account of your bureau.",
        )
    if role == "officer" and "chief" in row["roles"]:
        raise Invalid.field(pointer, "chief_already", "该账号已是负责人。", "This account is a chief's already.")


def _has_role_in(row: AccountRow, bureau: str | None, role: str) -> bool:
    return bool(row["active"]) and row["bureau"] == bureau and role in row["roles"]


def _require_free(session: Session, account: str, chief: str, first: date, last: date) -> None:
    """Raise Conflict if the officer's account or the chief's is part of another appointment on these days. The accounts' rows are
    locked, so that the second of two concurrent appointments sees the first."""
    for username in sorted({account, chief}):
        lock_account(session, username)
    part = or_(acting_chiefs.c.account == account, acting_chiefs.c.acts_for == chief)
    open_on_days = acting_chiefs.c.ended_at.is_(None) & (acting_chiefs.c.from_on <= last) & (acting_chiefs.c.until >= first)
    overlapping = session.execute(select(acting_chiefs.c.id).where(part, open_on_days).limit(1)).scalar()
    if overlapping is not None:
        raise Conflict(
            "acting_already",
            "这段时间内该经办人已在代理，或该负责人已有代理人。",
            "On these days the officer acts for a chief already, or the chief has an acting chief.",
            appointment=overlapping,
        )


def in_state(state: str, today: date) -> ColumnElement[bool]:
    """Return the condition that selects appointments in this state on a day."""
    if state == "ended":
        return acting_chiefs.c.ended_at.is_not(None)
    days: dict[str, ColumnElement[bool]] = {
        "planned": acting_chiefs.c.from_on > today,
        "active": (acting_chiefs.c.from_on <= today) & (acting_chiefs.c.until >= today),
        "over": acting_chiefs.c.until < today,
    }
    return acting_chiefs.c.ended_at.is_(None) & days[state]


def _state(row: ActingChiefRow, today: date) -> str:
    if row["ended_at"] is not None:
        return "ended"
    if row["until"] < today:
        return "over"
    return "planned" if row["from_on"] > today else "active"


def _appointment_answer(row: ActingChiefRow, today: date) -> ActingChiefAnswerDict:
    return {
        "id": row["id"],
        "bureau": row["bureau"],
        "account": row["account"],
        "acts_for": row["acts_for"],
        "reason": row["reason"],
        "appointed_by": row["appointed_by"],
        "ended_by": row["ended_by"],
        "ended_reason": row["ended_reason"],
        "from": row["from_on"].isoformat(),
        "until": row["until"].isoformat(),
        "state": _state(row, today),
        "appointed_at": row["appointed_at"].isoformat(),
        "ended_at": row["ended_at"].isoformat() if row["ended_at"] else None,
    }


def _event_members(row: ActingChiefRow) -> dict[str, str]:
    """Return the members that every event about an appointment contains."""
    return {"appointment": row["id"], "account": row["account"], "acts_for": row["acts_for"], "bureau": row["bureau"]}


def _publish_appointment_event(session: Session, type: str, data: ActingChiefEnded, before: ActingChiefAnswerDict | None) -> None:
    subject = f"acting_chief/{data.appointment}"
    record_change(session, type, subject, data, bureau=data.bureau, before=before, after=data.to_dict())
