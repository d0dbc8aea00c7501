"""A repeated command is answered, not done again: the answer is stored in the transaction that did it; failures are not."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from services.kernel.clock import real_now
from services.kernel.database import insert_into
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
    row = {"account": account, "command": command, "key": key, "digest": digest, "at": real_now()}
    if session.execute(_take(session.get_bind().dialect.name), row).one_or_none():
        return
    before = session.execute(_LOOK, {"of_account": account, "of_command": command, "of_key": key}).one()
    if before.digest != digest:
        raise Invalid(
            "idempotency_key_reused",
            "该 Idempotency-Key 已用于另一请求，请换一个新的键。",
            "This Idempotency-Key was used for another request; use a new one.",
        )
    raise Repeated(before.answer)


def finish(session: Session, account: str, command: str, key: str, answer: Any) -> None:
    """Keep the answer for repeats."""
    session.execute(_KEEP, {"of_account": account, "of_command": command, "of_key": key, "answer": answer})


# Built once: every command uses them.
_THIS = (
    idempotency.c.account == bindparam("of_account"),
    idempotency.c.command == bindparam("of_command"),
    idempotency.c.key == bindparam("of_key"),
)
_LOOK = select(idempotency.c.digest, idempotency.c.answer).where(*_THIS)
_KEEP = update(idempotency).where(*_THIS).values(answer=bindparam("answer", type_=idempotency.c.answer.type))


@cache
def _take(dialect: str) -> ReturningInsert[Any]:
    names = ("account", "command", "key", "digest", "at")
    values = {name: bindparam(name, type_=idempotency.c[name].type) for name in names}
    return insert_into(dialect, idempotency).values(values).on_conflict_do_nothing().returning(idempotency.c.key)


def forget(session: Session, before: datetime) -> int:
    """Drop answers older than an instant. Returns how many."""
    return session.execute(delete(idempotency).where(idempotency.c.at < before)).rowcount  # type: ignore[attr-defined, no-any-return]
