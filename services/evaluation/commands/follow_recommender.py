"""A consortium's recommender changes: its duties follow to the new bureau (A10, A11)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.coordination import Item
from services.evaluation.domain.participation import Participation
from services.evaluation.domain.revocation import Revocation
from services.evaluation.repository import duties, revocations, rounds
from services.kernel import work


def follow_recommender(session: Session, consortium: Consortium, recommender: str) -> None:
    """Move running parts in rounds, open matters and undecided cases of revocation to the new recommender. Ended ones and
    inspections stay with the bureau that made them. The consortium is locked."""
    before = {"recommender": consortium.recommender}
    consortium.recommender = recommender
    running: list[Participation | Item | Revocation] = [
        *rounds.running_of(session, consortium.id),
        *duties.open_items(session, consortium.id),
        *revocations.undecided(session, consortium.id),
    ]
    for duty in running:
        duty.recommender = recommender
    work.note(
        session,
        "duty.handed_over",
        consortium.subject,
        bureau=recommender,
        article="A11",
        before=before,
        after={"recommender": recommender},
    )
