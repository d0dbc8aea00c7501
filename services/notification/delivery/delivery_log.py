"""The delivery log of letters. Operators see all letters and their results, with masked addresses; each person sees the letters
sent to that person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from services.contracts.gateway.answers import NotificationDataDict
from services.contracts.notification_answers import LetterAnswerDict
from services.contracts.pages import PageDict
from services.input.contact import masked_email, masked_phone
from services.kernel.clock import real_now
from services.kernel.errors import Conflict, NotFound
from services.kernel.identity import PROVINCE, Actor
from services.kernel.persistence.paging import page
from services.kernel.persistence.unit_of_work import audit_only, wake_job_workers
from services.notification.delivery import confidential
from services.notification.delivery.letter import LetterState
from services.notification.tables import contacts, letters


def list_letters(
    session: Session, actor: Actor, *, state: str | None, channel: str | None, limit: int, cursor: str | None
) -> PageDict[LetterAnswerDict]:
    """Query: list letters, the newest first."""
    actor.require("operator")
    statement = select(letters.c.id, letters, contacts.c.email, contacts.c.phone)
    statement = statement.outerjoin(contacts, contacts.c.account == letters.c.account)
    for column, value in ((letters.c.state, state), (letters.c.channel, channel)):
        if value is not None:
            statement = statement.where(column == value)
    rows, next_cursor = page(session, statement, [letters.c.id], limit=limit, cursor=cursor, descending=True)
    return {"items": [_letter_answer(row) for row in rows], "next_cursor": next_cursor}


def retry_letter(session: Session, actor: Actor, *, id: str) -> LetterAnswerDict:
    """Send a failed letter again, for example after its address was corrected. Raises Conflict unless the letter has failed."""
    actor.require("operator")
    row = _lock_letter(session, id)
    if row.state != LetterState.FAILED:
        raise Conflict("not_failed", "只有发送失败的消息可以重发。", "Only what failed can be sent again.", status=row.state)
    if row.type in confidential.TYPES:
        raise Conflict(
            "secret_gone",
            "验证码和重设密码的链接不能重发，请本人重新申请。",
            "Codes and links for a new password are not sent again; the person asks for another.",
            status=row.state,
        )
    return _change(session, id, {"state": LetterState.WAITING, "tries": 0, "next_at": real_now(), "code": None}, "letter.retried")


def bounce_letter(session: Session, actor: Actor, *, id: str, code: str) -> LetterAnswerDict:
    """Record that a mail system returned a letter after it had accepted it; the letter then counts as failed. `id` is part of the
    letter's Message-ID."""
    actor.require("operator")
    _lock_letter(session, id)
    return _change(session, id, {"state": LetterState.FAILED, "code": code}, "letter.bounced")


def own_letters(session: Session, actor: Actor) -> NotificationDataDict:
    """Query: return the data that this service stores about the actor, apart from preferences: addresses and sent letters."""
    person = session.execute(select(contacts).where(contacts.c.account == actor.username)).one_or_none()
    statement = select(letters).where(letters.c.account == actor.username).order_by(letters.c.id.desc()).limit(500)
    return {
        "contact": {"email": person.email, "phone": person.phone} if person else None,
        "letters": [
            {"type": row.type, "channel": row.channel, "state": row.state, "made_at": row.made_at.isoformat()}
            for row in session.execute(statement)
        ],
    }


def _lock_letter(session: Session, id: str) -> Row[Any]:
    row = session.execute(select(letters).where(letters.c.id == id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("no_such_letter", "没有这次发送。", "There is no such letter.")
    return row


def _change(session: Session, id: str, values: Mapping[str, object], action: str) -> LetterAnswerDict:
    session.execute(update(letters).where(letters.c.id == id).values(**values))
    audit_only(session, action, f"letter/{id}", bureau=PROVINCE)
    wake_job_workers(session)
    joined = select(letters, contacts.c.email, contacts.c.phone).outerjoin(contacts, contacts.c.account == letters.c.account)
    return _letter_answer(session.execute(joined.where(letters.c.id == id)).one())


def _letter_answer(row: Row[Any]) -> LetterAnswerDict:
    address = row.email if row.channel == "email" else row.phone
    return {
        "id": row.id,
        "account": row.account,
        "channel": row.channel,
        "type": row.type,
        "state": row.state,
        "tries": row.tries,
        "code": row.code,
        "to": masked(address, row.channel),
        "made_at": row.made_at.isoformat(),
        "tried_at": row.tried_at.isoformat() if row.tried_at else None,
        "next_at": row.next_at.isoformat() if row.state == LetterState.WAITING else None,
    }


def masked(address: str | None, channel: str) -> str | None:
    """Mask an e-mail address or a phone number: enough characters remain to recognise it, too few to use it."""
    return masked_email(address) if channel == "email" else masked_phone(address)
