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

    Raises NotFound unless the actor belongs to the consortium's recommender or to the province, Invalid if a date is impossible
    or a weak result does not put the consortium under guidance, Conflict if the consortium is revoked or dissolved.
    """
    actor.require("officer", "chief")
    consortium = consortia.visible(session, inspection["consortium"], actor)
    consortium = consortia.consortium(session, consortium.id, lock=True)
    papers = verified_attachments(verifier, documents_statement, inspection["documents"], subject=consortium.subject)
    consortium.require_alive("A11")
    if errors := tuple(inspection_errors(inspection, consortium, clock.today())):
        raise Invalid("invalid_inspection", "检查记录有误，请按提示修改。", "The record has mistakes.", errors=errors)
    inspection_row = _new_inspection(clock, actor, consortium, inspection, papers)
    session.add(inspection_row)
    session.flush()
    before = {"under_guidance": consortium.under_guidance}
    latest = duties.latest_inspection(session, consortium.id) or inspection_row
    consortium.under_guidance = latest.under_guidance
    event = InspectionRecorded(
        inspection=inspection_row.id,
        inspected_on=inspection_row.inspected_on,
        year=inspection_row.year,
        result=inspection_row.result,
        late=inspection_row.late,
        under_guidance=consortium.under_guidance,
        follow_up_on=inspection_row.follow_up_on,
    )
    unit_of_work.record_change(
        session,
        "inspection.recorded",
        consortium.subject,
        event.with_header(**consortium.brief()),
        bureau=consortium.recommender,
        recommender=consortium.recommender,
        article="A11",
        before=before,
        after={"under_guidance": consortium.under_guidance},
    )
    return inspection_row.shown()


def follow_up(session: Session, clock: Clock, id: str) -> str:
    """Remind the bureau, once, that the follow-up of an inspection is due."""
    inspection_row = duties.inspection(session, id)
    if inspection_row.follow_up_told or inspection_row.follow_up_on is None or inspection_row.follow_up_on > clock.today():
        return "nothing"
    inspection_row.follow_up_told = True
    latest = duties.latest_inspection(session, inspection_row.consortium)
    if latest is None or latest.id != inspection_row.id:
        return "looked again already"
    consortium = consortia.consortium(session, inspection_row.consortium)
    if not consortium.alive:
        return "consortium gone"
    event = FollowUpDue(inspection=inspection_row.id, follow_up_on=inspection_row.follow_up_on).with_header(**consortium.brief())
    unit_of_work.record_change(
        session,
        "inspection.follow_up_due",
        consortium.subject,
        event,
        bureau=consortium.recommender,
        recommender=consortium.recommender,
        article="A11",
        after=event.to_dict(),
    )
    return "told"


def _new_inspection(
    clock: Clock, actor: Actor, consortium: Consortium, inspection: InspectionRecordDict, papers: list[Attachment]
) -> Inspection:
    inspected_on = date.fromisoformat(inspection["inspected_on"])
    return Inspection(
        id=new_id(),
        consortium=consortium.id,
        recommender=consortium.recommender,
        year=inspected_on.year,
        inspected_on=inspected_on,
        result=inspection["result"],
        findings=inspection["findings"],
        under_guidance=inspection["under_guidance"],
        follow_up_on=date.fromisoformat(inspection["follow_up_on"]) if inspection["follow_up_on"] else None,
        follow_up_told=False,
        papers=papers,
        by=actor.username,
        bureau=actor.bureau or "",
        recorded_at=clock.now(),
    )
