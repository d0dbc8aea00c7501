"""The province maintains the list of integrity records (A14(4))."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from services.application.access import require_province
from services.application.commands.reevaluate_application import affected, recheck_all
from services.application.commands.reevaluate_consortium import evaluate_all
from services.application.repository import organisations
from services.application.repository.dialect import upsert
from services.application.tables import integrity_records
from services.contracts.application.organisation_requests import IntegrityRecordDict
from services.contracts.application.organisation_responses import IntegrityAddedDict
from services.contracts.application.payloads import IntegrityEvent
from services.kernel.clock import Clock
from services.kernel.errors import FieldError, Invalid, Text
from services.kernel.identity import PROVINCE, Actor
from services.kernel.ids import new_id
from services.kernel.persistence import unit_of_work
from services.policy import Policies


def add_integrity_records(
    session: Session, clock: Clock, policies: Policies, actor: Actor, records: list[IntegrityRecordDict]
) -> IntegrityAddedDict:
    """Add integrity records, all or none (A14(4)). A record that exists already (same unit, day and reason) is skipped. The
    recognised consortia of the recorded units are evaluated again.

    Raises Forbidden for any actor but the province, Invalid with an error for each record whose penalty ends before the day of
    the record.
    """
    require_province(actor)
    text = Text("惩戒期不能早于记录日期结束。", "The penalty cannot end before it was recorded.")
    errors = tuple(
        FieldError(f"/records/{index}/penalty_until", "ends_before_record", text)
        for index, record in enumerate(records)
        if record["penalty_until"] and record["penalty_until"] < record["recorded_on"]
    )
    if errors:
        raise Invalid("invalid_records", "失信记录有误，全部未导入。", "Some records are wrong; none was added.", errors=errors)
    codes = [record["uscc"] for record in records]
    consortia, open_cases = affected(session, *codes)
    organisations.ensure_rows(session, {record["uscc"]: None for record in records}, clock.now())
    rows = [_row(record, clock, actor) for record in records]
    statement = upsert(session, integrity_records).on_conflict_do_nothing().returning(integrity_records.c.id)
    added = set(session.execute(statement, rows).scalars())
    for row, record in zip(rows, records, strict=True):
        if row["id"] in added:
            until = date.fromisoformat(record["penalty_until"]) if record["penalty_until"] else None
            event = IntegrityEvent(record=str(row["id"]), uscc=record["uscc"], penalty_until=until)
            subject = f"organisation/{record['uscc']}"
            unit_of_work.record_change(
                session, "integrity.recorded", subject, event, bureau=PROVINCE, article="A14(4)", after=record
            )
    evaluate_all(session, clock, policies, consortia, "integrity_recorded")
    recheck_all(session, clock, policies, open_cases)
    return {"added": len(added), "ids": [id for id in (str(row["id"]) for row in rows) if id in added]}


def _row(record: IntegrityRecordDict, clock: Clock, actor: Actor) -> dict[str, object]:
    until = record["penalty_until"]
    return {
        "id": new_id(),
        "uscc": record["uscc"],
        "reason": record["reason"],
        "recorded_on": date.fromisoformat(record["recorded_on"]),
        "penalty_until": date.fromisoformat(until) if until else None,
        "entered_by": actor.username,
        "entered_at": clock.now(),
    }
