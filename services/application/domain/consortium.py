"""A recognised consortium: its entry in the register (A5(4)7, A6(2), A16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(eq=False, kw_only=True)
class Consortium:
    """`status`: active, rectifying, revoked or dissolved. `imported`: recognised under the plan of 2021."""

    id: str
    number: str
    name: str
    field: str
    status: str
    recognised_on: date
    recommender: str
    lead: str
    policy: str
    application_id: str | None
    imported: bool
    last_grade: str | None
    revision: int
    created_at: datetime
    searchable: str

    def state(self) -> dict[str, Any]:
        """What the audit log digests."""
        return {"number": self.number, "status": self.status, "revision": self.revision}


def number_of(year: int, sequence: int) -> str:
    """The number in the register: `GXCX-2026-0001`."""
    return f"GXCX-{year}-{sequence:04d}"
