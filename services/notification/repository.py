"""Load and store messages and preferences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Exists, Row, Select, exists, func, literal, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.contracts.notification_answers import PreferencesAnswerDict
from services.kernel.ids import new_id
from services.kernel.persistence.paging import decode_cursor, encode_cursor
from services.kernel.persistence.unit_of_work import wake_job_workers
from services.kernel.settings import Settings
from services.notification.delivery.preferences import DEFAULTS, Wishes
from services.notification.domain import Case, Message
from services.notification.tables import messages, preferences, reads


def case_of(session: Session, subject: str) -> Case:
    """Lock and return the facts stored about a case; create an empty `Case` if there are none."""
    case = session.get(Case, subject, with_for_update=True)
    if case is None:
        case = Case.unknown(subject)
        session.add(case)
    return case


def store_messages(session: Session, settings: Settings, messages_due: Iterable[Message], occurred_at: datetime) -> None:
    """Store messages. A message whose audience has a message with the same `once` key already is skipped. If e-mail or SMS is
    configured, a job creates the letters later."""
    outside = bool(settings.smtp or settings.sms_url)
    rows = [
        {
            "id": new_id(),
            "audience": message.audience,
            "type": message.type,
            "about": message.about,
            "texts": {language: list(text) for language, text in message.texts.items()},
            "once": message.once,
            "occurred_at": occurred_at,
            "addressed": not outside,
        }
        for message in messages_due
    ]
    if rows:
        statement = _dialect(session).insert(messages)
        statement = statement.on_conflict_do_nothing(index_elements=[messages.c.audience, messages.c.once])
        session.execute(statement.returning(messages.c.id), rows)  # With RETURNING, SQLAlchemy sends all rows in one statement.
        if outside:
            wake_job_workers(session)


def inbox(
    session: Session,
    account: str,
    audiences: Sequence[str],
    *,
    muted: Sequence[str],
    unread: bool | None,
    type: str | None = None,
    limit: int,
    cursor: str | None,
) -> tuple[list[Row[Any]], str | None]:
    """Return one page of the messages to these audiences, the newest first, each with whether the account has read it.

    Each audience's messages are read separately by the index, so that a page costs the same however many messages there are.
    """
    is_seen = _seen(account)
    statement = select(messages, is_seen.label("read")).order_by(messages.c.id.desc()).limit(limit + 1)
    if cursor:
        statement = statement.where(messages.c.id < decode_cursor(cursor, [str])[0])
    if muted:
        statement = statement.where(messages.c.type.not_in(muted))
    if type is not None:
        statement = statement.where(messages.c.type == type)
    if unread is not None:
        statement = statement.where(~is_seen if unread else is_seen)
    branches = [select(statement.where(messages.c.audience == audience).subquery()) for audience in audiences]
    merged = union_all(*branches).subquery()
    rows = list(session.execute(select(merged).order_by(merged.c.id.desc()).limit(limit + 1)))
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], encode_cursor([rows[limit - 1].id])


#: The number up to which unread messages are counted.
COUNTED = 1000


def count_unread(session: Session, account: str, audiences: Sequence[str], muted: Sequence[str]) -> int:
    """Count the unread messages to these audiences, up to `COUNTED`. Each audience's messages are read separately by the
    index."""
    branches = [select(_unread(account, [audience], muted).limit(COUNTED).subquery()) for audience in audiences]
    counted = select(union_all(*branches).subquery().c.id).limit(COUNTED).subquery()
    return int(session.execute(select(func.count()).select_from(counted)).scalar_one())


def mark_all(
    session: Session, account: str, audiences: Sequence[str], muted: Sequence[str], up_to: str | None, at: datetime
) -> int:
    """Record that an account has read its messages, up to and including `up_to` if given. Return how many were unread."""
    unread = _unread(account, audiences, muted)
    if up_to is not None:
        unread = unread.where(messages.c.id <= up_to)
    rows = [{"account": account, "message": id, "read_at": at} for id in session.execute(unread).scalars()]
    if rows:
        session.execute(_dialect(session).insert(reads).on_conflict_do_nothing(), rows)
    return len(rows)


def _seen(account: str) -> Exists:
    return exists().where(reads.c.message == messages.c.id, reads.c.account == account)


def _unread(account: str, audiences: Sequence[str], muted: Sequence[str]) -> Select[Any]:
    statement = select(messages.c.id).where(messages.c.audience.in_(audiences), ~_seen(account))
    return statement.where(messages.c.type.not_in(muted)) if muted else statement


def find(session: Session, id: str, audiences: Sequence[str]) -> Row[Any] | None:
    """Return a message if it is addressed to one of these audiences, otherwise None."""
    statement = select(messages, literal(True).label("read"))
    return session.execute(statement.where(messages.c.id == id, messages.c.audience.in_(audiences))).one_or_none()


def mark(session: Session, account: str, id: str, at: datetime) -> None:
    """Record that an account has read a message. Only the time of the first reading is stored."""
    session.execute(_dialect(session).insert(reads).values(account=account, message=id, read_at=at).on_conflict_do_nothing())


def preferences_of(session: Session, account: str) -> PreferencesAnswerDict:
    """Return an account's preferences. `language` None means that the language of each request is used; `muted` are event types;
    `channels`, `quiet_hours` and `digest` concern e-mail and SMS."""
    return _wishes_of_row(session.execute(select(preferences).where(preferences.c.account == account)).one_or_none())


def _wishes_of_row(row: Row[Any] | None) -> PreferencesAnswerDict:
    if row is None:
        return {**DEFAULTS, "muted": []}
    return {
        "language": row.language,
        "muted": list(row.muted),
        "channels": row.channels or DEFAULTS["channels"],
        "quiet_hours": row.quiet_hours,
        "digest": row.digest,
    }


def wishes_of(session: Session, account: str) -> Wishes:
    """Return an account's preferences for e-mail and SMS."""
    return wishes_of_all(session, [account])[account]


def wishes_of_all(session: Session, accounts: Sequence[str]) -> dict[str, Wishes]:
    """Return account → its preferences for e-mail and SMS, with one query for all accounts."""
    rows = {row.account: row for row in session.execute(select(preferences).where(preferences.c.account.in_(accounts)))}
    wishes_by_account = {account: _wishes_of_row(rows.get(account)) for account in accounts}
    return {
        account: Wishes(wishes["language"], tuple(wishes["muted"]), wishes["channels"], wishes["quiet_hours"], wishes["digest"])
        for account, wishes in wishes_by_account.items()
    }


def prefer(session: Session, account: str, wishes: PreferencesAnswerDict) -> None:
    """Replace an account's preferences."""
    statement = _dialect(session).insert(preferences).values(account=account, **wishes)
    session.execute(statement.on_conflict_do_update(index_elements=[preferences.c.account], set_=dict(wishes)))


def _dialect(session: Session) -> Any:
    return sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
