"""The yearly report every consortium owes (A12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.kernel.clock import end_of_day, local_date
from services.policy.process import AnnualReport


@dataclass
class Obligation:
    """One year's report: `due_at` is the last instant of the day it is due, `policy` the one in force when it was opened."""

    consortium: str
    year: int
    policy: str
    due_at: datetime
    opened_at: datetime

    @classmethod
    def open(cls, consortium: str, year: int, policy: str, rule: AnnualReport, now: datetime) -> Obligation:
        return cls(consortium, year, policy, end_of_day(rule.due.in_year(year)), now)

    @property
    def due_on(self) -> date:
        return local_date(self.due_at)

    def status(self, now: datetime) -> str:
        """`due`, or `overdue` once its day has passed."""
        return "overdue" if now > self.due_at else "due"

    def shown(self, now: datetime) -> dict[str, Any]:
        return {
            "consortium": self.consortium,
            "year": self.year,
            "status": self.status(now),
            "due_on": self.due_on.isoformat(),
            "policy": self.policy,
            "opened_at": self.opened_at.isoformat(),
        }


def first_year(recognised_on: date, entered_on: date, rule: AnnualReport) -> int:
    """The first year owed: that of the recognition when it was by the cut-off, otherwise the next; for a consortium imported
    later, no year before it entered the register (A16)."""
    owed = recognised_on.year if recognised_on <= rule.cutoff.in_year(recognised_on.year) else recognised_on.year + 1
    return max(owed, entered_on.year)
