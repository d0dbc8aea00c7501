"""A bureau records that a change took place although it was not reported, or although it was refused (A12, A14(1))."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from services.application.access import readable_consortium, require_alive
from services.application.commands.publish_ground import publish_ground
from services.application.repository import changes, register
from services.contracts.application.change_responses import UnreportedAnswerDict
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, Invalid
from services.kernel.identity import Actor


def find_unreported(
    session: Session, clock: Clock, actor: Actor, id: str, found_on: str, text: str, change: str | None = None
) -> UnreportedAnswerDict:
    """Record that a bureau found a change that took place unreported or after a refusal; this proposes ground 1 of revocation.
    `change`: the id of the refused or withdrawn change that took place nevertheless.

    Raises NotFound for another bureau's consortium, Conflict if the consortium is revoked or dissolved or if the change was
    neither refused nor withdrawn, Invalid for a future date.
    """
    actor.require("officer", "chief")
    consortium = readable_consortium(session, actor, id)
    consortium = register.consortium(session, id, lock=True)
    require_alive(consortium)
    if date.fromisoformat(found_on) > clock.today():
        raise Invalid.field("/found_on", "date_ahead", "发现日期不能晚于今天。", "The date cannot lie ahead.")
    source = None
    if change is not None:
        refused = changes.change(session, id, change)
        if refused.status not in ("refused", "withdrawn"):
            raise Conflict(
                "not_refused",
                "该变更未被拒绝或撤回，无需认定。",
                "This change was neither refused nor withdrawn.",
                status=refused.status,
                article="A12",
            )
        source = refused.subject
    publish_ground(session, consortium, "refused_but_done" if change else "unreported", text, source, found_on=found_on)
    return {"consortium": id, "change": change, "found_on": found_on, "text": text, "ground": "A14(1)"}
