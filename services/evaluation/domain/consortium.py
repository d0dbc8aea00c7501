"""A recognised consortium, with the data that its duties after recognition need."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.contracts.application.application_requests import GoalDict
from services.contracts.consortium_reference import ConsortiumReference
from services.contracts.evaluation.stored import ConsortiumUnit
from services.contracts.organisation_name import LeadReference
from services.kernel.errors import Conflict
from services.kernel.identity import Actor


class ConsortiumStatus(StrEnum):
    """The state of a consortium."""

    ACTIVE = "active"
    RECTIFYING = "rectifying"
    REVOKED = "revoked"
    DISSOLVED = "dissolved"


#: The statuses of a consortium that has duties.
ALIVE = (ConsortiumStatus.ACTIVE, ConsortiumStatus.RECTIFYING)


@dataclass
class Consortium:
    """The evaluation service's copy of a recognised consortium. `opened_through`: the last year for which an annual report was
    opened. `units`: `{uscc, name, tier}`, the lead first. `goals`: the goals of A7, on which the annual report reports. `grade`
    and `graded_on`: the last grade and the day on which it took effect; `graded_under`: the day of issue of the notice of the
    round in which the last grade was given. `next_round_by`: the day by which the next evaluation is due (A13). `owes_round`: why
    the next notice obliges the consortium whatever its grade: `deferral` or `absence`. `deferrals`: how many deferrals in a row
    were granted until now. `related_units`: the credit code of the chief scientist's employer, whose staff, like the units'
    staff, may not review the consortium."""

    id: str
    name: str
    lead: str
    lead_name: str | None
    recommender: str
    recognised_on: date
    opened_through: int
    number: str = ""
    field: str = ""
    status: str = ConsortiumStatus.ACTIVE
    units: list[ConsortiumUnit] = dataclasses.field(default_factory=list)
    goals: list[GoalDict] = dataclasses.field(default_factory=list)
    grade: str | None = None
    graded_on: date | None = None
    next_round_by: date | None = None
    graded_under: date | None = None
    owes_round: str | None = None
    deferrals: int = 0
    under_guidance: bool = False
    related_units: list[str] = dataclasses.field(default_factory=list)

    @property
    def alive(self) -> bool:
        """Return whether the consortium has duties: it is neither revoked nor dissolved."""
        return self.status in ALIVE

    def require_alive(self, article: str) -> None:
        """Raise Conflict if the consortium is revoked or dissolved, because such a consortium has no duties."""
        if not self.alive:
            raise Conflict(
                "consortium_gone",
                "该创新联合体已被取消资格或已解散。",
                "This consortium is revoked or dissolved.",
                status=self.status,
                article=article,
            )

    @property
    def subject(self) -> str:
        return f"consortium/{self.id}"

    def brief(self) -> ConsortiumReference:
        """Return the members that identify the consortium in events."""
        lead = LeadReference(uscc=self.lead, name=self.lead_name)
        return {"consortium": self.id, "number": self.number, "name": self.name, "lead": lead}

    @property
    def codes(self) -> list[str]:
        """Return the credit codes of the units, the lead first."""
        return [unit["uscc"] for unit in self.units]

    def may_be_seen_by(self, actor: Actor) -> bool:
        """Return whether the actor is an applicant of the consortium's lead, an official of its recommender or of the province,
        or an auditor."""
        if actor.has("auditor"):
            return True
        if actor.official:
            return actor.of_province or actor.bureau == self.recommender
        return actor.has("applicant") and actor.organisation == self.lead

    def years_to_open(self, through: int) -> range:
        """Return the years up to and including `through` for which no annual report was opened yet."""
        return range(self.opened_through + 1, through + 1)
