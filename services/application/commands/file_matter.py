"""The lead reports major matters promptly or applies for them in advance. The province acknowledges them, or objects to a planned
one (A5(4)7, A12)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Row, insert, update
from sqlalchemy.orm import Session

from services.application.access import lock_led_consortium, require_province
from services.application.domain.consortium import Consortium
from services.application.repository import changes, register, timeline
from services.application.repository.organisations import reference
from services.application.serializers import register_serializers
from services.application.tables import matters
from services.contracts.application.change_requests import MajorMatterDict
from services.contracts.application.change_responses import MajorMatterAnswerDict, MatterAcknowledged, MatterObjected
from services.contracts.application.register_payloads import MatterEvent
from services.kernel.attachments import verified_attachments
from services.kernel.clock import Clock
from services.kernel.errors import Conflict
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.messaging.signing import Verifier


def file_matter(
    session: Session,
    clock: Clock,
    verifier: Verifier,
    actor: Actor,
    id: str,
    matter: MajorMatterDict,
    documents_statement: str | None = None,
) -> MajorMatterAnswerDict:
    """Report a major matter that has happened, or apply for a planned matter, whose day is in the future (A5(4)7). Neither kind
    needs the province's consent.

    Raises NotFound, Forbidden, Conflict for a consortium that is revoked or dissolved.
    """
    consortium = lock_led_consortium(session, actor, id)
    papers = verified_attachments(verifier, documents_statement, matter["documents"], subject=f"consortium/{id}")
    occurred_on, filed_id = date.fromisoformat(matter["occurred_on"]), new_id()
    planned = occurred_on > clock.today()
    row = {
        "id": filed_id,
        "consortium_id": id,
        "kind": matter["kind"],
        "title": matter["title"],
        "detail": matter["detail"],
        "occurred_on": occurred_on,
        "papers": papers,
        "filed_by": actor.username,
        "filed_at": clock.now(),
        "planned": planned,
    }
    session.execute(insert(matters), row)
    filed = MatterEvent(
        kind=matter["kind"],
        title=matter["title"],
        occurred_on=occurred_on,
        planned=planned,
        answer_by=occurred_on if planned else None,
    )
    _publish_matter(session, "matter.filed", consortium, filed_id, filed)
    return register_serializers.matter(changes.matter(session, id, filed_id))


def acknowledge_matter(
    session: Session, clock: Clock, actor: Actor, id: str, matter: str, note: str | None
) -> MajorMatterAnswerDict:
    """Acknowledge a major matter on behalf of the province. Raises Forbidden for any actor but the province, NotFound, Conflict
    if the matter is answered already."""
    consortium, row = _require_unanswered(session, actor, id, matter)
    acknowledged: MatterAcknowledged = {"by": actor.username, "at": clock.now().isoformat(), "note": note}
    session.execute(update(matters).where(matters.c.id == matter).values(acknowledged=acknowledged))
    _publish_matter(session, "matter.acknowledged", consortium, matter, MatterEvent(kind=row.kind, title=row.title, note=note))
    return register_serializers.matter(changes.matter(session, id, matter))


def object_to_matter(session: Session, clock: Clock, actor: Actor, id: str, matter: str, reason: str) -> MajorMatterAnswerDict:
    """Object to a planned major matter on behalf of the province (A5(4)7). Raises Forbidden for any actor but the province,
    NotFound, Conflict if the matter is answered already or was not planned when it was filed."""
    consortium, row = _require_unanswered(session, actor, id, matter)
    if not row.planned:
        raise Conflict(
            "not_planned",
            "该事项在报告时已经发生，只能确认收悉；仅对事前申请的事项可以提出异议。",
            "This matter had happened when it was reported; only a planned one can be objected to.",
            status="reported",
            article="A5(4)7",
        )
    objection: MatterObjected = {"by": actor.username, "at": clock.now().isoformat(), "reason": reason}
    session.execute(update(matters).where(matters.c.id == matter).values(objection=objection))
    _publish_matter(session, "matter.objected", consortium, matter, MatterEvent(kind=row.kind, title=row.title, reason=reason))
    return register_serializers.matter(changes.matter(session, id, matter))


def _require_unanswered(session: Session, actor: Actor, id: str, matter: str) -> tuple[Consortium, Row[Any]]:
    require_province(actor)
    consortium, row = register.consortium(session, id), changes.matter(session, id, matter)
    if row.acknowledged is not None:
        raise Conflict(
            "already_acknowledged", "该事项已确认收悉。", "It was acknowledged already.", status="acknowledged", article="A12"
        )
    if row.objection is not None:
        raise Conflict(
            "already_objected", "对该事项已提出异议。", "It was objected to already.", status="objected", article="A12"
        )
    return consortium, row


def _publish_matter(session: Session, type: str, consortium: Consortium, matter: str, event: MatterEvent) -> None:
    named = reference(session, consortium)
    event = event.with_header(matter=matter, **named)
    detail = {name: value for name, value in event.to_dict().items() if name not in named}
    state = {name: value for name, value in detail.items() if name != "matter"}
    timeline.record_of_consortium(session, f"matter/{matter}", type, event, consortium, article="A12", after=state, detail=detail)
