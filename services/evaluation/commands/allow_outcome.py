"""The province allows a participation to claim an outcome that was refused because a different outcome has the same number
(A13)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.evaluation.answers import ParticipantAnswerDict
from services.contracts.evaluation.payloads import ParticipationOutcomeAllowed
from services.evaluation.access import require_provincial_chief
from services.evaluation.commands.publish_participation_event import publish_participation_event
from services.evaluation.domain.outcome_number import identify
from services.evaluation.repository import consortia, outcomes, rounds
from services.evaluation.serializers import whole_participation_answer
from services.kernel.clock import Clock
from services.kernel.errors import Invalid
from services.kernel.identity import Actor


def allow_outcome(
    session: Session,
    clock: Clock,
    actor: Actor,
    id: str,
    consortium: str,
    kind: str,
    identifier: str,
    reason: str,
    issuer: str | None = None,
) -> ParticipantAnswerDict:
    """Let this participation claim a number that another outcome has too. The reason says why the two are different outcomes.

    Raises Forbidden unless the actor is a chief of the province, NotFound, Conflict once the grades are public, Invalid if the
    identifier contains no number.
    """
    require_provincial_chief(actor)
    consortium_row, round = consortia.consortium(session, consortium, lock=True), rounds.round(session, id)
    participation = rounds.participation(session, id, consortium, lock=True)
    round.require_open()
    names = outcomes.names_known(session, consortium_row, [{"issuer": issuer}])
    key = identify(kind, identifier, issuer, consortium_row.lead, names)
    if key is None:
        raise Invalid.field("/identifier", "no_identifier", "请填写成果的编号。", "Give the outcome's number.")
    lifted = {"identifier": identifier, "reason": reason, "allowed_by": actor.username, "allowed_at": clock.now()}
    outcomes.allow(session, participation.id, (key.space, key.key), **lifted)
    event = ParticipationOutcomeAllowed(identifier=identifier, reason=reason)
    publish_participation_event(
        session, "participation.outcome_allowed", round, participation, consortium_row, event, before=participation.state()
    )
    return whole_participation_answer(participation, round, consortium_row, clock.today(), judged=True) | {
        "allowances": outcomes.allowances(session, participation.id)
    }
