"""Turn messages into letters: choose recipients, addresses and times. The job that sends the letters is here too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, or_, select, update
from sqlalchemy.orm import Session

from services.kernel.clock import local_date, real_now
from services.kernel.ids import new_id
from services.kernel.messaging.signing import Signer
from services.kernel.persistence.database import insert_into
from services.kernel.persistence.lease import Lease, claim_first
from services.kernel.persistence.unit_of_work import wake_job_workers
from services.kernel.retry_policy import RetryPolicy
from services.kernel.settings import Settings
from services.notification import repository
from services.notification.delivery import confidential
from services.notification.delivery.letter import LetterState, LetterToSend
from services.notification.delivery.preferences import CHANNELS, Wishes
from services.notification.delivery.transport import SENT, Outcome, SendState, send_mail, send_sms
from services.notification.domain import OFFICES, URGENT
from services.notification.tables import contacts, letters, messages, unaddressed

#: The most messages that one batch turns into letters, the most messages in one digest, and the lease of a letter that is being
#: sent.
BATCH, DIGEST_MOST, LEASE = 100, 50, Lease(120)
#: The seconds between one try to send a letter and the next. After the last try, about a day after the first, the letter has
#: failed.
RETRIES = RetryPolicy((30, 120, 600, 1800, 3600, 7200, 14_400, 21_600, 28_800))


def address(session: Session, settings: Settings) -> None:
    """Create the letters for messages whose letters have not been created yet. A message that was stored before any channel was
    configured gets no letter."""
    waiting = select(messages).where(unaddressed).order_by(messages.c.id).limit(BATCH)
    waiting_messages = session.execute(waiting.with_for_update(skip_locked=True)).all()
    if not waiting_messages:
        return
    channels = _configured_channels(settings)
    rows = [row for message in waiting_messages for row in _letters_of(session, message, channels)]
    if rows:
        statement = insert_into(session.get_bind().dialect.name, letters).on_conflict_do_nothing()
        session.execute(statement, rows)
    mark_addressed = update(messages).where(messages.c.id.in_([message.id for message in waiting_messages]))
    session.execute(mark_addressed.values(addressed=True))
    wake_job_workers(session)


def claim_letters(session: Session, settings: Settings, signer: Signer) -> LetterToSend | None:
    """Claim the letters that are due to one account over one channel: a single letter, or all letters that are collected for the
    account's digest."""
    address(session, settings)
    now = real_now()
    due = select(letters).where(letters.c.state == LetterState.WAITING, letters.c.next_at <= now)
    first = claim_first(session, due.order_by(letters.c.next_at))
    if first is None:
        return None
    claimed = [first]
    if first.gathered:
        same_digest = select(letters).where(
            letters.c.state == LetterState.WAITING,
            letters.c.account == first.account,
            letters.c.channel == first.channel,
            letters.c.gathered.is_(True),
            letters.c.next_at <= now,
        )
        claimed = list(
            session.execute(same_digest.order_by(letters.c.id).limit(DIGEST_MOST).with_for_update(skip_locked=True)).all()
        )
    ids = [letter.id for letter in claimed]
    leased = {"next_at": LEASE.end(now), "tries": letters.c.tries + 1}
    session.execute(update(letters).where(letters.c.id.in_(ids)).values(**leased))
    if first.secret is not None:
        person = session.execute(select(contacts.c.email).where(contacts.c.account == first.account, *_reachable())).scalar()
        return confidential.letter_to_send(settings, signer, first, person)
    return _letter_to_send(session, first, claimed)


def send_letters(settings: Settings, piece: LetterToSend) -> Outcome:
    """Send the letter that `claim_letters` returned."""
    if piece.to is None:
        return Outcome(SendState.REFUSED, "nobody_to_tell")
    if piece.channel == "email":
        return send_mail(settings, piece.to, piece.ids[0], piece.subject, piece.text)
    if "转" in piece.to:
        return Outcome(SendState.REFUSED, "extension")  # An office extension cannot receive an SMS.
    return send_sms(settings, piece.to, piece.ids[0], f"{piece.subject}：{piece.text}"[:300])


def complete_letters(session: Session, piece: LetterToSend, outcome: Outcome) -> None:
    """Store the result of sending. After a temporary failure the letter is tried again, at growing intervals, for a day."""
    now = real_now()
    for id in piece.ids:
        tries = session.execute(select(letters.c.tries).where(letters.c.id == id)).scalar_one_or_none()
        if tries is None:  # There is no such letter any more: the person's data was erased during the sending.
            continue
        values: dict[str, object] = {"code": outcome.code, "tried_at": now}
        if outcome.state == SENT.state:
            values |= {"state": LetterState.SENT, "secret": None}
        elif outcome.state == SendState.REFUSED or (next_try := RETRIES.next_try(tries, now)) is None:
            values |= {"state": LetterState.FAILED, "secret": None}
        else:
            values["next_at"] = next_try
        session.execute(update(letters).where(letters.c.id == id).values(**values))


def _configured_channels(settings: Settings) -> tuple[str, ...]:
    return tuple(channel for channel, address in zip(CHANNELS, (settings.smtp, settings.sms_url), strict=True) if address)


def _letters_of(session: Session, message: Row[Any], channels: Sequence[str]) -> list[Mapping[str, object]]:
    now, urgent = real_now(), message.type in URGENT
    rows: list[Mapping[str, object]] = []
    people = session.execute(select(contacts).where(*_reachable(), _belongs_to(message.audience))).all()
    known = repository.wishes_of_all(session, [person.account for person in people])
    for person in people:
        wishes = known[person.account]
        for channel in channels:
            address = person.email if channel == "email" else person.phone
            if address and wishes.wants(channel, message.type, urgent=urgent):
                rows.append(_new_letter(message, person.account, channel, wishes, now, urgent=urgent))
    return rows


def _new_letter(
    message: Row[Any], account: str, channel: str, wishes: Wishes, now: datetime, *, urgent: bool
) -> Mapping[str, object]:
    return {
        "id": new_id(),
        "message": message.id,
        "account": account,
        "channel": channel,
        "type": message.type,
        "state": LetterState.WAITING,
        "gathered": wishes.gathered(urgent=urgent),
        "tries": 0,
        "next_at": wishes.send_at(now, urgent=urgent),
        "made_at": now,
    }


def _reachable() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which an account gets letters: the account is active, and a delegate's account gets them only
    until the delegation ends."""
    return contacts.c.active, or_(contacts.c.until.is_(None), contacts.c.until >= local_date(real_now()))


def _belongs_to(audience: str) -> ColumnElement[bool]:
    """Return the condition that selects the accounts which belong to an audience (an account, an organisation, a role, or the
    officials of a bureau). It is the inverse of `audiences_of`."""
    kind, _, value = audience.partition(":")
    if kind == "account":
        return contacts.c.account == value
    if kind == "organisation":
        return (contacts.c.organisation == value) & _has_roles("applicant")
    if kind == "role":
        return _has_roles(value)
    office = _has_roles(*OFFICES[kind])
    return (contacts.c.bureau == value) & office


def _has_roles(*roles: str) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = contacts.c.roles.contains(f" {roles[0]} ")
    for role in roles[1:]:
        condition = condition | contacts.c.roles.contains(f" {role} ")
    return condition


def _letter_to_send(session: Session, first: Row[Any], letters_claimed: Sequence[Row[Any]]) -> LetterToSend:
    person = session.execute(select(contacts).where(contacts.c.account == first.account)).one_or_none()
    language = repository.wishes_of(session, first.account).language or "zh"
    about = select(messages.c.id, messages.c.audience, messages.c.texts)
    values = {
        row.id: row.texts[language]
        for row in session.execute(about.where(messages.c.id.in_([letter.message for letter in letters_claimed])))
        if _still_among(session, first.account, row.audience)
    }
    texts = [values[letter.message] for letter in letters_claimed if letter.message in values]
    subject, text = composed(texts, language) if texts else ("", "")
    recipient = None
    if person is not None and texts:  # An account that no longer belongs to the audience gets no letter.
        recipient = person.email if first.channel == "email" else person.phone
    return LetterToSend([letter.id for letter in letters_claimed], first.channel, recipient, subject, text)


def _still_among(session: Session, account: str, audience: str) -> bool:
    statement = select(contacts.c.account).where(contacts.c.account == account, *_reachable(), _belongs_to(audience))
    return session.execute(statement).first() is not None


_FOOT = {
    "zh": "本信由桂创平台自动发出，请勿直接回复。请登录平台办理；接收方式可在“消息偏好”中修改。",
    "en": "Sent by Guichuang; please do not reply. Log in to act on it; how you are told is set in your preferences there.",
}
_DIGEST = {"zh": "您有 {n} 条新消息", "en": "{n} new messages for you"}


def composed(texts: Sequence[Sequence[str]], language: str) -> tuple[str, str]:
    """Return the subject and the text of a letter about one message, or of a digest of several messages."""
    if len(texts) == 1:
        title, text = texts[0]
        return title, f"{text}\n\n{_FOOT[language]}\n"
    listed = "\n".join(f"· {title}\n{text}\n" for title, text in texts)
    return _DIGEST[language].format(n=len(texts)), f"{listed}\n{_FOOT[language]}\n"
