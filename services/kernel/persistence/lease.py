"""Leases. The worker of a job claims a row for a limited time. If the worker dies, the row can be claimed again when the lease
ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Lease:
    """The length of a lease, in seconds. A lease must last longer than the work takes."""

    seconds: int

    def end(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self.seconds)


def claim_first(session: Session, due: Select[Any]) -> Row[Any] | None:
    """Lock and return the first row that the statement `due` selects; None if it selects none. The caller must store the lease
    before it commits. Rows that another worker is claiming at the same time are skipped."""
    return session.execute(due.limit(1).with_for_update(skip_locked=True)).one_or_none()
