"""Reminders of deadlines. Events set deadlines, and each account that must act is reminded a number of days before the deadline;
a kind of deadline can have several such numbers (`before`)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from services.contracts.payload import JsonObject
from services.kernel.clock import Clock, local_date
from services.kernel.messaging.envelope import Event
from services.kernel.persistence.database import insert_into
from services.kernel.settings import Settings
from services.notification import repository
from services.notification.domain import LANGUAGES, Message, Template, facts_of, fill_placeholders, find
from services.notification.tables import deadlines


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of deadline; `deadlines.toml` explains the fields."""

    name: str
    opens: tuple[str, ...]
    due: str
    closes: tuple[str, ...]
    to: tuple[str, ...]
    before: tuple[int, ...]
    texts: dict[str, tuple[str, str]]
    leaves: dict[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    closes_when: dict[str, dict[str, str]] = field(default_factory=dict)
    ends_when: dict[str, dict[str, str]] = field(default_factory=dict)
    moves: dict[str, str] = field(default_factory=dict)

    @property
    def heard(self) -> tuple[str, ...]:
        """Return the event types that set, move or end a deadline of this kind."""
        return (*self.opens, *self.closes, *self.ends, *self.closes_when, *self.ends_when, *self.leaves, *self.moves)

    def closed_by(self, event: Event[JsonObject]) -> bool:
        """Return whether this event shows that the account which must act by the deadline has acted."""
        return event.type in self.closes or _matches(event, self.closes_when)

    def ended_by(self, event: Event[JsonObject]) -> bool:
        """Return whether this event ends the deadline's subject, so that its deadlines no longer matter."""
        return event.type in self.ends or _matches(event, self.ends_when)

    def id_of(self, event: Event[JsonObject]) -> str:
        return f"{self.name} {'/'.join(str(find(event.data, part)) for part in self.key) or event.subject}"


def _matches(event: Event[JsonObject], conditions: dict[str, dict[str, str]]) -> bool:
    return event.type in conditions and all(event.data.get(name) == value for name, value in conditions[event.type].items())


def _load() -> tuple[Kind, ...]:
    document = tomllib.loads(Path(__file__).with_name("deadlines.toml").read_text(encoding="utf-8"))
    return tuple(
        Kind(
            name,
            tuple(row["opens"]),
            row["due"],
            tuple(row["closes"]),
            tuple(row["to"]),
            tuple(row["before"]),
            {language: (row[language][0], row[language][1]) for language in LANGUAGES},
            row.get("leaves", {}),
            tuple(row.get("key", ())),
            tuple(row.get("ends", ())),
            row.get("closes_when", {}),
            row.get("ends_when", {}),
            row.get("moves", {}),
        )
        for name, row in document["deadline"].items()
    )


KINDS = _load()
_BY_NAME = {kind.name: kind for kind in KINDS}
#: The event types that set, move or end any deadline.
HEARD = tuple(dict.fromkeys(type for kind in KINDS for type in kind.heard))
#: The largest number of days before a deadline at which a reminder is sent.
LONGEST = max(max(kind.before) for kind in KINDS)
#: The number of days after a deadline until which a reminder may be sent.
OVER = 30


def watch(session: Session, event: Event[JsonObject]) -> None:
    """Reaction to the event types in `HEARD`: set, move or end a deadline, or record that one of several parties has acted, so
    that it gets no further reminder."""
    for kind in KINDS:
        if kind.ended_by(event):
            of_subject = (deadlines.c.kind == kind.name, deadlines.c.subject == event.subject)
            session.execute(delete(deadlines).where(*of_subject))
        elif kind.closed_by(event):
            session.execute(delete(deadlines).where(deadlines.c.id == kind.id_of(event)))
        elif event.type in kind.moves:
            of_subject = (deadlines.c.kind == kind.name, deadlines.c.subject == event.subject)
            values = {"due_on": _day(event.data[kind.moves[event.type]]), "reminded": []}
            session.execute(update(deadlines).where(*of_subject).values(values))
        elif event.type in kind.leaves:
            _remove_audiences(session, kind.id_of(event), kind.leaves[event.type], event)
        elif event.type in kind.opens:
            _store_deadline(session, kind, kind.id_of(event), event)


def follow_hand_over(session: Session, event: Event[JsonObject]) -> None:
    """Reaction: a consortium has a new recommender; address its reminders to that bureau instead of the former one."""
    old_audience, new_audience = (f"bureau:{event.data[name]}" for name in ("from_bureau", "to_bureau"))
    rows = session.execute(select(deadlines).where(deadlines.c.subject == event.subject).with_for_update()).all()
    for row in rows:
        if old_audience in row.audiences:
            audiences = [new_audience if audience == old_audience else audience for audience in row.audiences]
            session.execute(update(deadlines).where(deadlines.c.id == row.id).values(audiences=audiences))


def _store_deadline(session: Session, kind: Kind, id: str, event: Event[JsonObject]) -> None:
    before = session.execute(select(deadlines.c.facts).where(deadlines.c.id == id).with_for_update()).scalar_one_or_none()
    due = event.data.get(kind.due)
    if not due:  # The subject no longer has this deadline.
        session.execute(delete(deadlines).where(deadlines.c.id == id))
        return
    ended_audiences = (before or {}).get("done", [])
    values: dict[str, object] = {
        "kind": kind.name,
        "subject": event.subject,
        "due_on": _day(due),
        "audiences": [audience for audience in _audiences(kind.to, event) if audience not in ended_audiences],
        # A later event about the same subject may lack the title that an earlier event had, so the earlier title is kept.
        "facts": (before or {})
        | {name: event.data[name] for name in ("title", "name") if name in event.data}
        | {"done": ended_audiences},
        "reminded": [],
    }
    statement = insert_into(session.get_bind().dialect.name, deadlines).values(id=id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=[deadlines.c.id], set_=values))


def _remove_audiences(session: Session, id: str, address: str, event: Event[JsonObject]) -> None:
    row = session.execute(select(deadlines).where(deadlines.c.id == id).with_for_update()).one_or_none()
    if row:
        ended_audiences = _audiences((address,), event)
        remaining = [audience for audience in row.audiences if audience not in ended_audiences]
        facts = row.facts | {"done": [*row.facts["done"], *ended_audiences]}
        session.execute(update(deadlines).where(deadlines.c.id == id).values(audiences=remaining, facts=facts))


def _audiences(addresses: tuple[str, ...], event: Event[JsonObject]) -> list[str]:
    """Return the audiences to which the entries of `addresses` refer for this event, each once."""
    facts = facts_of(event.data, bureau=event.bureau, recommender=event.recommender, actor=event.actor["username"], case=None)
    messages = Template("", event.type, addresses, {}, {}).messages(facts, event.subject)
    return list(dict.fromkeys(message.audience for message in messages))


def due_reminders(session: Session, clock: Clock) -> list[str]:
    """Sweep: return the deadlines with a reminder that is due on the clock's day."""
    today = clock.today()
    soon_due = select(deadlines.c.id, deadlines.c.kind, deadlines.c.due_on, deadlines.c.reminded)
    # Even if no event ever ends a deadline, no reminder is sent more than `OVER` days after it.
    window = deadlines.c.due_on.between(today - timedelta(days=OVER), today + timedelta(days=LONGEST))
    rows = session.execute(soon_due.where(window).order_by(deadlines.c.due_on))
    return [row.id for row in rows if _notice(_BY_NAME[row.kind], row.due_on, row.reminded, today) is not None]


def remind(session: Session, settings: Settings, clock: Clock, id: str) -> dict[str, int] | None:
    """Sweep: send the reminder of one deadline that is due. If several reminders of the deadline are due, only the last one is
    sent."""
    row = session.execute(select(deadlines).where(deadlines.c.id == id).with_for_update()).one_or_none()
    if row is None:
        return None
    kind, today = _BY_NAME[row.kind], clock.today()
    notice = _notice(kind, row.due_on, row.reminded, today)
    if notice is None:
        return None
    facts = row.facts | {"due_on": row.due_on.isoformat(), "left": _left((row.due_on - today).days)}
    texts = {
        language: (fill_placeholders(title, facts, language), fill_placeholders(text, facts, language))
        for language, (title, text) in kind.texts.items()
    }
    messages_due = [Message(audience, "reminder", row.subject, texts, None) for audience in row.audiences]
    repository.store_messages(session, settings, messages_due, clock.now())
    past_notices = [days for days in kind.before if days >= notice]
    session.execute(update(deadlines).where(deadlines.c.id == id).values(reminded=sorted({*row.reminded, *past_notices})))
    return {"reminded": len(messages_due), "notice": notice}


def _notice(kind: Kind, due_on: date, reminded: list[int], today: date) -> int | None:
    """Return the number of days before the deadline whose reminder is due today; None if no reminder is due or it was sent
    already."""
    notices_reached = [days for days in kind.before if due_on - timedelta(days=days) <= today]
    # After the deadline no reminder is sent, unless the kind has one for the day itself (0) or a later day (-1): the duty is
    # late, and the service that owns the duty publishes that.
    if not notices_reached or (today > due_on and min(notices_reached) > 0):
        return None
    notice = min(notices_reached)
    return None if notice in reminded else notice


def _left(days: int) -> dict[str, str]:
    if days < 0:
        return {"zh": f"已逾期 {-days} 天", "en": f"{-days} day(s) late"}
    return {"zh": f"还有 {days} 天", "en": f"{days} day(s) left"} if days else {"zh": "今天到期", "en": "today"}


def _day(due: str) -> date:
    return date.fromisoformat(due) if len(due) == 10 else local_date(datetime.fromisoformat(due))
