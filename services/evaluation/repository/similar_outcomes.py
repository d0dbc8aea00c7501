"""Find outcomes of other consortia that are similar to the outcomes of a report. A similar outcome proves nothing; it is shown to
reviewers (A13)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.evaluation.answers import Likeness
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.outcome import Outcome
from services.evaluation.domain.outcome_number import identify
from services.evaluation.domain.participation import Participation
from services.evaluation.repository import consortia, outcomes, rounds


def named_outcomes(session: Session, consortium: Consortium, participation: Participation) -> list[Outcome]:
    """Return the outcomes that a participation's stored report lists."""
    reported = participation.content.get("outcomes", [])
    names = outcomes.names_known(session, consortium, reported)
    keys = [
        identify(outcome["kind"], outcome["identifier"], outcome.get("issuer"), consortium.lead, names) for outcome in reported
    ]
    return [Outcome(outcome, key) for outcome, key in zip(reported, keys, strict=True) if key]


def alike_outcomes(session: Session, participation: Participation, claimed: list[Outcome]) -> list[Likeness]:
    """Return the claims of other participations that have the same title as one of these outcomes, or the same number from
    another issuer, in the form that reviewers see. `outcome`: the position of that outcome in the report; `by`: whether the title
    or the number is the same."""
    similar = outcomes.likenesses(session, participation, claimed)
    titles = rounds.titles(session, (alike.evaluation for alike in similar if alike.evaluation))
    holders = consortia.numbered(session, (alike.claimed["consortium"] for alike in similar))
    return [
        {
            "outcome": alike.outcome,
            "by": alike.by,
            "kind": alike.claimed["kind"],
            "identifier": alike.claimed["identifier"],
            "title": alike.claimed["title"],
            "issuer": alike.claimed["issuer"],
            "consortium": holders.get(alike.claimed["consortium"]),
            "evaluation": {"id": alike.evaluation, "title": titles[alike.evaluation]} if alike.evaluation else None,
        }
        for alike in similar
    ]
