"""The contact addresses of accounts. The gateway publishes the addresses, they are used only to send letters, and the erasure of
a person deletes them."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.contracts.gateway.payloads import ContactChanged
from services.kernel.messaging import inbox
from services.kernel.messaging.envelope import Event
from services.kernel.persistence import erasure
from services.kernel.persistence.database import insert_into
from services.notification.tables import contacts, letters, messages, preferences, reads


def follow_contact(session: Session, event: Event[ContactChanged]) -> None:
    """Reaction to `account.contact_changed`: store the contact addresses of the account."""
    contact = event.data
    values = {
        "email": contact.email,
        "phone": contact.phone,
        "roles": f" {' '.join(contact.roles)} ",
        "bureau": contact.bureau,
        "organisation": contact.organisation,
        "active": contact.active,
        "until": contact.until,
    }
    statement = insert_into(session.get_bind().dialect.name, contacts).values(account=contact.username, **values)
    session.execute(statement.on_conflict_do_update(index_elements=[contacts.c.account], set_=values))


def forget_person(session: Session, event: Event[erasure.ErasedAccount]) -> None:
    """Reaction to `account.erased`: delete the person's addresses, and the messages that were addressed to this person's account
    alone."""
    account = event.data.username
    for type in ("account.contact_changed", "contact.code_sent"):
        inbox.erase_bodies(session, type, event.subject)
    erasure.forget_account(session, event)
    own_messages = select(messages.c.id).where(messages.c.audience == f"account:{account}")
    session.execute(delete(letters).where(letters.c.account == account))
    session.execute(delete(reads).where((reads.c.account == account) | reads.c.message.in_(own_messages)))
    session.execute(delete(letters).where(letters.c.message.in_(own_messages)))
    session.execute(delete(messages).where(messages.c.audience == f"account:{account}"))
    for table in (contacts, preferences):
        session.execute(delete(table).where(table.c.account == account))
