"""The province answers objections to grades. An answer that upholds an objection is prepared by one person and signed by another,
and the participation is graded again (A13)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from services.contracts.evaluation.payloads import ObjectionAnswered, ObjectionAnswerPrepared
from services.contracts.objection_payloads import ObjectionAnswerDict
from services.evaluation.access import require_province, require_provincial_chief
from services.evaluation.commands.object_to_grade import disputed_of, publish_objection_step
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.participation import Participation, ParticipationStatus
from services.evaluation.domain.round import Round
from services.evaluation.repository import consortia, rounds
from services.kernel.clock import Clock
from services.kernel.identity import Actor
from services.objections import commands
from services.objections.answers import objection_answer
from services.objections.domain import UPHELD, Objection
from services.policy import Policies


def answer_objection(
    session: Session,
    clock: Clock,
    policies: Policies,
    actor: Actor,
    id: str,
    consortium: str,
    objection: str,
    answer: str,
    outcome: str = "dismissed",
    also: Sequence[str] = (),
) -> ObjectionAnswerDict:
    """Answer an objection with reasons, together with other objections of the same content (`also`). If the objection is
    dismissed, the grade takes effect as scheduled. An answer that upholds the objection waits until another person, a chief,
    signs it (`confirm_objection_answer`); the policy may require a second signature for every answer.

    Raises Forbidden unless the actor is an officer or chief of the province, NotFound, Conflict if the objection is answered
    already.
    """
    require_province(actor)
    consortium_row, round, participation = _lock_case(session, id, consortium)
    four_eyes = policies.get(round.policy).objections.dismissal_four_eyes
    disputed, ids = disputed_of(participation, consortium_row), (objection, *also)
    objections, was_answered = commands.answer(session, clock, actor, disputed, ids, answer, outcome, four_eyes=four_eyes)
    if was_answered:
        _publish_answered(session, round, participation, consortium_row, objections)
    else:
        prepared = ObjectionAnswerPrepared(outcome=outcome)
        publish_objection_step(
            session, "grade.objection_answer_prepared", round, participation, consortium_row, objections[0], prepared
        )
    return objection_answer(objections[0], actor, "participation")


def confirm_objection_answer(
    session: Session, clock: Clock, actor: Actor, id: str, consortium: str, objection: str, if_match: str | None = None
) -> ObjectionAnswerDict:
    """Sign the answer that another person of the province prepared, for every objection that it answers. If the answer upholds
    them, the grade is no longer public: the province grades and publishes again. `if_match` is the ETag of the objection with the
    answer that was read.

    Raises Forbidden unless the actor is a chief of the province, NotFound, Conflict if no answer is prepared or the actor
    prepared it, PreconditionRequired and PreconditionFailed if another answer was read.
    """
    require_provincial_chief(actor)
    consortium_row, round, participation = _lock_case(session, id, consortium)
    before = participation.state()
    objections, outcome = commands.confirm(session, clock, actor, disputed_of(participation, consortium_row), objection, if_match)
    if outcome == UPHELD and participation.status == ParticipationStatus.GRADED:
        participation.hold(objections[0].id, clock.now())
    _publish_answered(session, round, participation, consortium_row, objections, before)
    return objection_answer(next(each for each in objections if each.id == objection), actor, "participation")


def _lock_case(session: Session, id: str, consortium: str) -> tuple[Consortium, Round, Participation]:
    consortium_row = consortia.consortium(session, consortium, lock=True)
    return consortium_row, rounds.round(session, id), rounds.participation(session, id, consortium, lock=True)


def _publish_answered(
    session: Session,
    round: Round,
    participation: Participation,
    consortium: Consortium,
    objections: Sequence[Objection],
    before: Any = None,
) -> None:
    for objection in objections:
        event = ObjectionAnswered(answer=objection.answer or "", outcome=objection.outcome or "")
        publish_objection_step(session, "grade.objection_answered", round, participation, consortium, objection, event, before)
