"""The province shortens or withdraws an integrity record (信用修复), and the cases that the record affected are evaluated again
(A14(4))."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from services.application.access import require_province
from services.application.commands.reevaluate_application import affected, recheck_all
from services.application.commands.reevaluate_consortium import evaluate_all
from services.application.serializers import application_serializers
from services.application.tables import integrity_records
from services.contracts.application.organisation_requests import IntegrityRepairDict
from services.contracts.application.organisation_responses import IntegrityRecordAnswerDict, Repair
from services.contracts.application.payloads import IntegrityEvent
from services.kernel.attachments import verified_attachments
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, Invalid, NotFound
from services.kernel.identity import PROVINCE, Actor
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence import unit_of_work
from services.policy import Policies


def repair_record(
    session: Session,
    clock: Clock,
    policies: Policies,
    verifier: Verifier,
    actor: Actor,
    id: str,
    repair: IntegrityRepairDict,
    documents_statement: str | None = None,
) -> IntegrityRecordAnswerDict:
    """Shorten a record's penalty, or withdraw the record, with a reason and a document. The original record stays readable.

    Raises Forbidden for any actor but the province, NotFound, Conflict if the record is withdrawn already or the penalty to
    shorten is over, Invalid for a day that shortens nothing and for a missing document.
    """
    require_province(actor)
    row = _record(session, id)
    consortia, open_cases = affected(session, row.uscc)
    row = _record(session, id, lock=True)
    _require_repairable(row, repair["kind"], clock.today())
    papers = verified_attachments(verifier, documents_statement, repair["documents"], subject=f"organisation/{row.uscc}")
    if not papers:
        raise Invalid.field("/documents", "document_required", "请附信用修复的证明材料。", "Give the document of the repair.")
    until = clock.today() - timedelta(days=1) if repair["kind"] == "withdrawn" else _shortened_until(row, repair["penalty_until"])
    before = row.penalty_until.isoformat() if row.penalty_until else None
    entry: Repair = {
        "kind": repair["kind"],
        "reason": repair["reason"],
        "documents": papers,
        "penalty_until_before": before,
        "penalty_until": None if repair["kind"] == "withdrawn" else until.isoformat(),
        "by": actor.username,
        "on": clock.today().isoformat(),
    }
    values = {"penalty_until": until, "repairs": [*row.repairs, entry]}
    session.execute(update(integrity_records).where(integrity_records.c.id == id).values(**values))
    event = IntegrityEvent(
        record=id,
        uscc=row.uscc,
        kind=repair["kind"],
        penalty_until=None if repair["kind"] == "withdrawn" else until,
        documents=[paper["id"] for paper in papers],
    )
    unit_of_work.record_change(
        session,
        "integrity.repaired",
        f"organisation/{row.uscc}",
        event,
        bureau=PROVINCE,
        article="A14(4)",
        before={"penalty_until": before},
        after=entry,
    )
    evaluate_all(session, clock, policies, consortia, "integrity_repaired")
    recheck_all(session, clock, policies, open_cases)
    return application_serializers.record(_record(session, id), clock.today())


def _record(session: Session, id: str, *, lock: bool = False) -> Row[Any]:
    statement = select(integrity_records).where(integrity_records.c.id == id)
    row = session.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise NotFound("no_such_record", "没有这一失信记录。", "There is no such record.")
    return row


def _require_repairable(row: Row[Any], kind: str, today: date) -> None:
    if any(repair["kind"] == "withdrawn" for repair in row.repairs):
        raise Conflict("record_withdrawn", "该记录已撤销。", "This record was withdrawn.", status="withdrawn", article="A14(4)")
    if kind == "shortened" and row.penalty_until is not None and row.penalty_until < today:
        raise Conflict("penalty_over", "该记录的惩戒期已满，无需缩短。", "This penalty is over.", status="over", article="A14(4)")


def _shortened_until(row: Row[Any], new_until: str | None) -> date:
    if new_until is None:
        raise Invalid.field("/penalty_until", "required", "请填写缩短后的惩戒截止日期。", "Give the last day of the penalty.")
    until = date.fromisoformat(new_until)
    if until < row.recorded_on:
        raise Invalid.field(
            "/penalty_until",
            "ends_before_record",
            "惩戒期不能早于记录日期结束。",
            "The penalty cannot end before it was recorded.",
        )
    if row.penalty_until is not None and until >= row.penalty_until:
        raise Invalid.field(
            "/penalty_until",
            "not_shorter",
            f"缩短后的日期应早于原截止日期 {row.penalty_until.isoformat()}。",
            f"The day must lie before the present one, {row.penalty_until.isoformat()}.",
        )
    return until
