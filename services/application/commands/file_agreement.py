"""A file of the agreement was stored: what members confirmed may have changed (A4(4))."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.application import verdict
from services.application.commands.change_application import ask_again
from services.application.domain.application import EDITABLE
from services.application.repository import cases


def file_agreement(session: Session, data: dict[str, Any]) -> None:
    """Keep the file's digest among the terms while the application can still change, and ask those again whose confirmation no
    longer stands."""
    application = cases.application(session, data["subject"].partition("/")[2], lock=True)
    if application.status not in EDITABLE:
        return
    was = verdict.terms(application)
    application.agreement = application.agreement | {data["filename"]: data["sha256"]}
    ask_again(session, application, was)
