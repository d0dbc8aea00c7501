"""A finding of the doctor: the part that was checked, the severity, and the remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum


class Grade(IntEnum):
    """The severity of a finding. `SOON`: nothing is broken yet, or the fault ends by itself, but an operator should look at
    it."""

    WELL = 0
    SOON = 1
    WRONG = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding. `where` is the part, `what` the fact, `advice` the remedy.

    `passing` is set if the fault may end by itself within seconds. The fault then counts only if the next check finds the same
    value of `passing`: for example the oldest row that waits, or just the name of the fault.
    """

    where: str
    what: str
    grade: Grade = Grade.WELL
    advice: str = ""
    passing: str = ""

    @property
    def wrong(self) -> bool:
        return self.grade is Grade.WRONG


def soon(where: str, what: str, advice: str) -> Finding:
    return Finding(where, what, Grade.SOON, advice)


def wrong(where: str, what: str, advice: str, passing: str = "") -> Finding:
    return Finding(where, what, Grade.WRONG, advice, passing)


def first_line(error: object) -> str:
    """Return an error's message as one short line."""
    lines = str(error).strip().splitlines()
    return lines[0][:160] if lines else type(error).__name__


def listed(names: Sequence[str]) -> str:
    """Return the first few names and the number of the remaining ones, as text."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
