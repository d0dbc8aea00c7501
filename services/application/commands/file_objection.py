"""An organisation objects during publicity, or the province records a written objection (A6(2))."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.application.access import reader
from services.application.domain.application import Application
from services.application.domain.objection import RecognitionObjection
from services.application.repository import cases, timeline
from services.contracts.application.payloads import ObjectionEvent
from services.contracts.objection_payloads import ObjectionAnswerDict, WrittenObjectionPart
from services.contracts.payload import ABSENT
from services.kernel.clock import Clock, local_date, received_instant
from services.kernel.identity import PROVINCE, Actor
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence import unit_of_work
from services.objections.answers import objection_answer
from services.objections.commands import Disputed, file, require_objector
from services.objections.domain import Objection


def file_objection(
    session: Session,
    clock: Clock,
    verifier: Verifier,
    actor: Actor,
    id: str,
    reason: str,
    written: WrittenObjectionPart | None = None,
    documents_statement: str | None = None,
    received_at: float | None = None,
) -> ObjectionAnswerDict:
    """Object to a recognition during its publicity period, with a reason. Any organisation but the lead may object, with one open
    objection at a time. The province records objections that others wrote (`written`). The recognition waits until the objection
    is answered. An objection counts if the gateway received it (`received_at`) within the publicity period.

    Raises NotFound if the application is neither public nor readable for the actor, Forbidden for the lead and for officials of
    other bureaus than the province, Conflict outside the period or while the organisation has another open objection, Invalid for
    a letter that does not exist.
    """
    application = cases.application(session, id, lock=True)
    if application.status != "publicised":
        reader(session, actor, application)
    disputed = disputed_of(application)
    require_objector(actor, disputed, written)
    publicity_ends = application.require_publicity(received_instant(clock, received_at))
    filed = file(session, clock, verifier, actor, disputed, reason, written, documents_statement)
    event = ObjectionEvent(
        objection=filed.id, title=application.name or "", by=filed.account, answer_by=local_date(publicity_ends)
    )
    record_objection_step(session, application, "objection.filed", event)
    return objection_answer(filed, actor, "application")


def disputed_of(application: Application) -> Disputed:
    """Describe the application as the subject of an objection, for the code that objections to recognitions and to grades
    share."""
    return Disputed(
        case=application.id,
        kind=RecognitionObjection,
        lead=application.lead,
        documents=timeline.subject_of(application),
        status=application.status,
        article="A6(2)",
    )


def record_objection_step(session: Session, application: Application, type: str, event: ObjectionEvent) -> None:
    """Record a step of an objection. Its event is addressed to the province alone, because it names the account that objected."""
    detail = {"objection": event.objection} | ({} if event.outcome is ABSENT else {"outcome": event.outcome})
    before = application.state()
    timeline.record(session, application, type, event, article="A6(2)", bureau=PROVINCE, before=before, detail=detail)


def publish_prepared_answer(session: Session, application: Application, objection: Objection, outcome: str) -> None:
    """Notify the province's chiefs that a prepared answer waits for a signature. The timeline gets no step, because the answer is
    only a draft."""
    event = ObjectionEvent(objection=objection.id, title=application.name or "", outcome=outcome)
    unit_of_work.record_change(
        session,
        "objection.answer_prepared",
        timeline.subject_of(application),
        event.with_header(application=application.id),
        bureau=PROVINCE,
        recommender=application.recommender,
        article="A6(2)",
        before=application.state(),
        after=application.state(),
    )
