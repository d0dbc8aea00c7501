"""Queries for the timelines: the steps of an application and of a consortium (A6, A12)."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from services.application.access import may_read_consortium, reader, reads_for_bureau
from services.application.repository import cases, register
from services.application.tables import timeline
from services.contracts.application.application_responses import TimelineActor, TimelineAnswerDict
from services.contracts.pages import PageDict
from services.kernel.errors import NotFound
from services.kernel.identity import SYSTEM, Actor
from services.kernel.persistence.paging import page

#: The roles of reviewers from outside the bureaus.
REVIEWERS = ("expert", "third_party")
#: The types of step whose author only the province and auditors may see.
UNNAMED = ("objection.filed", "grade.objected")
#: The details of a step that only officials and auditors may read: how a signed opinion differs from the officer's draft.
INNER = ("differs",)
#: Type of step → the details of a public step that every client may read: the stage that was passed.
OPEN = {"application.stage_passed": ("stage",)}


def application_timeline(
    session: Session, actor: Actor, id: str, limit: int = 50, cursor: str | None = None
) -> PageDict[TimelineAnswerDict]:
    """Return all steps for readers of the application except experts. Once the application is recognised, every other client gets
    its public steps. Raises NotFound."""
    application = cases.application(session, id)
    try:
        names_shown = not reader(session, actor, application).expert
    except NotFound:
        if application.status != "recognised":
            raise
        names_shown = False
    if not names_shown and application.status != "recognised":
        raise cases.no_application()
    return _steps(session, actor, [f"application/{id}"], limit, cursor, names_shown)


def consortium_timeline(
    session: Session, actor: Actor, id: str, limit: int = 50, cursor: str | None = None
) -> PageDict[TimelineAnswerDict]:
    """Return the consortium's steps, including those of its application. Clients who may not read the consortium get the public
    steps. Raises NotFound."""
    consortium = register.consortium(session, id)
    subjects = [f"consortium/{id}"]
    if consortium.application_id:
        subjects.append(f"application/{consortium.application_id}")
    return _steps(session, actor, subjects, limit, cursor, may_read_consortium(session, actor, consortium))


def _steps(
    session: Session, actor: Actor, subjects: list[str], limit: int, cursor: str | None, names_shown: bool
) -> PageDict[TimelineAnswerDict]:
    columns = [column for column in timeline.c if column.name != "id"]
    statement = select(timeline.c.id, *columns).where(timeline.c.subject.in_(subjects))
    if not names_shown:
        statement = statement.where(timeline.c.public)
    rows, next_cursor = page(session, statement, [timeline.c.id], limit=limit, cursor=cursor)
    return {"items": [_step(row, actor, names_shown) for row in rows], "next_cursor": next_cursor}


def _step(row: Row[Any], actor: Actor, names_shown: bool) -> TimelineAnswerDict:
    """Serialize one step. Its actor is shown by role, bureau and organisation; the account's name is shown only to accounts of
    the same organisation, bureaus and auditors. Experts, third parties and objectors are shown only to the province and auditors.
    This holds for older steps too: earlier releases recorded the last expert as the actor of the step that followed."""
    actor_shown = cast(TimelineActor, dict(row.actor))
    inside = actor.has("auditor") or (reads_for_bureau(actor) and actor.of_province)
    if actor_shown["role"] in REVIEWERS and not inside:
        actor_shown = cast(TimelineActor, SYSTEM.stamp())
    if row.type in UNNAMED and not inside:
        actor_shown |= {"username": None, "organisation": None}
    official = reads_for_bureau(actor) or actor.has("auditor")
    at_home = actor_shown["organisation"] is not None and actor_shown["organisation"] == actor.organisation
    if not names_shown or not (at_home or official):
        actor_shown["username"] = None
    readable = row.detail if names_shown else {name: row.detail[name] for name in OPEN.get(row.type, ()) if name in row.detail}
    detail = {name: value for name, value in readable.items() if official or name not in INNER}
    return {
        "id": row.id,
        "at": row.at.isoformat(),
        "type": row.type,
        "subject": row.subject,
        "article": row.article,
        "actor": actor_shown,
        "detail": detail,
    }
