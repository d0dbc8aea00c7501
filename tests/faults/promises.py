"""Look up the traces of each acknowledged change: its row, its event, its step in the timeline and its message, each exactly
once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tests.faults.ledger import Promise

#: A function that runs a statement in the database of one process and returns the rows.
Rows = Callable[..., list[Any]]
See = Callable[[str, bool, str], None]

#: Stands for the databases of all review services together: a bureau's cases are in one of them.
REVIEWS = "review"


@dataclass(frozen=True, slots=True)
class Kept:
    """The traces that one kind of acknowledged change must have. `request` is a pattern; its named groups and the fields of the
    answer fill in `rows` and `subject`. `rows`: a table and its condition, true for exactly one row in the database of `seat`.
    `event`, `step` and `message`: the type of each, which must exist once about `subject` (a message once for each reader).
    `names`: the field of the answer that distinguishes this event from others about the same subject."""

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
    """Looks up acknowledged changes. `rows` reads the database of one process, `reviews` names those of the review services."""

    def __init__(self, rows: Rows, see: See, reviews: Iterable[str]) -> None:
        self._rows = rows
        self._see = see
        self._reviews = tuple(reviews)

    def keep(self, promise: Promise, table: Iterable[Kept]) -> bool:
        """Check every entry of the table that is about this change; return False if there is none."""
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
        """Check that each event of this type about the subject has one message for each reader. (There can be several: two
        letters can object to one decision.)"""
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
        """Count the rows that fulfil the condition in one database, or in all review databases together. `values` contains its
        parameters, and may contain more."""
        named = {name: values[name] for name in re.findall(r"(?<!:):(\w+)", condition)}
        seats = self._reviews if seat == REVIEWS else (seat,)
        return int(sum(self._rows(each, f"SELECT count(*) FROM {condition}", **named)[0][0] for each in seats))
