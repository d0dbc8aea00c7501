"""Let the panel or third party that the province appointed read the version of an application that is under review. No other
expert or third party may read it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.application.domain.recommender import home_bureau
from services.application.repository import cases, timeline
from services.contracts.review.payloads import PanelReaders, ReviewerDeclared, ScoreVoided
from services.kernel.messaging.envelope import Event
from services.kernel.persistence import unit_of_work


def appoint_readers(session: Session, event: Event[PanelReaders]) -> None:
    """Replace the accounts that may read the version by those of a `panel.appointed` event, which always lists the complete
    panel. Only reviewers who declared that they have no interest may read. The timeline does not name the reviewers, because
    parties must not learn who reviews."""
    application, panel = cases.application(session, event.subject_id, lock=True), event.data
    cases.assign_readers(session, application.id, panel.version, panel.readers)
    detail = {"experts": len(panel.experts), "third_party": bool(panel.third_party)}
    subject = timeline.subject_of(application)
    timeline.add_line(session, subject, "panel.appointed", article="A6(2)", detail=detail)
    after = {"version": panel.version, "readers": panel.readers}
    bureau = home_bureau(application.recommender)
    unit_of_work.audit_only(session, "panel.appointed", subject, bureau=bureau, article="A6(2)", after=after)


def open_papers(session: Session, event: Event[ReviewerDeclared]) -> None:
    """`reviewer.declared`: let this reviewer read the version under review, because the account has declared that it has no
    interest in the case and has promised confidentiality."""
    application, declared = cases.application(session, event.subject_id, lock=True), event.data
    cases.add_reader(session, application.id, declared.version, declared.account)
    after = {"version": declared.version, "reader": declared.account}
    subject, bureau = timeline.subject_of(application), home_bureau(application.recommender)
    unit_of_work.audit_only(session, "reviewer.declared", subject, bureau=bureau, article=declared.article, after=after)


def note_voided(session: Session, event: Event[ScoreVoided]) -> None:
    """Record in the timeline that a score was voided, without naming the reviewer."""
    application = cases.application(session, event.subject_id)
    detail = {"scores": event.data.submitted}
    timeline.add_line(session, timeline.subject_of(application), "score.voided", article=event.data.article, detail=detail)
