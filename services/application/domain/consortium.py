"""A recognised consortium: its entry in the register (A5(4)7, A6(2), A16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypedDict

from services.application.domain.content import related_units
from services.contracts.application.register_responses import People


class ConsortiumStatus(StrEnum):
    """The state of a consortium in the register."""

    ACTIVE = "active"
    RECTIFYING = "rectifying"
    REVOKED = "revoked"
    DISSOLVED = "dissolved"


class Standing(TypedDict):
    """The facts on which a consortium's support depends (A9)."""

    status: str
    last_grade: str | None
    graded_on: date | None
    under_guidance: bool


@dataclass(eq=False, kw_only=True)
class Consortium:
    """A consortium in the register. `status`: active, rectifying, revoked or dissolved. `imported`: recognised under the plan of
    2021. `graded_on`: the day on which the last grade took effect. `under_guidance`: set by a weak inspection (A11). `people`:
    the chief scientist and other key people. `hand_overs`: how often another bureau became its recommender. `direction`: the
    research direction of an imported consortium."""

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
    graded_on: date | None
    under_guidance: bool
    people: People
    revision: int
    created_at: datetime
    searchable: str
    hand_overs: int = 0
    direction: str | None = None

    def state(self) -> dict[str, object]:
        """Return the fields of the consortium of which the audit log stores a digest."""
        return {"number": self.number, "status": self.status, "revision": self.revision}

    @property
    def alive(self) -> bool:
        """Return whether the consortium is active or rectifying, that is, neither revoked nor dissolved."""
        return self.status in (ConsortiumStatus.ACTIVE, ConsortiumStatus.RECTIFYING)

    @property
    def related_units(self) -> list[str]:
        """The chief scientist's employer: it is not a unit, but its staff may not review the consortium either."""
        return related_units(self.people.get("chief_scientist"))

    def standing(self) -> Standing:
        """Return the facts that decide which support measures the consortium may use (A9)."""
        return {
            "status": self.status,
            "last_grade": self.last_grade,
            "graded_on": self.graded_on,
            "under_guidance": self.under_guidance,
        }


def number_of(year: int, sequence: int) -> str:
    """Format a register number from a year and a sequence number, for example `GXCX-2026-0001`."""
    return f"GXCX-{year}-{sequence:04d}"
