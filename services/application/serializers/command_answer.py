"""Build the answer of a command: the application as the actor may read it now."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.application.access import Reader
from services.application.domain.application import Application
from services.application.repository import cases, organisations
from services.application.serializers import application_serializers
from services.contracts.application.application_responses import ApplicationAnswerDict

PARTY = Reader("party")


def application_answer(session: Session, application: Application, access: Reader = PARTY) -> ApplicationAnswerDict:
    """Serialize the application as a reader with this `access` sees it; by default as a party does."""
    version = cases.version(session, application.id, application.version) if application.version else None
    organisations_by_code = organisations.load_named(session, application.units)
    rows = cases.unit_rows(session, application.id)
    return application_serializers.application(application, access, version, organisations_by_code, rows)
