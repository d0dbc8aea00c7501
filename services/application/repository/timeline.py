"""Record the steps of a case. Each step is published, written to the audit log and added to the timeline in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from services.application.domain.application import Application
from services.application.domain.consortium import Consortium
from services.application.domain.recommender import home_bureau
from services.application.tables import timeline
from services.contracts.application.event_parts import AddressedMember, NamedLead
from services.kernel.ids import new_id
from services.kernel.persistence import unit_of_work
from services.policy import BUREAUS


def subject_of(application: Application) -> str:
    return f"application/{application.id}"


def record(
    session: Session,
    application: Application,
    type: str,
    data: Mapping[str, Any],
    *,
    article: str,
    before: Any = None,
    bureau: str | None = None,
    detail: Mapping[str, Any] | None = None,
    public: bool = False,
) -> None:
    """Record a step of an application. `bureau`: the bureau addressed, by default the case's home bureau. `detail`: the data that
    the timeline shows to readers of the case. `public`: whether every client may see the step once the application is
    recognised."""
    known = application.recommender in BUREAUS
    unit_of_work.record_change(
        session,
        type,
        subject_of(application),
        {"application": application.id, **data},
        bureau=bureau or home_bureau(application.recommender),
        recommender=application.recommender if known else None,
        article=article,
        before=before,
        after=application.state(),
    )
    add_line(session, subject_of(application), type, article=article, detail=detail, public=public)


def record_of_consortium(
    session: Session,
    subject: str,
    type: str,
    data: Mapping[str, Any],
    consortium: Consortium,
    *,
    article: str | None,
    before: Any = None,
    after: Any,
    bureau: str | None = None,
    detail: Mapping[str, Any] | None = None,
    public: bool = False,
) -> None:
    """Record a step of a consortium, or of its change, support request or matter (`subject`), in the consortium's timeline.
    `bureau`: the bureau addressed, by default the recommender."""
    unit_of_work.record_change(
        session,
        type,
        subject,
        dict(data),
        bureau=bureau or consortium.recommender,
        recommender=consortium.recommender,
        article=article,
        before=before,
        after=after,
    )
    add_line(session, f"consortium/{consortium.id}", type, article=article, detail=detail, public=public)


def add_line(
    session: Session,
    subject: str,
    type: str,
    *,
    article: str | None,
    detail: Mapping[str, Any] | None = None,
    public: bool = False,
) -> None:
    """Add a line to a subject's timeline."""
    current = unit_of_work.current(session)
    row = {
        "id": new_id(),
        "subject": subject,
        "at": current.clock.now(),
        "type": type,
        "article": article,
        "actor": current.actor.stamp(),
        "detail": dict(detail or {}),
        "public": public,
    }
    session.execute(insert(timeline), row)


def newest(session: Session, subject: str, type: str) -> Row[Any] | None:
    """Return the newest line of this type in a subject's timeline; None if there is none."""
    mine = (timeline.c.subject == subject, timeline.c.type == type)
    return session.execute(select(timeline).where(*mine).order_by(timeline.c.id.desc()).limit(1)).one_or_none()


def actors_of(session: Session, subject: str, *types: str) -> set[str]:
    """Return the accounts that took steps of these types, according to a subject's timeline."""
    statement = select(timeline.c.actor).where(timeline.c.subject == subject, timeline.c.type.in_(types))
    return {actor["username"] for actor in session.scalars(statement) if actor.get("username")}


def difference(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a signed opinion differs from the officer's draft, in the form in which a timeline stores it for officials and
    auditors."""
    return {"differs": said["differs"]} if said.get("differs") else {}


def progress(application: Application, names: Mapping[str, str | None]) -> dict[str, Any]:
    """Return the data that the event of every step of a case contains. They suffice for a consumer that stores nothing about the
    case."""
    return {
        "version": application.version,
        "title": application.name,
        "lead": {"uscc": application.lead, "name": names.get(application.lead or "")},
        "units": application.units,
    }


def request_confirmations(
    session: Session,
    application: Application,
    type: str,
    members: Sequence[AddressedMember],
    lead: NamedLead,
    agreement_version: str,
) -> None:
    """Ask these members to confirm the application. If it is being corrected, they must answer before the correction window
    ends."""
    due = application.correction_due
    notify_members(session, application, type, members, lead, agreement_version, confirm_by=due.isoformat() if due else None)


def notify_members(
    session: Session,
    application: Application,
    type: str,
    members: Sequence[AddressedMember],
    lead: NamedLead,
    agreement_version: str,
    **more: Any,
) -> None:
    """Record one step for each of these members (`uscc`, `name`, `registered`): a message to the member, or the member's answer
    for the lead."""
    for member in members:
        record(
            session,
            application,
            type,
            {
                "name": application.name,
                "lead": dict(lead),
                "organisation": dict(member),
                "agreement_version": agreement_version,
                **more,
            },
            article="A5(3)1",
            detail={"organisation": {"uscc": member["uscc"], "name": member["name"]}, **more},
        )
