"""The province's pool of experts and third parties: the reviewers, and the end of each one's term (A6(2))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, String, cast, or_, select, update
from sqlalchemy.orm import Session

from gateway.identity.accounts import (
    account_answer,
    add,
    find,
    lock_unerased_account,
    publish_account_event,
    still_verified,
    unmasked,
)
from gateway.identity.domain import check_account
from gateway.identity.personal_data import note_look
from gateway.identity.rows import AccountRow, Pool, account_row, changed_account, new_account
from gateway.identity.sessions import close
from gateway.identity.tables import accounts
from services.contracts.gateway.answers import AccountAnswerDict, PoolLineAnswerDict, ReviewerAnswerDict
from services.contracts.gateway.payloads import ReviewerTermEnding
from services.contracts.pages import PageDict
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from services.kernel.identity import PROVINCE, Actor
from services.kernel.persistence.paging import page
from services.kernel.persistence.unit_of_work import record_change

KINDS = ("expert", "third_party")
#: The fields of a reviewer's account that the province may change.
_CHANGEABLE = ("name", "phone", "email", "expert", "organisation")
#: The number of days before the end of a reviewer's term at which the province is reminded.
REMINDED = 30


def add_reviewer(
    session: Session, clock: Clock, actor: Actor, kind: str, until: str | None, reason: str | None = None, **account: Any
) -> ReviewerAnswerDict:
    """Create an account for an expert or third party in the pool, valid to the end of the day `until` if that is given. Raises
    Invalid if the data do not fit the kind, Conflict if the name is used."""
    _require_province(actor)
    _check_term(clock, until)
    pool: Pool = {"until": until, "history": [_history_line(clock, actor, "added", until, reason)]}
    account_added = new_account({**account, "roles": [kind], "bureau": None, "pool": pool})
    row = add(session, clock, account_added)
    return _reviewer_answer(account_answer(row), pool, clock)


def list_reviewers(
    session: Session,
    clock: Clock,
    actor: Actor,
    kind: str | None,
    state: str | None,
    q: str | None,
    limit: int,
    cursor: str | None,
) -> PageDict[ReviewerAnswerDict]:
    """Query: list the pool by username. `state` is active, expired (the term has ended) or closed; `q` is a part of the username,
    name, field of work or employer's code."""
    if not actor.has("auditor"):
        _require_province(actor)
    statement = _pool_statement(clock.today().isoformat(), kind, state)
    if q:
        statement = statement.where(
            or_(
                accounts.c.username.contains(q, autoescape=True),
                accounts.c.name.contains(q, autoescape=True),
                accounts.c.organisation == q,
                cast(accounts.c.expert, String).contains(q, autoescape=True),
            )
        )
    rows, next_cursor = page(session, statement, [accounts.c.username], limit=limit, cursor=cursor)
    items = [_reviewer_answer(account_answer(account_row(row)), row.pool, clock) for row in rows]
    return {"items": items, "next_cursor": next_cursor}


def open_reviewer(session: Session, clock: Clock, actor: Actor, username: str) -> ReviewerAnswerDict:
    """Return one reviewer, unmasked. It is a command and not a query, because it records that the actor has seen the data."""
    _require_province(actor)
    row = find(session, username)
    if row is None or row["roles"][0] not in KINDS:
        raise _unknown_reviewer()
    note_look(session, actor, f"account/{username}", "contact")
    return _reviewer_answer(unmasked(row), row["pool"], clock)


def change_reviewer(
    session: Session,
    clock: Clock,
    actor: Actor,
    username: str,
    changes: Mapping[str, object],
    password_hash: str | None = None,
    if_match: str | None = None,
) -> ReviewerAnswerDict:
    """Change the given fields of a reviewer's account. The reviewer's tokens become invalid. Raises PreconditionFailed if
    `if_match` is not the stored version."""
    before = _reviewer(session, actor, username)
    if if_match is not None and if_match != str(before["version"]):
        zh, en = "该专家信息已被他人修改，请重新读取后再改。", "The reviewer was changed meanwhile; read it again."
        raise PreconditionFailed("version_changed", zh, en)
    changed = {name: changes[name] for name in _CHANGEABLE if name in changes}
    if password_hash:
        changed["password_hash"] = password_hash
    return _store(session, clock, before, changed)


def renew_reviewer(
    session: Session, clock: Clock, actor: Actor, username: str, until: str | None, reason: str | None = None
) -> ReviewerAnswerDict:
    """Set a reviewer's new term: to the end of the day `until`, or without end. A closed reviewer returns to the pool."""
    before = _reviewer(session, actor, username)
    _check_term(clock, until)
    pool: Pool = {"until": until, "history": [*_history(before), _history_line(clock, actor, "renewed", until, reason)]}
    return _store(session, clock, before, {"pool": pool, "active": True})


def close_reviewer(session: Session, clock: Clock, actor: Actor, username: str, reason: str) -> ReviewerAnswerDict:
    """Remove a reviewer from the pool: close the account, end its sessions, and exclude the reviewer from future draws. Earlier
    scores stay. Raises Conflict if the reviewer is closed already."""
    before = _reviewer(session, actor, username)
    if not before["active"]:
        raise Conflict("reviewer_closed", "该账号已出库。", "This reviewer is out of the pool already.")
    line, until = _history_line(clock, actor, "closed", None, reason), before["pool"]["until"] if before["pool"] else None
    pool: Pool = {"until": until, "history": [*_history(before), line]}
    return _store(session, clock, before, {"pool": pool, "active": False})


def terms_ending(session: Session, clock: Clock) -> list[str]:
    """Sweep: return the reviewers whose term ends within a month and about whom the province was not reminded yet."""
    last_day = (clock.today() + timedelta(days=REMINDED)).isoformat()
    until = accounts.c.pool["until"].as_string()
    rows = session.execute(select(accounts.c.username, accounts.c.pool).where(accounts.c.active, until <= last_day))
    return [row.username for row in rows if row.pool.get("reminded") != row.pool["until"]]


def remind_of_term(session: Session, id: str) -> str:
    """Sweep: remind the province and the reviewer that the term ends."""
    row = lock_unerased_account(session, id)
    pool = row["pool"]
    if pool is None or (until := pool["until"]) is None:
        return "no term"
    session.execute(update(accounts).where(accounts.c.username == id).values(pool={**pool, "reminded": until}))
    data = ReviewerTermEnding(username=id, kind=row["roles"][0], until=date.fromisoformat(until))
    record_change(session, "reviewer.term_ending", f"account/{id}", data, bureau=PROVINCE)
    return "reminded"


def _require_province(actor: Actor) -> None:
    if not (actor.official and actor.of_province):
        raise Forbidden(
            "province_only",
            "专家和第三方机构库由自治区科技厅管理。",
            "The provincial department keeps the pool of experts and third parties.",
        )


def _unknown_reviewer() -> NotFound:
    return NotFound("unknown_reviewer", "库中没有这一专家或第三方机构。", "There is no such expert or third party in the pool.")


def _reviewer(session: Session, actor: Actor, username: str) -> AccountRow:
    """Lock and return a reviewer's row, which is about to be changed."""
    _require_province(actor)
    row = find(session, username)
    if row is None or row["roles"][0] not in KINDS:
        raise _unknown_reviewer()
    return lock_unerased_account(session, username)


def _check_term(clock: Clock, until: str | None) -> None:
    if until is not None and date.fromisoformat(until) < clock.today():
        raise Invalid.field(
            "/until",
            "past_date",
            "聘期截止日期不能早于今天；不设期限请留空。",
            "The term ends before today; leave it out.",
        )


def _store(session: Session, clock: Clock, before: AccountRow, changes: Mapping[str, object]) -> ReviewerAnswerDict:
    after = changed_account(before, {**changes, "version": before["version"] + 1})
    after["verified"] = still_verified(before, after)
    check_account(after)
    session.execute(update(accounts).where(accounts.c.username == after["username"]).values(**after))
    if not after["active"]:
        close(session, after["username"])
    publish_account_event(session, before, after)
    return _reviewer_answer(account_answer(after), after["pool"], clock)


def _history_line(clock: Clock, actor: Actor, act: str, until: str | None, reason: str | None) -> PoolLineAnswerDict:
    return {"act": act, "by": actor.username, "at": clock.now().isoformat(), "until": until, "reason": reason}


def _history(row: AccountRow) -> list[PoolLineAnswerDict]:
    return row["pool"]["history"] if row["pool"] else []


def _pool_statement(today: str, kind: str | None, state: str | None) -> Select[Any]:
    """Select the reviewers of this kind and state. Experts and third parties have exactly one role, so the stored list of roles
    can be compared as text."""
    kinds = (kind,) if kind else KINDS
    statement = select(accounts).where(cast(accounts.c.roles, String).in_([f'["{each}"]' for each in kinds]))
    if state == "closed":
        return statement.where(~accounts.c.active)
    until = accounts.c.pool["until"].as_string()
    if state == "expired":
        return statement.where(accounts.c.active, until < today)
    return statement.where(accounts.c.active, or_(until.is_(None), until >= today)) if state == "active" else statement


def _reviewer_answer(account: AccountAnswerDict, pool: Pool | None, clock: Clock) -> ReviewerAnswerDict:
    until = pool["until"] if pool else None
    expired = until is not None and date.fromisoformat(until) < clock.today()
    return {
        "username": account["username"],
        "name": account["name"],
        "organisation": account["organisation"],
        "expert": account["expert"],
        "phone": account["phone"],
        "email": account["email"],
        "second_factor": account["second_factor"],
        "created_at": account["created_at"],
        "etag": account["etag"],
        "kind": account["roles"][0],
        "state": "closed" if not account["active"] else "expired" if expired else "active",
        "until": until,
        "history": pool["history"] if pool else [],
    }
