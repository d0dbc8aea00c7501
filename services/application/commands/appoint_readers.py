"""Read access for the panel or third party that the province appointed: its members may read this version, and no other expert or
third party may."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.application.domain.recommender import home_bureau
from services.application.repository import cases, timeline
from services.kernel.persistence import unit_of_work


def appoint_readers(session: Session, data: dict[str, Any]) -> None:
    """Replace the readers by those of a `panel.appointed`, which always lists the complete panel. Only reviewers who declared to
    have no interest may read. The timeline names none of them, because parties do not learn who reviews."""
    application = cases.application(session, data["application"], lock=True)
    appointed = [*data["experts"], *([data["third_party"]] if data["third_party"] else [])]
    usernames = data.get("declared", appointed)  # an earlier release sends no `declared`: its reviewers may read at once
    cases.assign_readers(session, application.id, data["version"], usernames)
    detail = {"experts": len(data["experts"]), "third_party": bool(data["third_party"])}
    subject = timeline.subject_of(application)
    timeline.add_line(session, subject, "panel.appointed", article="A6(2)", detail=detail)
    after = {"version": data["version"], "readers": usernames}
    bureau = home_bureau(application.recommender)
    unit_of_work.audit_only(session, "panel.appointed", subject, bureau=bureau, article="A6(2)", after=after)


def open_papers(session: Session, data: dict[str, Any]) -> None:
    """Give this account access to the version: the reviewer declared to have no interest and promised confidentiality."""
    application = cases.application(session, data["application"], lock=True)
    cases.add_reader(session, application.id, data["version"], data["account"])
    after = {"version": data["version"], "reader": data["account"]}
    subject, bureau = timeline.subject_of(application), home_bureau(application.recommender)
    unit_of_work.audit_only(session, "reviewer.declared", subject, bureau=bureau, article=data["article"], after=after)


def note_voided(session: Session, data: dict[str, Any]) -> None:
    """Record in the timeline that a score was voided, without a name."""
    application = cases.application(session, data["application"])
    detail = {"scores": data["submitted"]}
    timeline.add_line(session, timeline.subject_of(application), "score.voided", article=data["article"], detail=detail)
