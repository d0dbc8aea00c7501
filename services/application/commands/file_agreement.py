"""React when a file of the consortium agreement is stored. The file is part of the terms that members confirm, so their
confirmations may become void (A4(4))."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.application import verdict
from services.application.commands.change_application import ask_again
from services.application.domain.agreement import File, filed
from services.application.domain.application import EDITABLE
from services.application.domain.recommender import home_bureau
from services.application.received_events import DocumentStored
from services.application.repository import cases
from services.application.repository.timeline import subject_of
from services.kernel.persistence import unit_of_work


def file_agreement(session: Session, stored: DocumentStored) -> None:
    """Add the file's digest to the application's terms while the application can still change, and ask those members to confirm
    again whose confirmation became void."""
    application = cases.application(session, stored.subject.partition("/")[2], lock=True)
    if application.status not in EDITABLE:
        return
    earlier_terms = verdict.terms(application)
    file = File(stored.document, stored.filename, stored.sha256)
    if stored.replaced is not None:
        replaced = [File(each.document, each.filename, each.sha256) for each in stored.replaced]
    else:  # An event of an earlier release does not say which file it replaces: a new version replaces the file of the same name.
        replaced = [File("", name, sha256) for name, sha256 in application.agreement.items() if name == file.filename]
    before, application.agreement = application.agreement, filed(application.agreement, file, replaced)
    if application.agreement != before:
        unit_of_work.audit_only(
            session,
            "application.agreement_filed",
            subject_of(application),
            bureau=home_bureau(application.recommender),
            article="A4(4)",
            before=before,
            after=application.agreement,
        )
    ask_again(session, application, earlier_terms)
