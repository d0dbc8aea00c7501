"""A repeated command is answered, not done again: the answer is stored in the transaction that did it; failures are not."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.kernel.clock import real_now
from services.kernel.errors import Invalid
from services.kernel.tables import idempotency


class Repeated(Exception):
    """The command was done before; `answer` is what was said then."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer


def begin(session: Session, account: str, command: str, key: str, payload: bytes) -> None:
    """Take the key, or wait for whoever holds it. Raises Repeated when it was used for the same payload, Invalid when for
    another one."""
    digest = hashlib.sha256(payload).hexdigest()
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = {"account": account, "command": command, "key": key, "digest": digest, "at": real_now()}
    taken = session.execute(
        dialect.insert(idempotency).values(**row).on_conflict_do_nothing().returning(idempotency.c.key)
    ).one_or_none()
    if taken:
        return
    before = session.execute(select(idempotency.c.digest, idempotency.c.answer).where(*_is(account, command, key))).one()
    if before.digest != digest:
        raise Invalid(
            "idempotency_key_reused",
            "该 Idempotency-Key 已用于另一请求，请换一个新的键。",
            "This Idempotency-Key was used for another request; use a new one.",
        )
    raise Repeated(before.answer)


def finish(session: Session, account: str, command: str, key: str, answer: Any) -> None:
    """Keep the answer for repeats."""
    session.execute(update(idempotency).where(*_is(account, command, key)).values(answer=answer))


def forget(session: Session, before: datetime) -> int:
    """Drop answers older than an instant. Returns how many."""
    return session.execute(delete(idempotency).where(idempotency.c.at < before)).rowcount  # type: ignore[attr-defined, no-any-return]


def _is(account: str, command: str, key: str) -> tuple[Any, ...]:
    return (idempotency.c.account == account, idempotency.c.command == command, idempotency.c.key == key)
