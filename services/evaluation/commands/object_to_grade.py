"""An organisation objects to a public grade, or the province records a written objection (A13)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.contracts.evaluation.payloads import GradeObjected, GradeObjectionEvent
from services.contracts.objection_payloads import ObjectionAnswerDict, WrittenObjectionPart
from services.evaluation.commands.publish_participation_event import publish_participation_event
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.objection import GradeObjection
from services.evaluation.domain.participation import Participation
from services.evaluation.domain.round import Round
from services.evaluation.repository import consortia, rounds
from services.kernel.clock import Clock, local_date, received_instant
from services.kernel.identity import PROVINCE, Actor
from services.kernel.messaging.signing import Verifier
from services.objections.answers import objection_answer
from services.objections.commands import Disputed, file, require_objector
from services.objections.domain import Objection


def object_to_grade(
    session: Session,
    clock: Clock,
    verifier: Verifier,
    actor: Actor,
    id: str,
    consortium: str,
    reason: str,
    written: WrittenObjectionPart | None = None,
    documents_statement: str | None = None,
    received_at: float | None = None,
) -> ObjectionAnswerDict:
    """Object to a public grade, with a reason. Any organisation except the lead may object, and may have one open objection to a
    grade. The province records the objections of people who wrote a letter (`written`). The grade does not take effect before the
    objection is answered. An objection counts if the gateway received it (`received_at`) within the period.

    Raises NotFound, Forbidden for the lead and for officials of bureaus other than the province, Conflict outside the publicity
    period and while another objection of the same organisation is open, Invalid if the documents service's signed statement does
    not name the letter.
    """
    consortium_row = consortia.consortium(session, consortium, lock=True)
    round, participation = rounds.round(session, id), rounds.participation(session, id, consortium, lock=True)
    if not (participation.public or consortium_row.may_be_seen_by(actor)):
        raise rounds.no_participation()
    disputed = disputed_of(participation, consortium_row)
    require_objector(actor, disputed, written)
    publicity_ends = participation.require_publicity(received_instant(clock, received_at))
    filed = file(session, clock, verifier, actor, disputed, reason, written, documents_statement)
    publish_objection_step(
        session,
        "grade.objected",
        round,
        participation,
        consortium_row,
        filed,
        GradeObjected(answer_by=local_date(publicity_ends)),
    )
    return objection_answer(filed, actor, "participation")


def disputed_of(participation: Participation, consortium: Consortium) -> Disputed:
    """Describe the participation's grade as a `Disputed`, the form in which `services.objections` receives the decision objected
    to."""
    return Disputed(
        case=participation.id,
        kind=GradeObjection,
        lead=consortium.lead,
        documents=consortium.subject,
        status=participation.status,
        article="A13",
    )


def publish_objection_step(
    session: Session,
    type: str,
    round: Round,
    participation: Participation,
    consortium: Consortium,
    objection: Objection,
    event: GradeObjectionEvent,
    before: Any = None,
) -> None:
    """Record and publish a step of an objection to a grade. The event is addressed to the province alone, because it names the
    account that objected."""
    event = event.with_header(objection=objection.id, by=objection.account)
    publish_participation_event(
        session, type, round, participation, consortium, event, before=before or participation.state(), bureau=PROVINCE
    )
