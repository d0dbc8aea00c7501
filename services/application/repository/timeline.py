"""Record the steps of a case. Each step is published, written to the audit log and added to the timeline in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from services.application.domain.application import Application
from services.application.domain.consortium import Consortium
from services.application.domain.recommender import home_bureau
from services.application.repository import organisations
from services.application.tables import timeline
from services.contracts.application.application_payloads import ProgressEvent
from services.contracts.application.event_parts import AddressedMember, NamedLead
from services.contracts.application.payloads import ApplicationEvent, MemberEvent
from services.contracts.consortium_reference import ConsortiumEvent
from services.contracts.organisation_name import LeadReference
from services.contracts.payload import ABSENT, Absent
from services.contracts.review.payloads import Difference
from services.kernel.ids import new_id
from services.kernel.persistence import unit_of_work
from services.policy import BUREAUS


def subject_of(application: Application) -> str:
    return f"application/{application.id}"


def record(
    session: Session,
    application: Application,
    type: str,
    event: ApplicationEvent,
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
    has_recommender = application.recommender in BUREAUS
    unit_of_work.record_change(
        session,
        type,
        subject_of(application),
        _with_header(session, application, event),
        bureau=bureau or home_bureau(application.recommender),
        recommender=application.recommender if has_recommender else None,
        article=article,
        before=before,
        after=application.state(),
    )
    add_line(session, subject_of(application), type, article=article, detail=detail, public=public)


def _with_header(session: Session, application: Application, event: ApplicationEvent) -> ApplicationEvent:
    if isinstance(event, ProgressEvent):
        event = event.with_header(
            version=application.version,
            title=application.name,
            lead=lead_reference(session, application),
            units=application.units,
        )
    return event.with_header(application=application.id)


def lead_reference(session: Session, application: Application) -> LeadReference:
    """Return the lead in the form in which events name it. A draft of a special case may have no lead yet; the lead's code is
    then null, although the schema does not say so."""
    code = application.lead
    return LeadReference(uscc=cast(str, code), name=organisations.names(session, [code]).get(code) if code else None)


def record_of_consortium(
    session: Session,
    subject: str,
    type: str,
    event: ConsortiumEvent,
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
        event,
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
    conditions = (timeline.c.subject == subject, timeline.c.type == type)
    return session.execute(select(timeline).where(*conditions).order_by(timeline.c.id.desc()).limit(1)).one_or_none()


def actors_of(session: Session, subject: str, *types: str) -> set[str]:
    """Return the accounts that took steps of these types, according to a subject's timeline."""
    statement = select(timeline.c.actor).where(timeline.c.subject == subject, timeline.c.type.in_(types))
    return {actor["username"] for actor in session.scalars(statement) if actor.get("username")}


def difference(differs: Difference | None) -> dict[str, object]:
    """Return how a signed opinion differs from the officer's draft, in the form in which a timeline stores it for officials and
    auditors."""
    return {"differs": differs.to_dict()} if differs else {}


def request_confirmations(
    session: Session,
    application: Application,
    type: str,
    members: Sequence[AddressedMember],
    lead: NamedLead,
    agreement_version: str,
) -> None:
    """Ask these members to confirm the application. If the application is being corrected, they must answer before the correction
    window ends."""
    due = application.correction_due
    notify_members(session, application, type, members, lead, agreement_version, confirm_by=due)


def notify_members(
    session: Session,
    application: Application,
    type: str,
    members: Sequence[AddressedMember],
    lead: NamedLead,
    agreement_version: str,
    *,
    confirm_by: datetime | Absent | None = ABSENT,
    reason: str | Absent | None = ABSENT,
) -> None:
    """Record one step for each of these members (`uscc`, `name`, `registered`): a message to the member, or the member's answer
    for the lead."""
    for member in members:
        event = MemberEvent(
            name=application.name,
            lead=LeadReference(uscc=lead["uscc"], name=lead["name"]),
            organisation=member,
            agreement_version=agreement_version,
            confirm_by=confirm_by,
            reason=reason,
        )
        detail: dict[str, object] = {"organisation": {"uscc": member["uscc"], "name": member["name"]}}
        if confirm_by is not ABSENT:
            detail["confirm_by"] = confirm_by.isoformat() if confirm_by else None
        if reason is not ABSENT:
            detail["reason"] = reason
        record(session, application, type, event, article="A5(3)1", detail=detail)
