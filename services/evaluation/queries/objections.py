"""Queries about objections to grades."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.objection_payloads import ObjectionsAnswerDict
from services.evaluation.domain.objection import GradeObjection
from services.evaluation.repository import consortia, rounds
from services.kernel.identity import Actor
from services.objections import repository
from services.objections.answers import objection_answers


def list_grade_objections(session: Session, actor: Actor, id: str, consortium: str) -> ObjectionsAnswerDict:
    """Return the objections to a grade: all of them if the actor may read the participation, otherwise only the objections of the
    actor's organisation. Only the province and auditors see who objected. Raises NotFound."""
    rounds.round(session, id)
    consortium_row, participation = consortia.consortium(session, consortium), rounds.participation(session, id, consortium)
    reads_case = consortium_row.may_be_seen_by(actor)
    objections_shown = objection_answers(
        repository.of_case(session, GradeObjection, participation.id), actor, "participation", reads_case=reads_case
    )
    if not (reads_case or objections_shown["items"] or participation.public):
        raise rounds.no_participation()
    return objections_shown
