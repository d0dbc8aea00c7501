"""Publish the events of a consortium's participation in a round of evaluation."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.contracts.evaluation.payloads import ParticipationEvent, ParticipationStep
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.participation import Participation
from services.evaluation.domain.round import Round
from services.kernel.persistence import unit_of_work


def publish_participation_event(
    session: Session,
    type: str,
    round: Round,
    participation: Participation,
    consortium: Consortium,
    event: ParticipationStep,
    *,
    before: Any,
    bureau: str | None = None,
    article: str = "A13",
) -> None:
    """Publish and audit an event of a participation. The function adds the members that every event of a participation has, so
    that a consumer needs no stored data about the participation. The event is addressed to the participation's recommender unless
    `bureau` names another bureau."""
    titled = {"title": round.title} if isinstance(event, ParticipationEvent) else {}
    unit_of_work.record_change(
        session,
        type,
        participation.subject,
        event.with_header(
            participation=participation.id,
            evaluation=round.id,
            version=participation.version,
            **titled,
            **consortium.brief(),
        ),
        bureau=bureau or consortium.recommender,
        recommender=consortium.recommender,
        article=article,
        before=before,
        after=participation.state(),
    )
