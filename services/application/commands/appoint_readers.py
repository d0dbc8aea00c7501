"""Give the panel or third party that the province appointed access to this version of an application. No other expert or third
party may read it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.application.domain.recommender import home_bureau
from services.application.repository import cases, timeline
from services.kernel.persistence import unit_of_work


def appoint_readers(session: Session, data: dict[str, Any]) -> None:
    """Replace the readers by those of a `panel.appointed` event, which always lists the complete panel. Only reviewers who
    declared that they have no interest may read. The timeline does not name them, because parties must not learn who reviews."""
    application = cases.application(session, data["application"], lock=True)
    appointed = [*data["experts"], *([data["third_party"]] if data["third_party"] else [])]
    # An earlier release sends no `declared`: its reviewers may read as soon as they are appointed.
    usernames = data.get("declared", appointed)
    cases.assign_readers(session, application.id, data["version"], usernames)
    detail = {"experts": len(data["experts"]), "third_party": bool(data["third_party"])}
    subject = timeline.subject_of(application)
    timeline.add_line(session, subject, "panel.appointed", article="A6(2)", detail=detail)
    after = {"version": data["version"], "readers": usernames}
    bureau = home_bureau(application.recommender)
    unit_of_work.audit_only(session, "panel.appointed", subject, bureau=bureau, article="A6(2)", after=after)


def open_papers(session: Session, data: dict[str, Any]) -> None:
    """Let the reviewer of this event read the version: the account has declared that it has no interest and has promised
    confidentiality."""
    application = cases.application(session, data["application"], lock=True)
    cases.add_reader(session, application.id, data["version"], data["account"])
    after = {"version": data["version"], "reader": data["account"]}
    subject, bureau = timeline.subject_of(application), home_bureau(application.recommender)
    unit_of_work.audit_only(session, "reviewer.declared", subject, bureau=bureau, article=data["article"], after=after)


def note_voided(session: Session, data: dict[str, Any]) -> None:
    """Record in the timeline that a score was voided, without naming the reviewer."""
    application = cases.application(session, data["application"])
    detail = {"scores": data["submitted"]}
    timeline.add_line(session, timeline.subject_of(application), "score.voided", article=data["article"], detail=detail)
