"""Commands and queries about accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Unpack, cast

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.identity.domain import check_account, reset_closing
from gateway.identity.rows import AccountRow, NewAccount, account_row, changed_account
from gateway.identity.tables import accounts
from services.contracts.gateway.answers import AccountAnswerDict, OwnAccountAnswerDict
from services.contracts.gateway.payloads import AccountChanged, ContactChanged, ExpertFacts
from services.contracts.pages import PageDict
from services.input.contact import masked_email, masked_phone
from services.input.text import clean_username
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, NotFound, PreconditionFailed
from services.kernel.identity import PROVINCE, Actor
from services.kernel.persistence.paging import page
from services.kernel.persistence.unit_of_work import publish, record_change

_CHANGEABLE = ("roles", "bureau", "organisation", "name", "phone", "email", "expert", "active", "external", "delegation")
#: The columns of a new account that are empty unless the caller sets them.
_NOTHING = dict.fromkeys(("external", "second_factor", "delegation", "pool", "erased_at", "verified"))


def create_account(session: Session, clock: Clock, actor: Actor, **account: Unpack[NewAccount]) -> AccountAnswerDict:
    """Create an account from the data that the operator entered; `account` contains `password_hash` instead of the password."""
    actor.require("operator")
    return account_answer(add(session, clock, account))


def any_account(session: Session) -> bool:
    """Query: return whether any account exists."""
    return session.execute(select(accounts.c.username).limit(1)).one_or_none() is not None


def account_exists(session: Session, username: str) -> bool:
    """Return whether an account has this name, in this or another spelling. Closed accounts count."""
    return bool(_spellings(session, username))


def account_name(session: Session, typed: str) -> str:
    """Query: return the name of the account that a typed name means; if there is no such account, the cleaned name. Accounts that
    were created on the command line before names were cleaned may have another spelling, so the exact spelling is looked up
    first."""
    spellings, name = _spellings(session, typed), clean_username(typed)
    return typed if typed in spellings else name if name in spellings or not spellings else min(spellings)


def names_of(session: Session, usernames: list[str]) -> dict[str, str]:
    """Query: return, by username, the names of the people who hold these accounts; erased accounts are left out."""
    statement = select(accounts.c.username, accounts.c.name).where(
        accounts.c.username.in_(usernames), accounts.c.erased_at.is_(None)
    )
    return {row.username: row.name for row in session.execute(statement)}


def _spellings(session: Session, typed: str) -> set[str]:
    """Return the names of the accounts that are equal to this name when both are cleaned."""
    name = clean_username(typed)
    exact = select(accounts.c.username).where(accounts.c.username.in_({typed, name}))
    if exact_names := set(session.execute(exact).scalars()):
        return exact_names
    unusual = (func.lower(accounts.c.username) == name) | accounts.c.username.regexp_match("[^!-~]")
    names = session.execute(select(accounts.c.username).where(unusual)).scalars()
    return {username for username in names if clean_username(username) == name}


def add(session: Session, clock: Clock, account: NewAccount) -> AccountRow:
    """Store an account and publish it to the services. Raises Conflict if the name is used."""
    row = cast(AccountRow, {**_NOTHING, **account, "active": True, "version": 1, "created_at": clock.now()})
    check_account(row)
    if account_exists(session, account["username"]):
        raise name_taken()
    try:
        with session.begin_nested():
            session.execute(insert(accounts).values(**row))
    except IntegrityError:
        raise name_taken() from None
    publish_account_event(session, None, row)
    return row


def name_taken() -> Conflict:
    return Conflict("username_taken", "用户名已被使用，请换一个。", "This username is taken; choose another.")


def change_account(
    session: Session,
    actor: Actor,
    username: str,
    changes: Mapping[str, Any],
    password_hash: str | None = None,
    if_match: str | None = None,
) -> AccountAnswerDict:
    """Change the given fields of an account. Every change invalidates the tokens that were issued before. Raises
    PreconditionFailed if `if_match` names another version."""
    actor.require("operator")
    before = lock_unerased_account(session, username)
    if if_match is not None and if_match != str(before["version"]):
        raise PreconditionFailed(
            "version_changed", "账号已被他人修改，请重新读取后再改。", "Somebody changed the account; read it again."
        )
    after = changed_account(before, {name: changes[name] for name in _CHANGEABLE if name in changes})
    after["version"] = before["version"] + 1
    if after["delegation"] and "active" in changes:
        # Now the operator has decided whether the account is open, so the holder of the organisation's first account can no
        # longer reverse the decision.
        after["delegation"] = reset_closing(after["delegation"])
    if password_hash:
        after["password_hash"] = password_hash
    after["verified"] = still_verified(before, after)
    check_account(after)
    if username == actor.username and not (after["active"] and "operator" in after["roles"]):
        raise Conflict(
            "own_account",
            "不能停用自己的账号或取消自己的运维人员角色，请由另一位管理员操作。",
            "You cannot close your own account or give up its role; let another operator do it.",
        )
    try:
        with session.begin_nested():
            session.execute(update(accounts).where(accounts.c.username == username).values(**after))
    except IntegrityError:
        zh, en = "该统一身份认证用户已关联其他账号。", "This person of the identity provider is linked to another account."
        raise Conflict("external_taken", zh, en) from None
    publish_account_event(session, before, after)
    return account_answer(after)


def still_verified(before: AccountRow, after: AccountRow) -> list[str]:
    """Return the kinds of address (e-mail, phone) that were verified before a change by another person and that the change left
    as they were."""
    return [kind for kind in before["verified"] or () if after.get(kind) == before.get(kind)]


def lock_account(session: Session, username: str) -> AccountRow:
    """Lock and return an account's row, which is about to be changed. Raises NotFound if there is none."""
    row = session.execute(select(accounts).where(accounts.c.username == username).with_for_update()).one_or_none()
    if row is None:
        raise no_such_account()
    return account_row(row)


def lock_unerased_account(session: Session, username: str) -> AccountRow:
    """Lock and return an account's row. Raises NotFound if there is none, Conflict if the person was erased, because an account
    that has signed must not pass to another person."""
    row = lock_account(session, username)
    if row["erased_at"] is not None:
        raise Conflict(
            "account_erased",
            "该账号已注销，不能恢复或改作他用；请新建账号。",
            "This account was erased and does not come back; make a new one.",
        )
    return row


def no_such_account() -> NotFound:
    return NotFound("account_not_found", "没有这个账号。", "There is no such account.")


def list_accounts(
    session: Session, actor: Actor, bureau: str | None, organisation: str | None, limit: int, cursor: str | None
) -> PageDict[AccountAnswerDict]:
    """Query: list all accounts by name, for the operator."""
    actor.require("operator")
    statement = select(*accounts.c)
    if bureau is not None:
        statement = statement.where(accounts.c.bureau == bureau)
    if organisation is not None:
        statement = statement.where(accounts.c.organisation == organisation)
    rows, next_cursor = page(session, statement, [accounts.c.username], limit=limit, cursor=cursor)
    return {"items": [account_answer(account_row(row)) for row in rows], "next_cursor": next_cursor}


def me(session: Session, actor: Actor) -> OwnAccountAnswerDict:
    """Query: return the actor's own account, unmasked, with its roles of today, including those of an acting chief."""
    row = find(session, actor.username)
    if row is None:
        raise no_such_account()
    roles = list(actor.roles) if actor.acting_for else row["roles"]
    return {**unmasked(row), "roles": roles, "acting_for": actor.acting_for}


def find(session: Session, username: str) -> AccountRow | None:
    """Return an account's row; None if there is none."""
    row = session.execute(select(accounts).where(accounts.c.username == username)).one_or_none()
    return account_row(row) if row else None


def unmasked(row: AccountRow) -> AccountAnswerDict:
    """Return an account with unmasked phone and e-mail but without secrets, for its owner and for officials who need the
    addresses."""
    return {**account_answer(row), "phone": row["phone"], "email": row["email"]}


def account_answer(row: AccountRow) -> AccountAnswerDict:
    """Return an account as other people see it: without secrets, phone and e-mail masked."""
    return {
        "username": row["username"],
        "name": row["name"],
        "roles": row["roles"],
        "bureau": row["bureau"],
        "organisation": row["organisation"],
        "expert": row["expert"],
        "active": row["active"],
        "external": row["external"],
        "delegation": row["delegation"],
        "second_factor": bool(row["second_factor"] and row["second_factor"]["confirmed"]),
        "phone": masked_phone(row["phone"]),
        "email": masked_email(row["email"]),
        "verified": row["verified"] or [],
        "created_at": row["created_at"].isoformat(),
        "etag": row["version"],
    }


def publish_account_event(session: Session, before: AccountRow | None, after: AccountRow) -> None:
    _publish_contact_event(session, before, after)
    until = after["pool"]["until"] if after["pool"] else None
    data = AccountChanged(
        username=after["username"],
        roles=after["roles"],
        bureau=after["bureau"],
        organisation=after["organisation"],
        active=after["active"],
        expert=ExpertFacts(**after["expert"]) if after["expert"] else None,
        term_until=date.fromisoformat(until) if until else None,
    )
    record_change(
        session,
        "account.changed",
        f"account/{after['username']}",
        data,
        bureau=after["bureau"] or PROVINCE,
        before=before,
        after=after,
    )


def _publish_contact_event(session: Session, before: AccountRow | None, after: AccountRow) -> None:
    """Publish the account's phone, e-mail, roles and organisation for the notification service. Nothing is published for an
    account that never had an address."""
    if not any(row and (row["email"] or row["phone"]) for row in (before, after)):
        return
    until = after["delegation"]["until"] if after["delegation"] else None
    data = ContactChanged(
        username=after["username"],
        email=after["email"],
        phone=after["phone"],
        roles=after["roles"],
        bureau=after["bureau"],
        organisation=after["organisation"],
        active=after["active"],
        until=date.fromisoformat(until) if until else None,
    )
    publish(session, "account.contact_changed", f"account/{after['username']}", data, bureau=after["bureau"] or PROVINCE)
