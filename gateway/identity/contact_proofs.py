"""Proofs that an address belongs to the account, and resets of forgotten passwords. An account has at most one open proof of each
kind; a newer one replaces the older one. Instants are real time."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, select, update
from sqlalchemy.orm import Session

from gateway.identity.accounts import find, lock_account, publish_account_event, unmasked
from gateway.identity.answers import ResetDone
from gateway.identity.rows import AccountRow, changed_account
from gateway.identity.sessions import close, is_living
from gateway.identity.tables import accounts, proofs
from services.contracts.gateway.answers import OwnAccountDict
from services.contracts.gateway.payloads import CodeSent, PasswordReset, ResetRequested
from services.kernel.clock import Clock, real_now
from services.kernel.errors import Forbidden, Invalid
from services.kernel.identity import PROVINCE, Actor
from services.kernel.ids import new_id
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence.database import insert_into
from services.kernel.persistence.unit_of_work import audit_only, publish, record_change

#: Minutes for which a code or a reset link is valid.
MINUTES = 30
#: The number of digits of a code that a person types from an e-mail or SMS. At most five attempts in five minutes are allowed.
DIGITS = 8
CONTACTS = ("email", "phone")
PASSWORD = "password"


def change_contact(session: Session, actor: Actor, changes: dict[str, str | None], language: str) -> OwnAccountDict:
    """Change the actor's e-mail and telephone. A new address takes effect when its code is entered; a removal takes effect at
    once. `language` is the language of the messages with the code. Return the account, and the kinds of address (e-mail, phone)
    that are not confirmed yet."""
    before = lock_account(session, actor.username)
    removed = {kind: None for kind, value in changes.items() if value is None and before.get(kind) is not None}
    if removed:
        _keep_contact(session, before, removed, [kind for kind in before["verified"] or () if kind not in removed])
        session.execute(delete(proofs).where(proofs.c.username == actor.username, proofs.c.kind.in_(removed)))
    for kind, value in changes.items():
        if value is not None and not (value == before.get(kind) and kind in (before["verified"] or ())):
            _send_code(session, before, kind, value, language)
    return _own_account_answer(session, actor.username)


def confirm_contact(session: Session, actor: Actor, code: str) -> OwnAccountDict:
    """Confirm that the address to which this code was sent belongs to the actor. Raises Invalid if the code is not one that was
    sent to a new address of the actor, or has expired."""
    waiting = session.execute(select(proofs).where(*_open_proofs(actor.username)).with_for_update()).all()
    proof = next((row for row in waiting if hmac.compare_digest(row.digest, _digest(row.id, code))), None)
    if proof is None:
        raise Invalid.field(
            "/code",
            "wrong_code",
            "验证码不正确或已过期，请核对，或重新获取。",
            "The code is wrong or has expired; check it, or ask for another.",
        )
    before = lock_account(session, actor.username)
    verified = sorted({*(before["verified"] or ()), proof.kind})
    _keep_contact(session, before, {proof.kind: proof.value}, verified)
    session.execute(delete(proofs).where(proofs.c.id == proof.id))
    return _own_account_answer(session, actor.username)


def request_reset(session: Session, username: str, language: str) -> None:
    """Send a reset link to the account's verified e-mail. Nothing is sent if the account does not exist, is closed, has no
    verified e-mail, or has its password at the identity provider; the answer is the same in all cases, so that it reveals
    nothing."""
    row = find(session, username)
    if row is None or not is_living(row) or row["password_hash"] is None:
        return
    if not row["email"] or "email" not in (row["verified"] or ()):
        return
    id, until = _open_proof(session, username, PASSWORD, None, None)
    data = ResetRequested(username=username, reset=id, until=until, language=language)
    bureau = row["bureau"] or PROVINCE
    publish(session, "password.reset_requested", f"account/{username}", data, bureau=bureau)
    audit_only(session, "password.reset_requested", f"account/{username}", bureau=bureau)


def reset_account(session: Session, verifier: Verifier, statement: str) -> str:
    """Query: return the name of the account whose password this signed statement of the notification service (the content of a
    reset link) resets. Raises Invalid like `reset_password`."""
    username: str = _lock_reset(session, verifier, statement).username
    return username


def reset_password(session: Session, verifier: Verifier, statement: str, password_hash: str) -> ResetDone:
    """Set a new password for an account whose owner forgot the old one. A link works once. All sessions end. Raises Invalid if
    the link is forged, used, replaced by a newer one or expired."""
    proof = _lock_reset(session, verifier, statement)
    row = lock_account(session, proof.username)
    if not is_living(row) or row["password_hash"] is None:
        raise _reset_refused()
    session.execute(delete(proofs).where(proofs.c.id == proof.id))
    session.execute(update(accounts).where(accounts.c.username == proof.username).values(password_hash=password_hash))
    bureau = row["bureau"] or PROVINCE
    record_change(session, "password.reset", f"account/{proof.username}", PasswordReset(username=proof.username), bureau=bureau)
    return {"closed": close(session, proof.username), "username": proof.username}


def past_proofs(session: Session, clock: Clock) -> list[str]:
    """Sweep: return a list with one fixed word (all are deleted in one step) if there are expired proofs, otherwise an empty
    list."""
    return ["proofs"] if session.execute(select(proofs.c.id).where(proofs.c.until < real_now()).limit(1)).first() else []


def forget_proofs(session: Session, id: str) -> str:
    """Sweep: delete the expired proofs."""
    session.execute(delete(proofs).where(proofs.c.until < real_now()))
    return "forgotten"


def _lock_reset(session: Session, verifier: Verifier, statement: str) -> Row[Any]:
    try:
        id = verifier.read(statement, "notification").get("reset")
    except (Forbidden, ValueError, KeyError):
        raise _reset_refused() from None
    statement_of_proof = select(proofs).where(proofs.c.id == id, proofs.c.kind == PASSWORD, proofs.c.until > real_now())
    row = session.execute(statement_of_proof.with_for_update()).one_or_none()
    if row is None:
        raise _reset_refused()
    return row


def _reset_refused() -> Invalid:
    return Invalid.field(
        "/token",
        "reset_refused",
        "重设密码的链接无效、已使用或已过期，请重新申请。",
        "This link is not valid, was used or has expired; ask for another.",
    )


def _send_code(session: Session, row: AccountRow, kind: str, value: str, language: str) -> None:
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    _, until = _open_proof(session, row["username"], kind, value, code)
    data = CodeSent(
        username=row["username"],
        channel="email" if kind == "email" else "sms",
        to=value,
        code=code,
        until=until,
        language=language,
    )
    publish(session, "contact.code_sent", f"account/{row['username']}", data, bureau=row["bureau"] or PROVINCE)


def _open_proof(session: Session, username: str, kind: str, value: str | None, code: str | None) -> tuple[str, datetime]:
    """Store a proof that waits for its code; it replaces an older one of the same account and kind. Return its id and its
    expiry."""
    id, until = new_id(), real_now() + timedelta(minutes=MINUTES)
    values = {"id": id, "value": value, "digest": _digest(id, code) if code else None, "until": until}
    statement = insert_into(session.get_bind().dialect.name, proofs).values(username=username, kind=kind, **values)
    session.execute(statement.on_conflict_do_update(index_elements=[proofs.c.username, proofs.c.kind], set_=values))
    return id, until


def _keep_contact(session: Session, before: AccountRow, changes: Mapping[str, object], verified: list[str]) -> None:
    after = changed_account(before, {**changes, "verified": verified})
    session.execute(update(accounts).where(accounts.c.username == before["username"]).values(**changes, verified=verified))
    publish_account_event(session, before, after)


def _own_account_answer(session: Session, username: str) -> OwnAccountDict:
    row = lock_account(session, username)
    pending = sorted(session.execute(select(proofs.c.kind).where(*_open_proofs(username))).scalars())
    return {**unmasked(row), "pending": pending}


def _open_proofs(username: str) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that select an account's proofs of addresses whose code can still be entered."""
    return proofs.c.username == username, proofs.c.kind.in_(CONTACTS), proofs.c.until > real_now()


def _digest(id: str, code: str) -> str:
    return hashlib.sha256(f"{id} {code}".encode()).hexdigest()
