"""Major matters are reported promptly, and the province acknowledges them (A5(4)7, A12)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from services.application import answers_register
from services.application.access import led_consortium, require_province
from services.application.domain.consortium import Consortium
from services.application.repository import changes, journal, organisations, register
from services.application.tables import matters
from services.kernel import work
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, Invalid
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.papers import handed_in
from services.kernel.signing import Verifier


def file_matter(
    session: Session,
    clock: Clock,
    verifier: Verifier,
    actor: Actor,
    id: str,
    matter: dict[str, Any],
    documents_statement: str | None = None,
) -> dict[str, Any]:
    """Report what has happened; no consent is needed. Raises NotFound, Forbidden, Conflict for a consortium that is gone,
    Invalid for a date ahead."""
    consortium = led_consortium(session, actor, id)
    papers = handed_in(verifier, documents_statement, matter["documents"], subject=f"consortium/{id}")
    if date.fromisoformat(matter["occurred_on"]) > clock.today():
        raise Invalid.field(
            "/occurred_on", "date_ahead", "发生日期不能晚于今天；尚未发生的变更请走变更报告。", "The date cannot lie ahead."
        )
    row = {
        "id": new_id(),
        "consortium_id": id,
        "kind": matter["kind"],
        "title": matter["title"],
        "detail": matter["detail"],
        "occurred_on": date.fromisoformat(matter["occurred_on"]),
        "papers": papers,
        "filed_by": actor.username,
        "filed_at": clock.now(),
    }
    session.execute(insert(matters), row)
    _say(session, "matter.filed", consortium, row["id"], {name: matter[name] for name in ("kind", "title", "occurred_on")})
    return answers_register.matter(changes.matter(session, id, row["id"]))


def acknowledge_matter(session: Session, clock: Clock, actor: Actor, id: str, matter: str, note: str | None) -> dict[str, Any]:
    """The province acknowledges one. Raises Forbidden for others, NotFound, Conflict where it did already."""
    require_province(actor)
    consortium, row = register.consortium(session, id), changes.matter(session, id, matter)
    if row.acknowledged is not None:
        raise Conflict("already_acknowledged", "该事项已确认收悉。", "It was acknowledged already.", article="A12")
    acknowledged = {"by": actor.username, "at": clock.now().isoformat(), "note": note}
    session.execute(update(matters).where(matters.c.id == matter).values(acknowledged=acknowledged))
    _say(session, "matter.acknowledged", consortium, matter, {"kind": row.kind, "title": row.title, "note": note})
    return answers_register.matter(changes.matter(session, id, matter))


def _say(session: Session, type: str, consortium: Consortium, matter: str, data: dict[str, Any]) -> None:
    name = organisations.names(session, [consortium.lead]).get(consortium.lead)
    about = {
        "matter": matter,
        "consortium": consortium.id,
        "number": consortium.number,
        "name": consortium.name,
        "lead": {"uscc": consortium.lead, "name": name},
    }
    home = consortium.recommender
    work.emit(session, type, f"matter/{matter}", about | data, bureau=home, recommender=home, article="A12", after=data)
    journal.keep(session, f"consortium/{consortium.id}", type, article="A12", detail={"matter": matter} | data)
