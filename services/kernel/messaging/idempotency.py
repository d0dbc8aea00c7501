"""A repeated command gets the stored answer and is not run again. The answer is stored in the command's transaction; failures are
not stored."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from services.kernel.clock import real_now
from services.kernel.errors import Invalid
from services.kernel.persistence.database import insert_into
from services.kernel.persistence.tables import idempotency


@dataclass(frozen=True, slots=True)
class Once:
    """A command that must run once: its account, its name, its key and its payload."""

    account: str
    command: str
    key: str
    payload: bytes

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.payload).hexdigest()


class Repeated(Exception):
    """The key was used before: this transaction must be rolled back."""


def keep(session: Session, once: Once, answer: Any, bureau: str | None = None) -> None:
    """Store the answer under its key; waits while another transaction stores one under the same key. Raises Repeated if the key
    was used. `bureau` is the command's bureau in a service that runs per bureau.

    Call it last before the commit. Most commands come once and pay for one statement; the few that are repeated run in vain and
    are rolled back.
    """
    row = {"account": once.account, "command": once.command, "key": once.key, "digest": once.digest}
    values = row | {"answer": answer, "at": real_now(), "bureau": bureau}
    if session.execute(_take(session.get_bind().dialect.name), values).one_or_none() is None:
        raise Repeated


def given(session: Session, once: Once) -> tuple[Any] | None:
    """The answer stored for this command, as a tuple of one; None if there is none. Raises Invalid if the key was used with
    another payload."""
    row = session.execute(_LOOK, {"account": once.account, "command": once.command, "key": once.key}).one_or_none()
    if row is None:
        return None
    if row.digest != once.digest:
        raise Invalid(
            "idempotency_key_reused",
            "该 Idempotency-Key 已用于另一请求，请换一个新的键。",
            "This Idempotency-Key was used for another request; use a new one.",
        )
    return (row.answer,)


def forget(session: Session, before: datetime) -> int:
    """Delete answers older than an instant. Returns how many."""
    return session.execute(delete(idempotency).where(idempotency.c.at < before)).rowcount  # type: ignore[attr-defined, no-any-return]


# Built once, because every command uses them.
_LOOK = select(idempotency.c.digest, idempotency.c.answer).where(
    idempotency.c.account == bindparam("account"),
    idempotency.c.command == bindparam("command"),
    idempotency.c.key == bindparam("key"),
)


@cache
def _take(dialect: str) -> ReturningInsert[Any]:
    values = {column.name: bindparam(column.name, type_=column.type) for column in idempotency.columns}
    return insert_into(dialect, idempotency).values(values).on_conflict_do_nothing().returning(idempotency.c.key)
