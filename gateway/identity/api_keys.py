"""API keys for programs. Each key acts for the account of a portal (a client system), with scopes, an expiry and limits on
requests. Instants are real time, not the domain's clock."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from gateway.identity.accounts import find
from gateway.identity.answers import UsedKey
from gateway.identity.rows import AccountRow, ApiKeyRow
from gateway.identity.tables import api_keys, key_usage
from services.contracts.gateway.answers import KeyAnswerDict
from services.contracts.pages import PageDict
from services.kernel.clock import local_date, real_now
from services.kernel.errors import Invalid, NotFound
from services.kernel.identity import PROVINCE, Actor
from services.kernel.persistence.database import insert_into
from services.kernel.persistence.paging import page
from services.kernel.persistence.typed_rows import typed_row
from services.kernel.persistence.unit_of_work import audit_only

#: The longest lifetime of a key, in days.
LONGEST_DAYS = 400


def create_key(
    session: Session,
    actor: Actor,
    id: str,
    digest: str,
    *,
    account: str,
    name: str,
    scopes: list[str],
    per_minute: int,
    per_day: int,
    expires_at: str,
) -> KeyAnswerDict:
    """Create a key for a portal's account. Raises Invalid if the account is not a portal's, or if the key would end in the past
    or after more than `LONGEST_DAYS` days."""
    actor.require("operator")
    now, expires = real_now(), datetime.fromisoformat(expires_at)
    if not now < expires <= now + timedelta(days=LONGEST_DAYS):
        raise Invalid.field(
            "/expires_at",
            "bad_expiry",
            f"到期时间须在今后 {LONGEST_DAYS} 天之内。",
            f"A key expires within the next {LONGEST_DAYS} days.",
        )
    owner = find(session, account)
    if owner is None or not _may_have_keys(owner):
        raise Invalid.field(
            "/account",
            "not_a_portal",
            "密钥只发给在用的门户系统账号；人员请用各自的账号登录。",
            "Keys are for living portal accounts; people log in with their own.",
        )
    row: ApiKeyRow = {
        "id": id,
        "username": account,
        "name": name,
        "digest": digest,
        "scopes": list(dict.fromkeys(scopes)),
        "per_minute": per_minute,
        "per_day": per_day,
        "created_at": now,
        "created_by": actor.username,
        "expires_at": expires,
        "last_used_at": None,
        "revoked_at": None,
    }
    session.execute(insert(api_keys).values(**row))
    audit_only(session, "key.created", f"account/{account}", bureau=owner["bureau"] or PROVINCE, after=_key_answer(row))
    return _key_answer(row)


def list_keys(session: Session, actor: Actor, account: str | None, limit: int, cursor: str | None) -> PageDict[KeyAnswerDict]:
    """Query: list all keys, the newest first, without their secrets."""
    actor.require("operator")
    statement = select(api_keys)
    if account is not None:
        statement = statement.where(api_keys.c.username == account)
    rows, next_cursor = page(session, statement, [api_keys.c.id], limit=limit, cursor=cursor, descending=True)
    return {"items": [_key_answer(typed_row(ApiKeyRow, row)) for row in rows], "next_cursor": next_cursor}


def revoke_key(session: Session, actor: Actor, id: str) -> KeyAnswerDict:
    """Revoke a key; requests with it are refused within seconds. Revoking it again changes nothing."""
    actor.require("operator")
    row = session.execute(select(api_keys).where(api_keys.c.id == id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("no_such_key", "没有这个密钥。", "There is no such key.")
    after = typed_row(ApiKeyRow, row)
    if row.revoked_at is None:
        after["revoked_at"] = real_now()
        session.execute(update(api_keys).where(api_keys.c.id == id).values(revoked_at=after["revoked_at"]))
        audit_only(session, "key.revoked", f"account/{row.username}", bureau=PROVINCE, after=_key_answer(after))
    return _key_answer(after)


def use_key(session: Session, id: str, digest: str, requests: int) -> UsedKey | None:
    """Return the actor and rights of a key; None if there is none, it has ended, or the digest does not match. `requests`, the
    number of requests made with the key since the last call, is added to the key's count of the day."""
    row = session.execute(select(api_keys).where(api_keys.c.id == id)).one_or_none()
    if row is None or not hmac.compare_digest(row.digest, digest):
        return None
    now = real_now()
    owner = find(session, row.username)
    if row.revoked_at or row.expires_at <= now or owner is None or not _may_have_keys(owner):
        return None
    return {
        "actor": {
            "username": owner["username"],
            "name": owner["name"],
            "roles": owner["roles"],
            "bureau": owner["bureau"],
            "organisation": owner["organisation"],
        },
        "scopes": row.scopes,
        "per_minute": row.per_minute,
        "left_today": max(row.per_day - _count_requests(session, id, now, requests), 0),
        "expires_at": row.expires_at.timestamp(),
    }


def digest_of(key: str) -> str:
    """Return the digest that is stored instead of the key."""
    return hashlib.sha256(key.encode()).hexdigest()


def _may_have_keys(owner: AccountRow) -> bool:
    return owner["active"] and "portal" in owner["roles"]


def _count_requests(session: Session, id: str, now: datetime, requests: int) -> int:
    """Add requests to the key's count for today, and return the new count."""
    day = local_date(now)
    if requests:
        session.execute(update(api_keys).where(api_keys.c.id == id).values(last_used_at=now))
        statement = insert_into(session.get_bind().dialect.name, key_usage).values(key=id, day=day, requests=requests)
        added = {"requests": key_usage.c.requests + requests}
        session.execute(statement.on_conflict_do_update(index_elements=[key_usage.c.key, key_usage.c.day], set_=added))
    counted = select(key_usage.c.requests).where(key_usage.c.key == id, key_usage.c.day == day)
    return session.execute(counted).scalar_one_or_none() or 0


def _key_answer(row: ApiKeyRow) -> KeyAnswerDict:
    return {
        "id": row["id"],
        "account": row["username"],
        "name": row["name"],
        "scopes": row["scopes"],
        "per_minute": row["per_minute"],
        "per_day": row["per_day"],
        "created_by": row["created_by"],
        "created_at": row["created_at"].isoformat(),
        "expires_at": row["expires_at"].isoformat(),
        "last_used_at": row["last_used_at"].isoformat() if row["last_used_at"] else None,
        "revoked_at": row["revoked_at"].isoformat() if row["revoked_at"] else None,
    }
