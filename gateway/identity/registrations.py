"""Organisations request their first account; the city bureau of their region, or the province, decides (A6(1))."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import Unpack

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from gateway.identity.accounts import account_exists, add, any_account
from gateway.identity.domain import RESERVED, bureau_of
from gateway.identity.personal_data import note_look
from gateway.identity.rows import DemoOrganisation, NewAccount, RegistrationRequest, RegistrationRow
from gateway.identity.tables import accounts, registrations
from services.contracts.gateway.answers import RegistrationAnswerDict, RegistrationReceiptDict, RegistrationStatusDict
from services.contracts.gateway.payloads import Registration, RegistrationApproved, RegistrationRefused, RegistrationRequested
from services.contracts.pages import PageDict
from services.input.contact import masked_email, masked_phone
from services.input.text import clean_code
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.persistence.paging import page
from services.kernel.persistence.typed_rows import typed_row
from services.kernel.persistence.unit_of_work import record_change

#: The columns of a registration that no official sees; only the organisation knows the receipt.
_INNER = ("password_hash", "receipt")
#: The characters of a receipt, without those that are easily confused; the number of groups; and the number of characters in a
#: group.
_LETTERS, _GROUPS, _GROUP = "ABCDEFGHJKMNPQRSTUVWXYZ23456789", 4, 5


def new_receipt() -> str:
    """Return a receipt that cannot be guessed (99 bits) and can be read out on the telephone: `K7WQ2-…`."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))


def read_receipt(typed: str) -> str:
    """Return a typed receipt in its stored form. Lower case, blanks, and missing or other dashes are accepted."""
    plain = "".join(letter for letter in clean_code(typed).upper() if letter.isalnum())
    return "-".join(plain[index : index + _GROUP] for index in range(0, len(plain), _GROUP))


def request_registration(
    session: Session, clock: Clock, password_hash: str, **request: Unpack[RegistrationRequest]
) -> RegistrationReceiptDict:
    """Store a registration. No login is needed, and the bureau of the organisation's region decides it. The request is accepted
    even if the username is used or the organisation has an account already; only the bureau sees this, because otherwise any
    caller could find out which names exist."""
    receipt = new_receipt()
    row: RegistrationRow = {
        **request,
        "id": new_id(),
        "receipt": receipt,
        "password_hash": password_hash,
        "bureau": bureau_of(request["region"]),
        "status": "pending",
        "reason": None,
        "requested_at": clock.now(),
        "decided_at": None,
        "decided_by": None,
    }
    session.execute(insert(registrations).values(**row))
    _publish_registration_event(
        session, "registration.requested", row["bureau"], RegistrationRequested(**_event_members(row), bureau=row["bureau"])
    )
    return {
        "id": row["id"],
        "receipt": receipt,
        "uscc": row["uscc"],
        "username": row["username"],
        "bureau": row["bureau"],
        "status": row["status"],
    }


def registration_status(session: Session, receipt: str) -> RegistrationStatusDict:
    """Query: return the state of a registration to the holder of its receipt: the account's name if the registration is approved,
    the reason if it is refused. Raises NotFound if no registration has the receipt."""
    row = session.execute(select(registrations).where(registrations.c.receipt == read_receipt(receipt))).one_or_none()
    if row is None:
        raise NotFound(
            "receipt_not_found", "没有这个回执号，请核对后重试。", "There is no such receipt; compare it and try again."
        )
    return {
        "receipt": row.receipt,
        "status": row.status,
        "bureau": row.bureau,
        "username": row.username if row.status == "approved" else None,
        "reason": row.reason if row.status == "refused" else None,
        "requested_at": row.requested_at.isoformat(),
        "decided_at": row.decided_at.isoformat() if row.decided_at else None,
    }


def _require_no_account_yet(session: Session, uscc: str) -> None:
    if _registered(session, [uscc]):
        raise Conflict(
            "organisation_has_account",
            "该单位已有账号。请不同意本申请，并告知该单位由账号持有人授权同事使用。",
            "The organisation has an account already; refuse this request and tell the organisation to ask the account's holder.",
        )


def _require_free_name(session: Session, username: str) -> None:
    if username in RESERVED or account_exists(session, username):
        raise Conflict(
            "username_taken",
            "该用户名已被使用，请在同意时另行指定一个用户名。",
            "This username is in use; assign another one with the approval.",
        )


def _registered(session: Session, codes: Collection[str]) -> set[str]:
    """Return those of these organisations (by code) that have an account already."""
    return set(session.execute(select(accounts.c.organisation).where(accounts.c.organisation.in_(codes))).scalars())


def _lock_pending_registrations(session: Session, id: str) -> None:
    """Lock the organisation's pending registrations in a fixed order, so that of two concurrent approvals only one creates its
    first account."""
    organisation = select(registrations.c.uscc).where(registrations.c.id == id).scalar_subquery()
    pending = select(registrations.c.id).where(registrations.c.uscc == organisation, registrations.c.status == "pending")
    session.execute(pending.order_by(registrations.c.id).with_for_update()).all()


def list_registrations(
    session: Session, actor: Actor, status: str | None, limit: int, cursor: str | None
) -> PageDict[RegistrationAnswerDict]:
    """Query: list the registrations that an official may decide, the newest first: those of the official's bureau or, for the
    province, all."""
    _require_official(actor)
    statement = select(registrations.c.id, *(c for c in registrations.c if c.name != "id" and c.name not in _INNER))
    if not actor.of_province:
        statement = statement.where(registrations.c.bureau == actor.bureau)
    if status is not None:
        statement = statement.where(registrations.c.status == status)
    rows, next_cursor = page(session, statement, [registrations.c.id], limit=limit, cursor=cursor, descending=True)
    items = [_masked(typed_row(RegistrationRow, row)) for row in rows]
    return {"items": _registration_answers(session, items), "next_cursor": next_cursor}


def open_registration(session: Session, actor: Actor, id: str) -> RegistrationAnswerDict:
    """Return one registration with its contact person, for the officials who decide it. It is a command and not a query, because
    it records that the actor has seen the data."""
    _require_official(actor)
    row = _lock_registration(session, id, actor)
    note_look(session, actor, f"registration/{id}", "contact")
    [answer] = _registration_answers(session, [row])
    return answer


def decide_registration(
    session: Session, clock: Clock, actor: Actor, id: str, decision: str, reason: str | None, username: str | None = None
) -> RegistrationAnswerDict:
    """Approve a registration, which creates the account, or refuse it with a reason. `username` gives the account another name
    than the requested one.

    Raises Conflict if the registration is decided already, and on approval if the name is used or the organisation has an
    account.
    """
    _require_official(actor)
    _lock_pending_registrations(session, id)
    row = _lock_registration(session, id, actor)
    if row["status"] != "pending":
        raise Conflict("already_decided", "该注册申请已处理。", "It has been decided already.", status=row["status"])
    if decision == "refuse" and not reason:
        raise Invalid.field("/reason", "reason_required", "不同意时请写明原因。", "Give the reason for refusing.")
    approved = decision == "approve"
    if approved:
        _require_no_account_yet(session, row["uscc"])
        row["username"] = username or row["username"]
        _require_free_name(session, row["username"])
    after: RegistrationRow = {
        **row,
        "status": "approved" if approved else "refused",
        "reason": reason,
        "decided_at": clock.now(),
        "decided_by": actor.username,
        "password_hash": None,
    }
    session.execute(update(registrations).where(registrations.c.id == id).values(**after))
    if approved:
        add(session, clock, _new_account(row))
        _publish_registration_event(
            session, "registration.approved", row["bureau"], RegistrationApproved(**_event_members(row), username=row["username"])
        )
    else:
        refused = RegistrationRefused(**_event_members(row), bureau=row["bureau"], reason=reason or "")
        _publish_registration_event(session, "registration.refused", row["bureau"], refused)
    [answer] = _registration_answers(session, [_masked(after)])
    return answer


def seed_accounts(
    session: Session, clock: Clock, actor: Actor, accounts: list[NewAccount], organisations: list[DemoOrganisation]
) -> int:
    """Create all accounts of a new demonstration in one transaction, and register their organisations. If accounts exist already,
    do nothing. Return the number of accounts created."""
    actor.require("operator")
    if any_account(session):
        return 0
    for account in accounts:
        add(session, clock, account)
    for organisation in organisations:
        row: RegistrationRow = {
            "uscc": organisation["uscc"],
            "name": organisation["name"],
            "region": organisation["region"],
            "kind": organisation["kind"],
            "username": organisation["username"],
            "id": new_id(),
            "contact": {"name": "示例联系人", "phone": "0771-0000000", "email": None},
            "bureau": bureau_of(organisation["region"]),
            "status": "approved",
            "reason": None,
            "requested_at": clock.now(),
            "decided_at": clock.now(),
            "decided_by": actor.username,
        }
        session.execute(insert(registrations).values(**row))
        _publish_registration_event(
            session, "registration.approved", row["bureau"], RegistrationApproved(**_event_members(row), username=row["username"])
        )
    return len(accounts)


def _new_account(row: RegistrationRow) -> NewAccount:
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


def _lock_registration(session: Session, id: str, actor: Actor) -> RegistrationRow:
    row = session.execute(select(registrations).where(registrations.c.id == id).with_for_update()).one_or_none()
    if row is None or not (actor.of_province or row.bureau == actor.bureau):
        raise NotFound("registration_not_found", "没有这一注册申请。", "There is no such registration.")
    return typed_row(RegistrationRow, row)


def _masked(row: RegistrationRow) -> RegistrationRow:
    contact = row["contact"]
    phone, email = masked_phone(contact["phone"]), masked_email(contact["email"])
    return {**row, "contact": {"name": contact["name"], "phone": phone or "", "email": email}}


def _registration_answers(session: Session, rows: list[RegistrationRow]) -> list[RegistrationAnswerDict]:
    """Return each registration with the obstacles to its approval: whether its username is used, and whether its organisation has
    an account. Both are None for a decided registration."""
    waiting = [row for row in rows if row["status"] == "pending"]
    registered = _registered(session, {row["uscc"] for row in waiting})
    names = select(accounts.c.username).where(accounts.c.username.in_({row["username"] for row in waiting}))
    used_names = {*RESERVED, *session.execute(names).scalars()}
    return [
        {
            "id": row["id"],
            "uscc": row["uscc"],
            "name": row["name"],
            "region": row["region"],
            "kind": row["kind"],
            "contact": row["contact"],
            "username": row["username"],
            "bureau": row["bureau"],
            "status": row["status"],
            "reason": row["reason"],
            "requested_at": row["requested_at"].isoformat(),
            "decided_at": row["decided_at"].isoformat() if row["decided_at"] else None,
            "decided_by": row["decided_by"],
            "username_taken": row["username"] in used_names if row["status"] == "pending" else None,
            "organisation_has_account": row["uscc"] in registered if row["status"] == "pending" else None,
        }
        for row in rows
    ]


def _event_members(row: RegistrationRow) -> dict[str, str]:
    """Return the members that every event about a registration contains."""
    return {"registration": row["id"], "uscc": row["uscc"], "name": row["name"], "region": row["region"], "kind": row["kind"]}


def _publish_registration_event(session: Session, type: str, bureau: str, data: Registration) -> None:
    subject = f"registration/{data.registration}"
    record_change(session, type, subject, data, bureau=bureau, article="A6(1)", after=data.to_dict())
