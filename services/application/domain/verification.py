"""The facts that an organisation declares about itself, and their verification by a bureau (A9(3)3, A9(3)4)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

#: Fact → the members of an organisation's data that make it up.
FACTS = {
    "kind": ("kind",),
    "legal_person": ("legal_person",),
    "public_institution": ("public_institution",),
    "state_owned": ("state_owned",),
    "platforms": ("platforms",),
    "figures": ("figures", "operating_period"),
}
#: The outcomes of a verification.
VERIFIED, REFUSED = "verified", "refused"
#: Why a verification ended: the fact was edited, or looked at once more.
EDITED, RENEWED = "edited", "renewed"


@dataclass(eq=False, kw_only=True)
class Verification:
    """A bureau saw the evidence of one fact. `evidence`: what it saw; `papers`: the documents among it. `outcome`: verified, or
    refused where the evidence does not show the fact, with the `reason`. `ended_at`: when it ceased to hold; `ended_because`:
    edited or renewed."""

    id: str
    uscc: str
    fact: str
    evidence: str
    papers: list[dict[str, Any]]
    bureau: str
    verified_by: str
    verified_at: datetime
    ended_at: datetime | None
    ended_because: str | None
    outcome: str = VERIFIED
    reason: str | None = None

    @property
    def confirmed(self) -> bool:
        """Return whether the fact counts."""
        return self.outcome == VERIFIED

    def end(self, because: str, now: datetime) -> None:
        self.ended_at, self.ended_because = now, because

    def shown(self) -> dict[str, Any]:
        return {
            "fact": self.fact,
            "verified": self.confirmed,
            "outcome": self.outcome,
            "reason": self.reason,
            "evidence": self.evidence,
            "documents": self.papers,
            "bureau": self.bureau,
            "by": self.verified_by,
            "at": self.verified_at.isoformat(),
        }


def value_of(data: Mapping[str, Any], fact: str) -> tuple[Any, ...]:
    """The values that make up a fact."""
    return tuple(data[member] for member in FACTS[fact])


def declared(data: Mapping[str, Any]) -> list[str]:
    """The facts that an organisation declares. A flag that is false, or an empty list, declares nothing to verify."""
    return [fact for fact in FACTS if any(value_of(data, fact))]


def unverified(data: Mapping[str, Any], looked_at: Collection[str]) -> list[str]:
    """The declared facts that no bureau has looked at."""
    return [fact for fact in declared(data) if fact not in looked_at]


def edited(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The facts whose declaration changed."""
    return [fact for fact in FACTS if value_of(before, fact) != value_of(after, fact)]


def shown(data: Mapping[str, Any], verified: Mapping[str, Verification]) -> list[dict[str, Any]]:
    """Every declared fact with its verification: who, when, by which evidence; or `verified: false`, with the outcome `refused`
    and its reason where a bureau has looked at it."""
    unseen = dict.fromkeys(("outcome", "reason", "evidence", "bureau", "by", "at"))
    nothing: dict[str, Any] = {"verified": False, "documents": [], **unseen}
    facts = [fact for fact in FACTS if fact in verified or fact in declared(data)]
    return [verified[fact].shown() if fact in verified else {"fact": fact} | nothing for fact in facts]
