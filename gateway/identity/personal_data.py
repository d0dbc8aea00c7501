"""Personal data: the log of the accounts that saw it, the export of the data stored about a person, and its erasure."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, insert, literal, select, update
from sqlalchemy.orm import Session

from gateway.identity.accounts import account_answer, find, lock_account, no_such_account, publish_account_event, unmasked
from gateway.identity.rows import changed_account
from gateway.identity.saved_settings import get_settings
from gateway.identity.sessions import close
from gateway.identity.tables import accounts, api_keys, looks, own_settings, proofs, registrations, sessions, working_copies
from gateway.identity.working_copies import list_working_copies
from services.contracts.gateway.answers import AccountAnswerDict, IdentityDataDict, LookAnswerDict
from services.contracts.gateway.payloads import AccountErased
from services.contracts.pages import PageDict
from services.kernel.clock import Clock, real_now
from services.kernel.errors import Conflict
from services.kernel.identity import PROVINCE, Actor
from services.kernel.ids import new_id
from services.kernel.messaging import outbox
from services.kernel.persistence import erasure, unit_of_work
from services.kernel.persistence.paging import page
from services.kernel.persistence.unit_of_work import record_change

#: The text that replaces an erased name.
ERASED_NAME = "已注销 erased"


def note_look(session: Session, actor: Actor, whose: str, what: str) -> None:
    """Record that the actor saw a person's data. `whose` is `account/<username>` or `registration/<id>`."""
    row = {
        "id": new_id(),
        "at": real_now(),
        "whose": whose,
        "by": actor.username,
        "role": actor.role,
        "what": what,
        "correlation_id": unit_of_work.current(session).correlation_id,
    }
    session.execute(insert(looks).values(**row))


def open_account(session: Session, actor: Actor, username: str) -> AccountAnswerDict:
    """Return one account, unmasked, for the operator. It is a command and not a query, because it records that the actor has seen
    the data."""
    actor.require("operator")
    row = find(session, username)
    if row is None:
        raise no_such_account()
    note_look(session, actor, f"account/{username}", "contact")
    return unmasked(row)


def list_looks(session: Session, actor: Actor, username: str, limit: int, cursor: str | None) -> PageDict[LookAnswerDict]:
    """Query: list the accounts that saw an account's personal data and when, the newest first. Only the account itself and
    auditors may read the list."""
    if username != actor.username:
        actor.require("auditor")
    statement = select(looks).where(_looks_at(username))
    rows, next_cursor = page(session, statement, [looks.c.id], limit=limit, cursor=cursor, descending=True)
    items: list[LookAnswerDict] = [
        {
            "id": row.id,
            "at": row.at.isoformat(),
            "by": row.by,
            "role": row.role,
            "what": row.what,
            "correlation_id": row.correlation_id,
        }
        for row in rows
    ]
    return {"items": items, "next_cursor": next_cursor}


def _looks_at(username: str) -> ColumnElement[bool]:
    """Return the condition that selects the log's entries about an account, and about the registration that created the
    account."""
    registration = select(literal("registration/") + registrations.c.id).where(_registration_of(username))
    return (looks.c.whose == f"account/{username}") | looks.c.whose.in_(registration)


def _registration_of(username: str) -> ColumnElement[bool]:
    """Return the registration that created the account. Other registrations that asked for the same username were refused, and
    may be another person's."""
    return (registrations.c.username == username) & (registrations.c.status == "approved")


def own_data(session: Session, actor: Actor) -> IdentityDataDict:
    """Query: return everything that identity stores about the actor, except secrets."""
    row = find(session, actor.username)
    if row is None:
        raise no_such_account()
    logins = session.execute(select(sessions).where(sessions.c.username == actor.username).order_by(sessions.c.id))
    registrations_of_account = session.execute(select(registrations).where(_registration_of(actor.username)))
    looks_at_account = session.execute(select(looks).where(_looks_at(actor.username)).order_by(looks.c.id))
    return {
        "account": unmasked(row),
        "sessions": [
            {"opened_at": login.opened_at.isoformat(), "expires_at": login.expires_at.isoformat(), "client": login.client}
            for login in logins
        ],
        "registrations": [
            {
                "id": registration.id,
                "contact": registration.contact,
                "requested_at": registration.requested_at.isoformat(),
                "status": registration.status,
            }
            for registration in registrations_of_account
        ],
        "looks": [{"at": entry.at.isoformat(), "by": entry.by, "what": entry.what} for entry in looks_at_account],
        "working_copies": list_working_copies(session, actor)["items"],
        "settings": get_settings(session, actor)["content"],
        "pending_contacts": [
            {"kind": row.kind, "value": row.value}
            for row in session.execute(select(proofs).where(proofs.c.username == actor.username, proofs.c.value.is_not(None)))
        ],
    }


def erase_account(session: Session, clock: Clock, actor: Actor, username: str) -> AccountAnswerDict:
    """Close an account permanently and erase the person's data: name, phone, e-mail, sessions, and the data given at
    registration. Decisions and signatures stay under the account's name, because the case files must be kept; so does the audit
    log. Raises Conflict if operators erase their own account, because an operator must remain."""
    if username != actor.username:
        actor.require("operator")
    before = lock_account(session, username)
    if "operator" in before["roles"] and username == actor.username:
        raise Conflict(
            "own_account",
            "管理员不能注销自己的账号，请由另一位管理员办理。",
            "An operator's account is erased by another operator.",
        )
    erased_values = {"name": ERASED_NAME} | dict.fromkeys(
        ("phone", "email", "external", "second_factor", "password_hash", "verified")
    )
    ended = {"active": False, "erased_at": clock.now(), "version": before["version"] + 1}
    after = changed_account(before, {**erased_values, **ended})
    session.execute(update(accounts).where(accounts.c.username == username).values(**after))
    session.execute(update(api_keys).where(api_keys.c.username == username).values(revoked_at=real_now()))
    close(session, username)
    # Only registrations of the same organisation are erased: other organisations may have asked for the same name.
    same_organisation = (registrations.c.username == username) & (registrations.c.uscc == before["organisation"])
    contacts = session.execute(select(registrations.c.id, registrations.c.contact).where(same_organisation)).all()
    session.execute(delete(sessions).where(sessions.c.username == username))
    for table in (working_copies, proofs, own_settings):
        session.execute(delete(table).where(table.c.username == username))
    contact = {"name": ERASED_NAME, "phone": "", "email": None}
    session.execute(update(registrations).where(same_organisation).values(contact=contact))
    publish_account_event(session, before, after)
    for type in ("account.contact_changed", "contact.code_sent"):
        outbox.delete_events(session, type, f"account/{username}")
    addresses = {before["phone"], before["email"]}
    for registration in contacts:
        addresses |= {registration.id, registration.contact.get("phone"), registration.contact.get("email")}
    erasure.forget_answers(session, username, addresses)
    bureau = before["bureau"] or PROVINCE
    record_change(session, "account.erased", f"account/{username}", AccountErased(username=username), bureau=bureau)
    return account_answer(after)
