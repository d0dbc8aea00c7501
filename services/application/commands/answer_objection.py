"""The province answers objections. An answer that upholds an objection needs two people, and the recognition is then held
(A6(2))."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from services.application.access import require_province
from services.application.commands.file_objection import disputed_of, publish_prepared_answer, record_objection_step
from services.application.commands.recognise import hold_recognition
from services.application.domain.application import Application
from services.application.domain.objection import RecognitionObjection
from services.application.repository import cases
from services.contracts.application.payloads import ObjectionEvent
from services.contracts.objection_payloads import ObjectionAnswerDict
from services.kernel.clock import Clock
from services.kernel.identity import Actor
from services.objections import commands, repository
from services.objections.answers import objection_answer
from services.objections.domain import UPHELD, Objection
from services.policy import Policies


def answer_objection(
    session: Session,
    clock: Clock,
    policies: Policies,
    actor: Actor,
    id: str,
    objection: str,
    answer: str,
    outcome: str = "dismissed",
    also: Sequence[str] = (),
) -> ObjectionAnswerDict:
    """Answer an objection with reasons, together with other objections that say the same (`also`). After a dismissal the
    recognition continues when its publicity period ends. An answer that upholds the objection waits for another chief
    (`confirm_objection_answer`); the policy may require a second chief for every answer.

    Raises Forbidden for any actor but the province, NotFound, Conflict if the objection is answered already.
    """
    require_province(actor)
    application = cases.application(session, id, lock=True)
    four_eyes = policies.get(application.policy).objections.dismissal_four_eyes
    ids = (objection, *also)
    objections, was_answered = commands.answer(
        session, clock, actor, disputed_of(application), ids, answer, outcome, four_eyes=four_eyes
    )
    if was_answered:
        _publish_answered(session, application, objections)
    else:
        publish_prepared_answer(session, application, objections[0], outcome)
    return objection_answer(objections[0], actor, "application")


def confirm_objection_answer(
    session: Session, clock: Clock, actor: Actor, id: str, objection: str, if_match: str | None = None
) -> ObjectionAnswerDict:
    """Sign the answer that another person of the province prepared, for every objection that it answers. If the answer upholds
    the objection, the recognition is held: the case returns to the decision. `if_match`: the ETag of the prepared answer as the
    chief read it.

    Raises Forbidden for any actor but the province's chiefs, NotFound, Conflict if no answer is prepared or the actor prepared
    it, PreconditionRequired without `if_match`, PreconditionFailed if the answer changed since it was read.
    """
    require_province(actor)
    actor.require("chief")
    application = cases.application(session, id, lock=True)
    objections, outcome = commands.confirm(session, clock, actor, disputed_of(application), objection, if_match)
    _publish_answered(session, application, objections)
    if outcome == UPHELD and application.status in ("publicised", "held"):
        hold_recognition(session, clock, application, objections=repository.unresolved(session, RecognitionObjection, id))
    return objection_answer(next(each for each in objections if each.id == objection), actor, "application")


def _publish_answered(session: Session, application: Application, objections: Sequence[Objection]) -> None:
    for objection in objections:
        event = ObjectionEvent(
            objection=objection.id,
            title=application.name or "",
            by=objection.account,
            answer=objection.answer,
            outcome=objection.outcome,
        )
        record_objection_step(session, application, "objection.answered", event)
