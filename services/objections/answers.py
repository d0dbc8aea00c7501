"""Serialize objections for the API. Only the province and auditors see an objector's name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from services.contracts.objection_payloads import ObjectionAnswerDict, ObjectionsAnswerDict
from services.kernel.identity import Actor
from services.objections.domain import Objection

#: The name of the API answer's member that contains the id of the case objected to.
Case = Literal["application", "participation"]


def knows_objectors(actor: Actor) -> bool:
    """Return whether the actor may know who objected."""
    return actor.has("auditor") or (actor.of_province and actor.has("officer", "chief", "portal"))


def is_own(actor: Actor, objection: Objection) -> bool:
    """Return whether the actor's organisation filed the objection. For an objection that an earlier version stored, return
    whether the actor's account filed it, because no organisation was stored."""
    if not actor.has("applicant") or objection.written:
        return False
    if objection.organisation is None:
        return objection.filed_by == actor.username
    return objection.organisation == actor.organisation


def objection_answer(objection: Objection, actor: Actor, case: Case) -> ObjectionAnswerDict:
    """Serialize an objection as this actor may see it. `case` is the name of the answer's member for the case's id."""
    inside = knows_objectors(actor)
    names_shown = inside or is_own(actor, objection)
    answer: ObjectionAnswerDict = {
        "id": objection.id,
        "reason": objection.reason,
        "filed_at": objection.filed_at.isoformat(),
        "by": objection.filed_by if names_shown else None,
        "organisation": objection.organisation if names_shown else None,
        "objector": objection.objector or None if inside else None,
        "received_on": objection.received_on.isoformat() if objection.received_on and inside else None,
        "document": objection.document if inside else None,
        "outcome": objection.outcome,
        "answer": objection.answer,
        "answered_at": objection.answered_at.isoformat() if objection.answered_at else None,
        "resolved_at": objection.resolved_at.isoformat() if objection.resolved_at else None,
        "prepared": objection.prepared if inside else None,
        "etag": objection.etag if inside else None,
    }
    answer[case] = objection.case
    return answer


def objection_answers(objections: Iterable[Objection], actor: Actor, case: Case, *, reads_case: bool) -> ObjectionsAnswerDict:
    """Serialize a list of objections. An actor who may read the case (`reads_case`) gets all objections, any other actor only
    those of the actor's organisation."""
    visible = [objection for objection in objections if reads_case or is_own(actor, objection)]
    return {"items": [objection_answer(objection, actor, case) for objection in visible]}
