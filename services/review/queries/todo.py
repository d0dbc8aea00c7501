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
from services.review.domain.case import DECISION, EXPERT_REVIEW
from services.review.domain.panel import SEATED
from services.review.tables import cases, opinions, rounds, scores, seats

#: The name of the lead, as the case's present round states it; read only for the rows of the answer.
_LEAD = (
    select(rounds.c.material["lead"]["name"].as_string())
    .where(rounds.c.case_id == cases.c.id, rounds.c.number == cases.c.round)
    .scalar_subquery()
)
_LINE = (cases.c.id, cases.c.title, cases.c.kind, cases.c.due_on, _LEAD.label("lead"))
#: SQL condition: the opinion is a draft for which the case waits.
_DRAFTS = (
    opinions.c.case_id == cases.c.id,
    opinions.c.round == cases.c.round,
    opinions.c.stage == cases.c.stage,
    opinions.c.corrects.is_(None),
    ~opinions.c.signed,
)
_SEATED = (seats.c.case_id == cases.c.id, seats.c.state == SEATED)


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
    """Yield the open cases of a bureau, by the next step: a draft, a signature (if another person drafted, or no draft is
    required), a panel, or the end of late scoring."""
    opinion_wanted = cases.c.stage != EXPERT_REVIEW
    drafted, by_another = exists().where(*_DRAFTS), exists().where(*_DRAFTS, opinions.c.by != actor.username)
    if actor.has("officer"):
        # A decision requires an officer's draft only with four eyes. If the case does not say whether four eyes apply, both roles
        # see the task.
        waits = (cases.c.stage != DECISION) | cases.c.four_eyes.is_(None) | cases.c.four_eyes
        yield Waiting("opinion_to_draft", "draft", _open(actor, opinion_wanted, ~drafted, waits), _case)
    if actor.has("chief"):
        waits = by_another | cases.c.four_eyes.is_(None) | ~cases.c.four_eyes
        signed = _open(actor, opinion_wanted, cases.c.stage != DECISION, waits)
        yield Waiting("opinion_to_sign", "sign", signed, _case)
        scored = ~exists().where(*_SEATED, or_(cases.c.scoring_closed_at.is_(None), seats.c.late))
        yield Waiting("decision", "decide", _open(actor, cases.c.stage == DECISION, waits, scored), _case)
    scoring, panel = cases.c.stage == EXPERT_REVIEW, exists().where(*_SEATED)
    yield Waiting("panel", "appoint_panel", _open(actor, scoring, ~panel), _case)
    late = cases.c.due_on < clock.today().isoformat()
    yield Waiting("scoring_overdue", "close_scoring", _open(actor, scoring, panel, late), _case)


def _open(actor: Actor, *where: ColumnElement[bool]) -> Select[Any]:
    statement = select(*_LINE).where(cases.c.bureau == actor.bureau, cases.c.settled == 0, *where)
    return statement.order_by(cases.c.due_on, cases.c.id)


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
