"""A recommender records the result of its inspection of a consortium (A11)."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from services.contracts.attachment import Attachment
from services.contracts.evaluation.answers import InspectionAnswerDict
from services.contracts.evaluation.duties import InspectionRecordDict
from services.contracts.evaluation.payloads import FollowUpDue, InspectionRecorded
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.inspection import Inspection, inspection_errors
from services.evaluation.repository import consortia, duties
from services.kernel.attachments import verified_attachments
from services.kernel.clock import Clock
from services.kernel.errors import Invalid
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence import unit_of_work


def record_inspection(
    session: Session,
    clock: Clock,
    verifier: Verifier,
    actor: Actor,
    inspection: InspectionRecordDict,
    documents_statement: str | None = None,
) -> InspectionAnswerDict:
    """Record an inspection by the consortium's recommender or the province. The latest inspection decides whether the consortium
    is under guidance (A11, A12). An inspection that is filed after the end of its year is marked late.

    Raises NotFound if the consortium belongs to another bureau, Invalid if a date is impossible or a weak result has no guidance,
    Conflict if the consortium is revoked or dissolved.
    """
    actor.require("officer", "chief")
    of = consortia.visible(session, inspection["consortium"], actor)
    of = consortia.consortium(session, of.id, lock=True)
    papers = verified_attachments(verifier, documents_statement, inspection["documents"], subject=of.subject)
    of.require_alive("A11")
    if errors := tuple(inspection_errors(inspection, of, clock.today())):
        raise Invalid("invalid_inspection", "检查记录有误，请按提示修改。", "The record has mistakes.", errors=errors)
    found = _inspection(clock, actor, of, inspection, papers)
    session.add(found)
    session.flush()
    before = {"under_guidance": of.under_guidance}
    latest = duties.latest_inspection(session, of.id) or found
    of.under_guidance = latest.under_guidance
    event = InspectionRecorded(
        inspection=found.id,
        inspected_on=found.inspected_on,
        year=found.year,
        result=found.result,
        late=found.late,
        under_guidance=of.under_guidance,
        follow_up_on=found.follow_up_on,
    )
    unit_of_work.record_change(
        session,
        "inspection.recorded",
        of.subject,
        event.with_header(**of.brief()),
        bureau=of.recommender,
        recommender=of.recommender,
        article="A11",
        before=before,
        after={"under_guidance": of.under_guidance},
    )
    return found.shown()


def follow_up(session: Session, clock: Clock, id: str) -> str:
    """Remind the bureau, once, that the follow-up of an inspection is due today."""
    found = duties.inspection(session, id)
    if found.follow_up_told or found.follow_up_on is None or found.follow_up_on > clock.today():
        return "nothing"
    found.follow_up_told = True
    latest = duties.latest_inspection(session, found.consortium)
    if latest is None or latest.id != found.id:
        return "looked again already"
    of = consortia.consortium(session, found.consortium)
    if not of.alive:
        return "consortium gone"
    event = FollowUpDue(inspection=found.id, follow_up_on=found.follow_up_on).with_header(**of.brief())
    unit_of_work.record_change(
        session,
        "inspection.follow_up_due",
        of.subject,
        event,
        bureau=of.recommender,
        recommender=of.recommender,
        article="A11",
        after=event.to_dict(),
    )
    return "told"


def _inspection(clock: Clock, actor: Actor, of: Consortium, given: InspectionRecordDict, papers: list[Attachment]) -> Inspection:
    on = date.fromisoformat(given["inspected_on"])
    return Inspection(
        id=new_id(),
        consortium=of.id,
        recommender=of.recommender,
        year=on.year,
        inspected_on=on,
        result=given["result"],
        findings=given["findings"],
        under_guidance=given["under_guidance"],
        follow_up_on=date.fromisoformat(given["follow_up_on"]) if given["follow_up_on"] else None,
        follow_up_told=False,
        papers=papers,
        by=actor.username,
        bureau=actor.bureau or "",
        recorded_at=clock.now(),
    )
