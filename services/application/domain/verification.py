"""The facts that an organisation declares about itself, and their verification by a bureau (A9(3)3, A9(3)4)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import cast

from services.contracts.application.organisation_responses import OrganisationSnapshot, VerificationAnswerDict


class VerificationOutcome(StrEnum):
    """A bureau's finding about a declared fact: whether the evidence shows it."""

    VERIFIED = "verified"
    REFUSED = "refused"


class VerificationEnd(StrEnum):
    """Why a verification ended."""

    EDITED = "edited"
    RENEWED = "renewed"


#: Each fact → the fields of an organisation's data that state it.
FACTS = {
    "kind": ("kind",),
    "legal_person": ("legal_person",),
    "public_institution": ("public_institution",),
    "state_owned": ("state_owned",),
    "platforms": ("platforms",),
    "figures": ("figures", "operating_period"),
}
#: The outcomes of a verification.
VERIFIED, REFUSED = VerificationOutcome
#: Why a verification is no longer in force: the organisation edited the fact, or a bureau verified it again.
EDITED, RENEWED = VerificationEnd


@dataclass(eq=False, kw_only=True)
class Verification:
    """A bureau's result for one fact, after it examined the evidence. `evidence`: the evidence that the bureau saw, as text;
    `papers`: the documents among this evidence. `outcome`: verified, or refused with a `reason` if the evidence does not prove
    the fact. `ended_at`: when the verification stopped being in force; `ended_because`: edited or renewed."""

    id: str
    uscc: str
    fact: str
    evidence: str
    papers: list[dict[str, str]]
    bureau: str
    verified_by: str
    verified_at: datetime
    ended_at: datetime | None
    ended_because: str | None
    outcome: str = VERIFIED
    reason: str | None = None

    @property
    def confirmed(self) -> bool:
        """Return whether the fact is verified and the verification is in force."""
        return self.outcome == VERIFIED

    def end(self, because: str, now: datetime) -> None:
        self.ended_at, self.ended_because = now, because

    def answer(self) -> VerificationAnswerDict:
        """The verification as answers show it."""
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


def value_of(data: OrganisationSnapshot, fact: str) -> tuple[object, ...]:
    """Return the values of the fields that state a fact."""
    members = cast(Mapping[str, object], data)
    return tuple(members[name] for name in FACTS[fact])


def declared(data: OrganisationSnapshot) -> list[str]:
    """Return the facts that an organisation declares. A false flag or an empty list declares nothing, so there is nothing to
    verify."""
    return [fact for fact in FACTS if any(value_of(data, fact))]


def unverified(data: OrganisationSnapshot, looked_at: Collection[str]) -> list[str]:
    """Return the declared facts that are not in `looked_at`, the facts that a bureau has examined."""
    return [fact for fact in declared(data) if fact not in looked_at]


def edited(before: OrganisationSnapshot, after: OrganisationSnapshot) -> list[str]:
    """Return the facts whose declared values differ between `before` and `after`."""
    return [fact for fact in FACTS if value_of(before, fact) != value_of(after, fact)]


def answers(data: OrganisationSnapshot, verified: Mapping[str, Verification]) -> list[VerificationAnswerDict]:
    """List every declared fact with its verification: who verified it, when, by which evidence. A fact that is not verified has
    `verified: false`; if a bureau refused it, also the outcome `refused` and the reason."""
    facts = [fact for fact in FACTS if fact in verified or fact in declared(data)]
    return [verified[fact].answer() if fact in verified else _unverified_answer(fact) for fact in facts]


def _unverified_answer(fact: str) -> VerificationAnswerDict:
    return {
        "fact": fact,
        "verified": False,
        "documents": [],
        "outcome": None,
        "reason": None,
        "evidence": None,
        "bureau": None,
        "by": None,
        "at": None,
    }
