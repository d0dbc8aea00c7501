"""Erase the personal data of people who objected to a recognition in writing, when the case's documents are disposed of."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.application.domain.objection import RecognitionObjection
from services.application.repository import cases
from services.kernel.identity import PROVINCE
from services.kernel.messaging.envelope import Event
from services.kernel.persistence import unit_of_work
from services.kernel.persistence.erasure import note_erasure
from services.objections import repository


def forget_objectors(session: Session, event: Event[object]) -> None:
    """`record.disposed`: erase the personal data of the written objectors. The objections and their answers remain."""
    application = cases.application(session, event.subject_id, lock=True)
    erased = [objection.forget_objector() for objection in repository.of_case(session, RecognitionObjection, application.id)]
    if any(erased):
        session.flush()
        state = application.state()
        unit_of_work.audit_only(session, "objection.objector_erased", event.subject, bureau=PROVINCE, before=state, after=state)
        note_erasure(session)
