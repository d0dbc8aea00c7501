"""Objections filed during publicity."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.application.access import reader
from services.application.domain.objection import RecognitionObjection
from services.application.repository import cases
from services.contracts.objection_payloads import ObjectionsAnswerDict
from services.kernel.errors import NotFound
from services.kernel.identity import Actor
from services.objections import repository
from services.objections.answers import objection_answers


def list_objections(session: Session, actor: Actor, id: str) -> ObjectionsAnswerDict:
    """The objections to an application. Readers of the application get all of them, other actors only their own. Only the
    province and auditors learn who filed an objection. Raises NotFound."""
    application = cases.application(session, id)
    objections = repository.of_case(session, RecognitionObjection, id)
    try:
        sees_objectors = not reader(session, actor, application).expert
    except NotFound:
        if not objection_answers(objections, actor, "application", reads_case=False)["items"]:
            raise
        sees_objectors = False
    return objection_answers(objections, actor, "application", reads_case=sees_objectors)
