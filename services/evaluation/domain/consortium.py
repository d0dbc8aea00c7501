"""A recognised consortium, as far as its yearly duties need it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.kernel.identity import Actor


@dataclass
class Consortium:
    """What is kept of a recognised one. `opened_through` is the last year whose obligation is open."""

    id: str
    name: str
    lead: str
    lead_name: str | None
    recommender: str
    recognised_on: date
    opened_through: int

    def may_be_seen_by(self, actor: Actor) -> bool:
        """Its lead's applicant, its recommender, the province, auditors."""
        if actor.has("auditor"):
            return True
        if actor.official:
            return actor.of_province or actor.bureau == self.recommender
        return actor.has("applicant") and actor.organisation == self.lead

    def years_to_open(self, through: int) -> range:
        """The years up to this one whose obligations are not open yet."""
        return range(self.opened_through + 1, through + 1)
