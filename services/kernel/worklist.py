"""Build the list of an actor's tasks in one service: the count of each kind, and the most urgent tasks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, ScalarSelect, Select, func, literal_column, select
from sqlalchemy.orm import Session

from services.contracts.todo import Task, TaskCounts, TaskSubject, TodoCountDict, TodoWithinDict, Worklist
from services.kernel.clock import Clock
from services.kernel.persistence.paging import COUNTED
from services.kernel.persistence.tables import inbox

#: The largest number of tasks of one kind that an answer lists. Tasks are counted up to `COUNTED`.
LISTED = 50


def within(consortium: str | None = None, evaluation: str | None = None, year: int | None = None) -> TodoWithinDict:
    """Return the ids that a client needs, in addition to the id of the subject, to open a task."""
    return {"consortium": consortium, "evaluation": evaluation, "year": year}


@dataclass(frozen=True, slots=True)
class Entry:
    """One task: its subject, its title, and the last day to do it, if there is one. `title` and `subtitle` are names entered by
    people, or words in both languages. `within`: the further ids that a client needs to open the subject: consortium, evaluation,
    year. `lead`: the name of the lead of the case or consortium, if there is one."""

    subject: str
    title: str | dict[str, str] | None
    subtitle: str | dict[str, str] | None = None
    due_on: date | str | None = None
    within: TodoWithinDict | None = None
    lead: str | None = None

    def task_subject(self) -> TaskSubject:
        kind, _, id = self.subject.partition("/")
        return {
            "subject": {"kind": kind, "id": id},
            "within": self.within or within(),
            "title": self.title,
            "subtitle": self.subtitle,
            "lead": self.lead,
            "due_on": self.due_on.isoformat() if isinstance(self.due_on, date) else self.due_on,
        }


@dataclass(frozen=True, slots=True)
class Waiting:
    """All tasks of one kind. `statement` selects them with the help of an index, the most urgent first; `action` is the code of
    the action that the actor must take."""

    kind: str
    action: str
    statement: Select[Any]
    entry: Callable[[Row[Any]], Entry]


def worklist(session: Session, clock: Clock, waiting: Iterable[Waiting]) -> Worklist:
    """Run the statements and return the tasks with their counts. Kinds without tasks are left out of the counts. If several
    statements select tasks of one kind, the most urgent tasks of all of them are listed."""
    counts: Counter[str] = Counter()
    items: defaultdict[str, list[Task]] = defaultdict(list)
    for kind_of_task in waiting:
        rows = list(session.execute(kind_of_task.statement.limit(LISTED + 1)))
        if not rows:
            continue
        counts[kind_of_task.kind] += _count(session, kind_of_task.statement, len(rows))
        found: list[Task] = [
            {"kind": kind_of_task.kind, "action": kind_of_task.action, **kind_of_task.entry(row).task_subject()} for row in rows
        ]
        listed = items[kind_of_task.kind] + found
        items[kind_of_task.kind] = (sorted(listed, key=_urgency) if len(listed) > len(found) else listed)[:LISTED]
    counted: list[TodoCountDict] = [{"kind": kind, "count": count} for kind, count in counts.items()]
    return {"as_of": clock.today().isoformat(), "counts": counted, "items": [task for kind in items.values() for task in kind]}


def _urgency(task: Task) -> tuple[bool, str]:
    return task["due_on"] is None, task["due_on"] or ""


def task_counts(session: Session, clock: Clock, waiting: Iterable[Waiting]) -> TaskCounts:
    """Return only the counts of `worklist`, computed in one statement and without sorting."""
    kinds = [(kind_of_task.kind, _limited_count(kind_of_task.statement)) for kind_of_task in waiting]
    counts: Counter[str] = Counter()
    if kinds:
        row = session.execute(select(*(count for _, count in kinds))).one()
        for (kind, _), count in zip(kinds, row, strict=True):
            counts[kind] += count
    counted: list[TodoCountDict] = [{"kind": kind, "count": count} for kind, count in counts.items() if count]
    return {"as_of": clock.today().isoformat(), "counts": counted}


def _limited_count(statement: Select[Any]) -> ScalarSelect[int]:
    bare: Select[Any] = statement.with_only_columns(literal_column("1"), maintain_column_froms=True).order_by(None)
    return select(func.count()).select_from(bare.limit(COUNTED).subquery()).scalar_subquery()


def parked_events(type_words: Callable[[str], dict[str, str]]) -> Waiting:
    """Return, as tasks for operators, the events that this service could not process. Their type and subject are shown, never
    their content."""
    statement = select(inbox.c.id, inbox.c.type, inbox.c.subject).where(inbox.c.state == "parked").order_by(inbox.c.position)
    return Waiting("parked_event", "replay", statement, lambda row: Entry(f"event/{row.id}", type_words(row.type), row.subject))


def _count(session: Session, statement: Select[Any], rows_read: int) -> int:
    """Return the number of rows that a statement selects, up to `COUNTED`."""
    if rows_read <= LISTED:
        return rows_read
    return session.execute(select(_limited_count(statement))).scalar_one()
