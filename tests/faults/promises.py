"""Look up the traces of each acknowledged change, each of which must exist exactly once: its row, its event, its step in the
timeline and its message."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tests.faults.ledger import Promise

#: A function that runs an SQL statement in the database of one process and returns the rows.
Rows = Callable[..., list[Any]]
See = Callable[[str, bool, str], None]

#: In place of a process's name: the databases of all review services together, because a bureau's cases may be in any of them.
REVIEWS = "review"


@dataclass(frozen=True, slots=True)
class Kept:
    """The traces that one kind of acknowledged change must have left. `request`: the pattern of the request; its named groups and
    the fields of the answer fill in `rows` and `subject`. `rows`: a table and a condition that exactly one of its rows must
    fulfil, in the database of the process `seat`. `event`, `step` and `message`: their types; exactly one event and one step must
    be about `subject`, and one message for each reader. `names`: the field of the answer that distinguishes this event from
    others of its type about the same subject."""

    request: str
    what: str
    rows: str
    seat: str = "evaluation"
    subject: str = ""
    event: str = ""
    names: str = ""
    step: str = ""
    message: str = ""


class Lookup:
    """Looks up acknowledged changes. `rows` reads the database of one process; `reviews` are the names of the review services'
    processes."""

    def __init__(self, rows: Rows, see: See, reviews: Iterable[str]) -> None:
        self._rows = rows
        self._see = see
        self._reviews = tuple(reviews)

    def keep(self, promise: Promise, table: Iterable[Kept]) -> bool:
        """Check every line of the table whose pattern matches this change's request; return False if no line matches."""
        asked = f"{promise.method} {promise.path}"
        lines = [(line, match) for line in table if (match := re.fullmatch(line.request, asked))]
        for line, match in lines:
            answer = promise.answer if isinstance(promise.answer, dict) else {}
            self._check(line, asked, {**answer, **match.groupdict()})
        return bool(lines)

    def _check(self, line: Kept, asked: str, values: dict[str, Any]) -> None:
        self._once(line.what, line.seat, line.rows, asked, values)
        about = {"subject": line.subject.format(**values)} if line.subject else {}
        at = "type = :type AND subject = :subject"
        if line.event:
            named = about | {"type": line.event, "named": f"%{values[line.names]}%" if line.names else "%"}
            self._once(f"{line.what}: events", line.seat, f"outbox WHERE {at} AND body LIKE :named", asked, named)
        if line.step:
            steps = about | {"type": line.step}
            self._once(f"{line.what}: steps of the timeline", "application", f"timeline WHERE {at}", asked, steps)
        if line.message:
            self._messages(line, asked, about)

    def _messages(self, line: Kept, asked: str, about: dict[str, str]) -> None:
        """Check that each event of this type about the subject has exactly one message for each reader. (A subject can have
        several such events: two letters can object to one decision.)"""
        about = about | {"type": line.event}
        events = self._count(line.seat, "outbox WHERE type = :type AND subject = :subject", about)
        statement = "SELECT count(*), count(DISTINCT audience) FROM messages WHERE type = :type AND about = :subject"
        [(messages, readers)] = self._rows("notification", statement, **about | {"type": line.message})
        told = f"{asked}: {messages} messages of {events} events for {readers} readers"
        self._see(f"{line.what}: messages", messages == events * readers > 0, told)

    def _once(self, what: str, seat: str, condition: str, asked: str, values: dict[str, Any]) -> None:
        count = self._count(seat, condition, values)
        self._see(what, count == 1, f"{asked} is there {count} times")

    def _count(self, seat: str, condition: str, values: dict[str, Any]) -> int:
        """Count the rows that fulfil the condition, in the database of one process or in all review databases together. `values`
        contains the condition's parameters, and may contain others."""
        named = {name: values[name] for name in re.findall(r"(?<!:):(\w+)", condition)}
        seats = self._reviews if seat == REVIEWS else (seat,)
        return int(sum(self._rows(each, f"SELECT count(*) FROM {condition}", **named)[0][0] for each in seats))
