"""Delegation inside an organisation: the holder of its first account creates accounts for colleagues, with or without the right
to sign."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gateway.identity.accounts import account_answer, add, find, lock_unerased_account, publish_account_event
from gateway.identity.domain import check_delegation, require_closed_by_holder, reset_closing
from gateway.identity.rows import AccountRow, DelegationChanges, NewAccount, account_row, changed_account
from gateway.identity.sessions import close
from gateway.identity.tables import accounts
from services.contracts.gateway.answers import AccountAnswerDict, DelegationDataDict
from services.contracts.pages import PageDict
from services.kernel.clock import Clock
from services.kernel.errors import Forbidden, NotFound
from services.kernel.identity import Actor
from services.kernel.persistence.paging import page


def delegate(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    username: str,
    password_hash: str,
    name: str,
    phone: str | None,
    email: str | None,
    may_sign: bool,
    until: str | None,
) -> AccountAnswerDict:
    """Create a colleague's account for the actor's organisation. If `until` is given, the account is valid to the end of that
    day."""
    _principal(session, actor)
    delegation: DelegationDataDict = {"by": actor.username, "may_sign": may_sign, "until": until}
    check_delegation(delegation)
    account: NewAccount = {
        "username": username,
        "password_hash": password_hash,
        "name": name,
        "phone": phone,
        "email": email,
        "roles": ["applicant"],
        "bureau": None,
        "organisation": actor.organisation,
        "expert": None,
        "delegation": delegation,
    }
    return account_answer(add(session, clock, account))


def list_delegations(session: Session, actor: Actor, limit: int, cursor: str | None) -> PageDict[AccountAnswerDict]:
    """Query: list the accounts of the actor's organisation by name; only the holder of the organisation's first account may do
    so."""
    _principal(session, actor)
    statement = select(accounts).where(accounts.c.organisation == actor.organisation)
    rows, next_cursor = page(session, statement, [accounts.c.username], limit=limit, cursor=cursor)
    return {"items": [account_answer(account_row(row)) for row in rows], "next_cursor": next_cursor}


def change_delegation(session: Session, actor: Actor, username: str, changes: DelegationChanges) -> AccountAnswerDict:
    """Change a colleague's rights (`may_sign`, `until`), close the account or open it again (`active`). The change ends the
    colleague's sessions.

    Raises Forbidden unless the actor is the holder, NotFound if there is no such colleague, Conflict for opening an account that
    the operator closed.
    """
    _principal(session, actor)
    before, present_delegation = _colleague(session, actor, username)
    active = changes.get("active", before["active"])
    delegation: DelegationDataDict = {
        **present_delegation,
        "may_sign": changes.get("may_sign", present_delegation["may_sign"]),
        "until": changes.get("until", present_delegation["until"]),
    }
    if active and not before["active"]:
        require_closed_by_holder(delegation)
        delegation = reset_closing(delegation)
    elif before["active"] and not active:
        delegation = {**delegation, "closed_by": actor.username}
    check_delegation(delegation)
    changed = {"delegation": delegation, "active": active, "version": before["version"] + 1}
    after = changed_account(before, changed)
    session.execute(update(accounts).where(accounts.c.username == username).values(**after))
    close(session, username)
    publish_account_event(session, before, after)
    return account_answer(after)


def _principal(session: Session, actor: Actor) -> None:
    actor.require("applicant")
    row = find(session, actor.username)
    if row is None or row["delegation"] is not None:
        raise Forbidden(
            "principal_required",
            "只有本单位账号的持有人可以授权同事；请与持有人联系。",
            "Only the holder of the organisation's first account delegates; ask them.",
        )


def _colleague(session: Session, actor: Actor, username: str) -> tuple[AccountRow, DelegationDataDict]:
    """Lock a colleague's account for a change, and return it with its delegation."""
    row = find(session, username)
    if row is None or row["organisation"] != actor.organisation or row["delegation"] is None:
        raise NotFound(
            "no_such_delegation", "本单位没有授权给这个账号。", "Your organisation has delegated nothing to this account."
        )
    return lock_unerased_account(session, username), row["delegation"]
