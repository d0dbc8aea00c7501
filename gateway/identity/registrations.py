"""Organisations ask for their first account; the city bureau of their region, or the province, decides (A6(1))."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.identity.accounts import account_exists, add, any_account, name_taken
from gateway.identity.domain import RESERVED, bureau_of
from gateway.identity.personal import note_look
from gateway.identity.tables import accounts as accounts_table
from gateway.identity.tables import registrations
from services.input.contact import masked_email, masked_phone
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.paging import page
from services.kernel.work import emit

_TOLD = ("uscc", "name", "region", "kind")


def request_registration(session: Session, clock: Clock, password_hash: str, **asked: Any) -> dict[str, Any]:
    """Anybody may ask; the bureau of the organisation's region decides."""
    if asked["username"] in RESERVED or account_exists(session, asked["username"]):
        raise name_taken()
    _has_none_yet(session, asked["uscc"])
    row = asked | {
        "id": new_id(),
        "password_hash": password_hash,
        "bureau": bureau_of(asked["region"]),
        "status": "pending",
        "requested_at": clock.now(),
    }
    try:
        with session.begin_nested():
            session.execute(insert(registrations).values(**row))
    except IntegrityError:
        raise name_taken() from None
    _tell(session, "registration.requested", row, {"bureau": row["bureau"]})
    return {name: row[name] for name in ("id", "uscc", "username", "bureau", "status")}


def _has_none_yet(session: Session, uscc: str) -> None:
    statement = select(accounts_table.c.username).where(accounts_table.c.organisation == uscc).limit(1)
    if session.execute(statement).one_or_none():
        raise Conflict(
            "organisation_has_account",
            "该单位已有账号，请联系本单位的账号持有人，由其授权同事使用；或联系平台管理员。",
            "The organisation has an account already; ask its holder to delegate, or the platform's operator.",
        )


def _one_after_the_other(session: Session, id: str) -> None:
    """All that is asked for the same organisation is locked in one order: of two approved at once only one is its first."""
    its = select(registrations.c.uscc).where(registrations.c.id == id).scalar_subquery()
    of_it = select(registrations.c.id).where(registrations.c.uscc == its, registrations.c.status == "pending")
    session.execute(of_it.order_by(registrations.c.id).with_for_update()).all()


def list_registrations(session: Session, actor: Actor, status: str | None, limit: int, cursor: str | None) -> dict[str, Any]:
    """The registrations an official may decide, newest first: a bureau's own, all for the province."""
    _require_official(actor)
    statement = select(registrations.c.id, *(c for c in registrations.c if c.name not in ("id", "password_hash")))
    if not actor.of_province:
        statement = statement.where(registrations.c.bureau == actor.bureau)
    if status is not None:
        statement = statement.where(registrations.c.status == status)
    rows, next_cursor = page(session, statement, [registrations.c.id], limit=limit, cursor=cursor, descending=True)
    return {"items": [_shown(_masked(dict(row._mapping))) for row in rows], "next_cursor": next_cursor}


def open_registration(session: Session, actor: Actor, id: str) -> dict[str, Any]:
    """One registration with whom to call, for those who decide it. It is written down who looked: a command, though it
    reads."""
    _require_official(actor)
    row = _locked(session, id, actor)
    note_look(session, actor, f"registration/{id}", "contact")
    return _shown(row)


def decide_registration(
    session: Session, clock: Clock, actor: Actor, id: str, decision: str, reason: str | None
) -> dict[str, Any]:
    """Approve, which makes the account, or refuse with a reason. Conflict when it is decided already."""
    _require_official(actor)
    _one_after_the_other(session, id)
    row = _locked(session, id, actor)
    if row["status"] != "pending":
        raise Conflict("already_decided", "该注册申请已处理。", "It has been decided already.", status=row["status"])
    if decision == "refuse" and not reason:
        raise Invalid.field("/reason", "reason_required", "不同意时请写明原因。", "Give the reason for refusing.")
    approved = decision == "approve"
    after = row | {
        "status": "approved" if approved else "refused",
        "reason": reason,
        "decided_at": clock.now(),
        "decided_by": actor.username,
        "password_hash": None,
    }
    session.execute(update(registrations).where(registrations.c.id == id).values(**after))
    if approved:
        _has_none_yet(session, row["uscc"])
        add(session, clock, _account(row))
        _tell(session, "registration.approved", row, {"username": row["username"]})
    else:
        _tell(session, "registration.refused", row, {"bureau": row["bureau"], "reason": reason})
    return _shown(_masked(after))


def seed_accounts(
    session: Session, clock: Clock, actor: Actor, accounts: list[dict[str, Any]], organisations: list[dict[str, Any]]
) -> int:
    """All accounts of a fresh demonstration at once, their organisations registered; nothing when there are accounts already.
    Returns how many were made."""
    actor.require("operator")
    if any_account(session):
        return 0
    for account in accounts:
        add(session, clock, account)
    for organisation in organisations:
        row = organisation | {
            "id": new_id(),
            "contact": {"name": "示例联系人", "phone": "0771-0000000", "email": None},
            "bureau": bureau_of(organisation["region"]),
            "status": "approved",
            "requested_at": clock.now(),
            "decided_at": clock.now(),
            "decided_by": actor.username,
        }
        session.execute(insert(registrations).values(**row))
        _tell(session, "registration.approved", row, {"username": row["username"]})
    return len(accounts)


def _account(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "username": row["username"],
        "password_hash": row["password_hash"],
        "name": row["contact"]["name"],
        "phone": row["contact"]["phone"],
        "email": row["contact"]["email"],
        "roles": ["applicant"],
        "bureau": None,
        "organisation": row["uscc"],
        "expert": None,
    }


def _require_official(actor: Actor) -> None:
    if not actor.official:
        raise Forbidden(
            "official_required", "只有主管部门的经办人或负责人可以办理注册申请。", "Only a bureau's officer or chief may do this."
        )


def _locked(session: Session, id: str, actor: Actor) -> dict[str, Any]:
    row = session.execute(select(registrations).where(registrations.c.id == id).with_for_update()).one_or_none()
    if row is None or not (actor.of_province or row.bureau == actor.bureau):
        raise NotFound("registration_not_found", "没有这一注册申请。", "There is no such registration.")
    return dict(row._mapping)


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    contact = row["contact"]
    hidden = {"phone": masked_phone(contact["phone"]), "email": masked_email(contact["email"])}
    return row | {"contact": contact | hidden}


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    times = {name: row[name].isoformat() if row[name] else None for name in ("requested_at", "decided_at")}
    return {name: value for name, value in row.items() if name != "password_hash"} | times


def _tell(session: Session, type: str, row: dict[str, Any], more: dict[str, Any]) -> None:
    data = {"registration": row["id"]} | {name: row[name] for name in _TOLD} | more
    emit(session, type, f"registration/{row['id']}", data, bureau=row["bureau"], article="A6(1)", after=data)
