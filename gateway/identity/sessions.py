"""Logins. Each login opens a session, which the account's holder can see and close. Instants are real time, not the domain's
clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, insert, select, update
from sqlalchemy.orm import Session

from gateway.identity import second_factor
from gateway.identity.accounts import find, lock_account
from gateway.identity.acting_chiefs import acted_for
from gateway.identity.answers import Credentials, Login, Standing
from gateway.identity.domain import delegation_over
from gateway.identity.rows import AccountRow
from gateway.identity.tables import accounts, sessions
from services.contracts.gateway.answers import ClosedDict, SessionListDict
from services.kernel.clock import Clock, real_now
from services.kernel.errors import Conflict, NotFound, Unauthenticated
from services.kernel.identity import PROVINCE, Actor
from services.kernel.ids import new_id
from services.kernel.persistence.unit_of_work import audit_only
from services.kernel.vault import Vault

#: Days for which an ended session is still shown to its owner.
SHOWN_DAYS = 30


def credentials(session: Session, username: str) -> Credentials | None:
    """Query: return the hash against which a password is checked, and whether a code is required. None if there is no such
    account or it may not log in here: it is closed, its delegation has ended, or the identity provider has its password."""
    row = find(session, username)
    if row is None or not is_living(row) or row["password_hash"] is None:
        return None
    return {"password_hash": row["password_hash"], "second_factor": second_factor.is_on(row)}


def open_session(session: Session, vault: Vault, username: str, code: str | None, seconds: int, client: str | None) -> Login:
    """Open a session after the password was checked. Return the contents of its token. Raises Unauthenticated if a code is
    required and is missing, wrong or used already."""
    row = lock_account(session, username)
    if not is_living(row):
        raise Unauthenticated("wrong_credentials", "账号或密码不正确。", "The username or the password is wrong.")
    second_factor.check(session, vault, row, code)
    return insert_session(session, row, seconds, client)


def insert_session(session: Session, row: AccountRow, seconds: int, client: str | None) -> Login:
    """Store a session of an account whose holder has just authenticated; returns the contents of its token."""
    id, now = new_id(), real_now()
    expires_at = now + timedelta(seconds=seconds)
    session.execute(insert(sessions).values(id=id, username=row["username"], opened_at=now, expires_at=expires_at, client=client))
    return _login(row, id, now, seconds)


def renew_session(session: Session, actor: Actor, id: str, seconds: int, idle: int, longest: int) -> Login:
    """Return the contents of the next token of one of the actor's sessions. `seconds` is the lifetime of a token, `idle` the
    longest time without a renewal, `longest` the longest total duration. Raises Unauthenticated if `idle` or `longest` is
    exceeded."""
    row = lock_account(session, actor.username)
    login = session.execute(_open_sessions(actor.username).where(sessions.c.id == id).with_for_update()).one_or_none()
    now = real_now()
    if login is None or not is_living(row):
        raise Unauthenticated("session_over", "登录已结束，请重新登录。", "The session is over; please log in again.")
    if now >= (login.renewed_at or login.opened_at) + timedelta(seconds=idle):
        raise Unauthenticated(
            "session_idle",
            f"登录已闲置超过 {idle // 60} 分钟，请重新登录。",
            f"The session was idle for more than {idle // 60} minutes; please log in again.",
        )
    seconds_left = int((login.opened_at + timedelta(seconds=longest) - now).total_seconds())
    if seconds_left <= 0:
        raise Unauthenticated(
            "session_over",
            f"一次登录最长 {longest // 3600} 小时，请重新登录。",
            f"A session lasts {longest // 3600} hours at most; please log in again.",
        )
    seconds = min(seconds, seconds_left)
    session.execute(
        update(sessions).where(sessions.c.id == id).values(renewed_at=now, expires_at=now + timedelta(seconds=seconds))
    )
    return _login(row, id, login.opened_at, seconds)


def _login(row: AccountRow, id: str, opened_at: datetime, seconds: int) -> Login:
    return {
        "username": row["username"],
        "name": row["name"],
        "roles": row["roles"],
        "bureau": row["bureau"],
        "organisation": row["organisation"],
        "version": row["version"],
        "session": id,
        "may_sign": may_sign(row),
        "opened_at": opened_at.isoformat(),
        "seconds": seconds,
    }


def standing(session: Session, username: str, id: str | None) -> Standing | None:
    """Query: return the account's present state. `version` is the version that a valid token must contain; `acting_for` is the
    chief in whose name the account signs today. None if the account or its session has ended."""
    row = find(session, username)
    if row is None or not is_living(row):
        return None
    if id is not None:
        login = session.execute(select(sessions.c.closed_at, sessions.c.username).where(sessions.c.id == id)).one_or_none()
        if login is None or login.closed_at is not None or login.username != username:
            return None
    return {"version": row["version"], "acting_for": acted_for(session, row)}


def list_sessions(session: Session, actor: Actor, current: str | None) -> SessionListDict:
    """Query: list the actor's open sessions, the newest first. `current` is the id of the session with which this request was
    sent."""
    rows = session.execute(_open_sessions(actor.username).order_by(sessions.c.id.desc()))
    return {
        "items": [
            {
                "id": row.id,
                "opened_at": row.opened_at.isoformat(),
                "expires_at": row.expires_at.isoformat(),
                "client": row.client,
                "current": row.id == current,
            }
            for row in rows
        ]
    }


def close_session(session: Session, actor: Actor, id: str) -> ClosedDict:
    """End one of the actor's sessions; its token is refused within seconds. Raises NotFound if the session is another account's,
    or has ended."""
    row = session.execute(_open_sessions(actor.username).where(sessions.c.id == id)).one_or_none()
    if row is None:
        raise NotFound("no_such_session", "没有这次登录，或已结束。", "There is no such session, or it is over.")
    close(session, actor.username, only=id)
    audit_only(session, "session.closed", f"account/{actor.username}", bureau=actor.bureau or PROVINCE)
    return {"closed": 1}


def close_sessions(session: Session, actor: Actor, current: str | None) -> ClosedDict:
    """End all of the actor's sessions except the one with which this request was sent."""
    closed = close(session, actor.username, but=current)
    audit_only(session, "session.closed", f"account/{actor.username}", bureau=actor.bureau or PROVINCE)
    return {"closed": closed}


def change_password(session: Session, actor: Actor, password_hash: str, current: str | None) -> ClosedDict:
    """Set the actor's new password, after the old one was checked. All sessions end except the one with which this request was
    sent. Raises Conflict if the identity provider has the password."""
    row = lock_account(session, actor.username)
    if row["password_hash"] is None:
        raise Conflict(
            "external_account",
            "该账号由统一身份认证登录，请在那里修改密码。",
            "This account logs in at the identity provider; change its password there.",
        )
    session.execute(update(accounts).where(accounts.c.username == actor.username).values(password_hash=password_hash))
    audit_only(session, "password.changed", f"account/{actor.username}", bureau=actor.bureau or PROVINCE)
    return {"closed": close(session, actor.username, but=current)}


def close(session: Session, username: str, *, only: str | None = None, but: str | None = None) -> int:
    """Close an account's open sessions: only the session `only`, or all but the session `but`. Return the number of closed
    sessions."""
    statement = update(sessions).where(sessions.c.username == username, sessions.c.closed_at.is_(None))
    if only is not None:
        statement = statement.where(sessions.c.id == only)
    if but is not None:
        statement = statement.where(sessions.c.id != but)
    return len(session.execute(statement.values(closed_at=real_now()).returning(sessions.c.id)).all())


def may_sign(row: AccountRow) -> bool:
    """Return whether the account may take actions that bind its organisation."""
    return row["delegation"] is None or bool(row["delegation"]["may_sign"])


def over(session: Session, clock: Clock) -> list[str]:
    """Sweep: return a list with one fixed word (all are deleted in one step) if there are sessions that ended more than
    `SHOWN_DAYS` ago, otherwise an empty list."""
    expired = select(sessions.c.id).where(sessions.c.expires_at < real_now() - timedelta(days=SHOWN_DAYS)).limit(1)
    return ["sessions"] if session.execute(expired).first() else []


def forget_sessions(session: Session, id: str) -> str:
    """Sweep: delete the sessions that ended more than `SHOWN_DAYS` ago."""
    session.execute(delete(sessions).where(sessions.c.expires_at < real_now() - timedelta(days=SHOWN_DAYS)))
    return "forgotten"


def is_living(row: AccountRow) -> bool:
    """Return whether the account may log in: it is active, and its delegation has not ended."""
    return bool(row["active"]) and not delegation_over(row["delegation"])


def _open_sessions(username: str) -> Select[Any]:
    return select(sessions).where(
        sessions.c.username == username, sessions.c.closed_at.is_(None), sessions.c.expires_at > real_now()
    )
