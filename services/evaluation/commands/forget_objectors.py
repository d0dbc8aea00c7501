"""Erase the personal data of people who objected in writing to a consortium's grades, when the consortium's documents are
disposed of."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.evaluation.domain.objection import GradeObjection
from services.evaluation.tables import grade_objections, participations
from services.kernel.identity import PROVINCE
from services.kernel.messaging.envelope import Event
from services.kernel.persistence import unit_of_work
from services.kernel.persistence.erasure import note_erasure


def forget_objectors(session: Session, event: Event[object]) -> None:
    """`record.disposed`: erase the objectors' personal data. Their objections and the answers stay."""
    parts = select(participations.c.id).where(participations.c.consortium == event.subject_id)
    objections = session.scalars(select(GradeObjection).where(grade_objections.c.participation.in_(parts)))
    erased = sorted({objection.case for objection in objections if objection.forget_objector()})
    if not erased:
        return
    session.flush()
    for part in erased:
        unit_of_work.audit_only(session, "objection.objector_erased", f"participation/{part}", bureau=PROVINCE)
    note_erasure(session)
