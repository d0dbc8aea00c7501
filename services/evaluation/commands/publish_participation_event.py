"""Publish the events of a participation."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.participation import Participation
from services.evaluation.domain.round import Round
from services.kernel.persistence import unit_of_work


def about(round: Round, participation: Participation, consortium: Consortium) -> dict[str, Any]:
    """Return the data that every event of a participation contains. They suffice for a consumer that stores nothing about it."""
    said = {"participation": participation.id, "evaluation": round.id, "title": round.title}
    return said | consortium.brief() | {"version": participation.version}


def of_participation(
    session: Session,
    type: str,
    round: Round,
    participation: Participation,
    consortium: Consortium,
    data: dict[str, Any] | None = None,
    *,
    before: Any,
    bureau: str | None = None,
    article: str = "A13",
) -> None:
    """Publish and audit an event of a participation. It is addressed to the participation's recommender unless `bureau` names
    another bureau."""
    unit_of_work.record_change(
        session,
        type,
        participation.subject,
        about(round, participation, consortium) | (data or {}),
        bureau=bureau or consortium.recommender,
        recommender=consortium.recommender,
        article=article,
        before=before,
        after=participation.state(),
    )
