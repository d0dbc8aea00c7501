"""Idempotency: a repeated command is not run again; its caller gets the stored answer. The answer is stored in the command's
transaction. Failures are not stored."""

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
    """Identifies a command that must run only once, by the account, the command's name, its idempotency key and its payload."""

    account: str
    command: str
    key: str
    payload: bytes

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.payload).hexdigest()


class Repeated(Exception):
    """The command's key was used before, so the transaction must be rolled back."""


def store_answer(session: Session, once: Once, answer: Any, bureau: str | None = None) -> None:
    """Store the answer under the command's key. If another transaction is storing an answer under the same key, wait for that
    transaction. Raises Repeated if the key was used before. `bureau` is the command's bureau, in a service that runs per bureau.

    Call this function as the last step before the commit. Nearly every command is sent only once, and then costs one statement
    here; a repeated command is run and then rolled back.
    """
    row = {"account": once.account, "command": once.command, "key": once.key, "digest": once.digest}
    values = row | {"answer": answer, "at": real_now(), "bureau": bureau}
    if session.execute(_insert_statement(session.get_bind().dialect.name), values).one_or_none() is None:
        raise Repeated


def stored_answer(session: Session, once: Once) -> tuple[Any] | None:
    """Return the stored answer of this command, as a tuple with one element; None if there is none. Raises Invalid if the key was
    used with another payload."""
    row = session.execute(_SELECT_ANSWER, {"account": once.account, "command": once.command, "key": once.key}).one_or_none()
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
    """Delete answers that were stored before an instant. Return the number of deleted answers."""
    return session.execute(delete(idempotency).where(idempotency.c.at < before)).rowcount  # type: ignore[attr-defined, no-any-return]


# This statement is built once at import, because every command runs it.
_SELECT_ANSWER = select(idempotency.c.digest, idempotency.c.answer).where(
    idempotency.c.account == bindparam("account"),
    idempotency.c.command == bindparam("command"),
    idempotency.c.key == bindparam("key"),
)


@cache
def _insert_statement(dialect: str) -> ReturningInsert[Any]:
    values = {column.name: bindparam(column.name, type_=column.type) for column in idempotency.columns}
    return insert_into(dialect, idempotency).values(values).on_conflict_do_nothing().returning(idempotency.c.key)
