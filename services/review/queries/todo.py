"""The tasks of an account in this service: opinions to draft and sign, panels, decisions, scores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, or_, select
from sqlalchemy.orm import Session

from services.contracts.labels import label
from services.contracts.todo import TaskCounts, Worklist
from services.kernel.clock import Clock
from services.kernel.identity import Actor
from services.kernel.worklist import Entry, Waiting, parked_events, task_counts, worklist
from services.review import repository
from services.review.case_tasks import DECIDE, DRAFT, PANEL, PROPOSE, SCORING, SIGN, SIGN_UNDRAFTED, not_drafted_by
from services.review.tables import case_tasks, cases, rounds, scores, seats

#: SQL subquery: the name of the lead, as the case's present round states it; PostgreSQL computes it only for the rows of the
#: answer.
_LEAD = (
    select(rounds.c.material["lead"]["name"].as_string())
    .where(rounds.c.case_id == cases.c.id, rounds.c.number == cases.c.round)
    .scalar_subquery()
)
_LINE = (cases.c.id, cases.c.title, cases.c.kind, cases.c.due_on, _LEAD.label("lead"))


def todo(session: Session, clock: Clock, actor: Actor) -> Worklist:
    """Return the actor's tasks: those of an official of the bureau, or of a reviewer of the province's cases."""
    return worklist(session, clock, _waiting(clock, actor))


def todo_counts(session: Session, clock: Clock, actor: Actor) -> TaskCounts:
    """Return the number of the actor's tasks of each kind."""
    return task_counts(session, clock, _waiting(clock, actor))


def _waiting(clock: Clock, actor: Actor) -> Iterator[Waiting]:
    if actor.official:
        yield from _of_bureau(clock, actor)
    if actor.has("expert", "third_party"):
        yield _to_score(actor)
    if actor.has("operator"):
        yield parked_events(lambda type: label("event", type).to_dict())


def _of_bureau(clock: Clock, actor: Actor) -> Iterator[Waiting]:
    """Yield the tasks about the open cases of a bureau, by their kind: draft an opinion, sign one (another person's draft, if a
    draft is required), decide, seat a panel, or close overdue scoring."""
    if actor.has("officer"):
        yield Waiting("opinion_to_draft", "draft", _stored(actor, DRAFT), _case)
        yield Waiting("opinion_to_draft", "draft", _stored(actor, PROPOSE), _case)
    if actor.has("chief"):
        by_another = not_drafted_by(actor)
        yield Waiting("opinion_to_sign", "sign", _stored(actor, SIGN, by_another), _case)
        yield Waiting("opinion_to_sign", "sign", _stored(actor, SIGN_UNDRAFTED), _case)
        yield Waiting("decision", "decide", _stored(actor, DECIDE, by_another), _case)
    yield Waiting("panel", "appoint_panel", _stored(actor, PANEL), _case)
    late = case_tasks.c.due_on < clock.today().isoformat()
    yield Waiting("scoring_overdue", "close_scoring", _stored(actor, SCORING, late), _case)


def _stored(actor: Actor, kind: str, *where: ColumnElement[bool]) -> Select[Any]:
    """Select the bureau's tasks of one kind. The outer join to the cases adds and removes no row, so the database leaves the join
    out when it counts, and reads the count from the index of the tasks alone."""
    joined = case_tasks.outerjoin(cases, cases.c.id == case_tasks.c.case_id)
    own = (case_tasks.c.bureau == actor.bureau, case_tasks.c.kind == kind, *where)
    return select(*_LINE).select_from(joined).where(*own).order_by(case_tasks.c.due_on, case_tasks.c.case_id)


def _to_score(actor: Actor) -> Waiting:
    """Return the cases that the actor must score and has not scored (A6(2))."""
    statement = (
        select(*_LINE)
        .join(seats, seats.c.case_id == cases.c.id)
        .where(seats.c.account == actor.username, *repository.readable_by_seat())
        .where(or_(cases.c.scoring_closed_at.is_(None), seats.c.late))
        .where(~exists().where(scores.c.seat_id == seats.c.id))
        .order_by(cases.c.due_on, cases.c.id)
    )
    return Waiting("score", "score", statement, _case)


def _case(row: Row[Any]) -> Entry:
    return Entry(f"review/{row.id}", row.title, label("case_kind", row.kind).to_dict(), row.due_on, lead=row.lead)
