"""Objections to grades that are public and not in effect yet, and the province's answers (A13)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from services.evaluation.access import require_province
from services.evaluation.answers import objection_answer
from services.evaluation.commands.say import of_participation
from services.evaluation.domain.consortium import Consortium
from services.evaluation.repository import consortia, objections, rounds
from services.kernel.clock import Clock, local_date
from services.kernel.errors import Conflict, Forbidden, Invalid
from services.kernel.identity import PROVINCE, Actor
from services.kernel.ids import new_id


def object_to_grade(
    session: Session, clock: Clock, actor: Actor, id: str, consortium: str, reason: str, objector: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Object to a public grade, with a reason: any organisation but the lead, one open objection each. The province records
    written objections of anybody with the `objector`. Until it is answered the grade does not take effect.

    Raises NotFound, Forbidden for the lead and for other officials, Conflict outside the publicity period and where one objection
    of the organisation waits already, Invalid for a written objection without its objector."""
    of = consortia.consortium(session, consortium, lock=True)
    round, participation = rounds.round(session, id), rounds.participation(session, id, consortium, lock=True)
    if not (participation.public or of.may_be_seen_by(actor)):
        raise rounds.no_participation()
    organisation = _objecting(actor, of, objector)
    ends = participation.require_publicity(clock.now())
    if organisation and objections.waiting(session, participation.id, organisation):
        raise Conflict(
            "objection_open",
            "贵单位已有待答复的异议，答复后才能再次提出。",
            "An objection of your organisation waits for its answer; another can be filed after that.",
            status=participation.status,
            article="A13",
        )
    filed = new_id()
    row = {
        "id": filed,
        "participation": participation.id,
        "organisation": organisation,
        "objector": objector or {},
        "reason": reason,
        "filed_by": actor.username,
        "filed_at": clock.now(),
    }
    objections.file(session, row)
    told = {"objection": filed, "answer_by": local_date(ends).isoformat()}
    of_participation(session, "grade.objected", round, participation, of, told, before=participation.state(), bureau=PROVINCE)
    return objection_answer(objections.one(session, participation.id, filed), by=True)


def _objecting(actor: Actor, of: Consortium, objector: dict[str, Any] | None) -> str | None:
    """The organisation that objects; None for a written objection that the province records."""
    if actor.official:
        require_province(actor)
        if not objector:
            raise Invalid.field(
                "/objector", "required", "登记书面异议须填写异议人。", "A written objection is recorded with who objects."
            )
        return None
    if objector:
        raise Forbidden("province_only", "书面异议由自治区科技厅登记。", "The province records written objections.")
    if actor.organisation == of.lead:
        raise Forbidden(
            "own_grade", "牵头单位不能对本创新联合体的等次提出异议。", "The lead cannot object to its own consortium's grade."
        )
    return actor.organisation


def answer_objection(
    session: Session,
    clock: Clock,
    actor: Actor,
    id: str,
    consortium: str,
    objection: str,
    answer: str,
    outcome: str,
    also: Sequence[str] = (),
) -> dict[str, Any]:
    """Answer an objection, and others that say the same (`also`). Dismissed, the grade takes effect in time; upheld, it is no
    longer public: the province grades and publishes again.

    Raises Forbidden for anybody but the province, NotFound, Conflict for one that is answered already."""
    require_province(actor)
    of = consortia.consortium(session, consortium, lock=True)
    round, participation = rounds.round(session, id), rounds.participation(session, id, consortium, lock=True)
    given = {"answer": answer, "outcome": outcome, "answered_by": actor.username, "answered_at": clock.now()}
    for one in dict.fromkeys((objection, *also)):
        row = objections.one(session, participation.id, one, lock=True)
        if row.outcome is not None:
            raise Conflict("already_answered", "该异议已答复。", "This objection is answered already.", status=row.outcome)
        before = participation.state()
        objections.answer(session, one, given)
        if outcome == "upheld" and participation.status == "graded":
            participation.hold(objection, clock.now())
        told = {"objection": one, "by": row.filed_by, "answer": answer, "outcome": outcome}
        of_participation(session, "grade.objection_answered", round, participation, of, told, before=before)
    return objection_answer(objections.one(session, participation.id, objection), by=True)
