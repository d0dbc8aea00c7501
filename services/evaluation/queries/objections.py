"""Queries about objections to grades."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.objection_payloads import ObjectionsAnswerDict
from services.evaluation.domain.objection import GradeObjection
from services.evaluation.repository import consortia, rounds
from services.kernel.identity import Actor
from services.objections import repository
from services.objections.answers import shown


def list_grade_objections(session: Session, actor: Actor, id: str, consortium: str) -> ObjectionsAnswerDict:
    """Return the objections to a grade: all of them if the actor may read the participation, otherwise only the actor's own. Only
    the province and auditors see who objected. Raises NotFound."""
    rounds.round(session, id)
    of, participation = consortia.consortium(session, consortium), rounds.participation(session, id, consortium)
    reads = of.may_be_seen_by(actor)
    seen = shown(repository.of_case(session, GradeObjection, participation.id), actor, "participation", reads_case=reads)
    if not (reads or seen["items"] or participation.public):
        raise rounds.no_participation()
    return seen
