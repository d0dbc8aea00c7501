"""The tasks of a bureau's officials about its open cases. The tasks are computed from cases, opinions and seats, and stored, so
that PostgreSQL reads a list of tasks from an index, however many cases wait for other steps."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    case,
    cast,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from services.kernel.identity import Actor
from services.kernel.persistence.subject_rows import Subject
from services.policy.bureaus import BUREAUS
from services.review.domain.case import DECISION, EXPERT_REVIEW
from services.review.domain.panel import SeatState
from services.review.tables import case_tasks, cases, opinions, seats

#: The kinds of tasks: draft an opinion that has no draft; sign a draft; sign an opinion that has no draft and requires none;
#: propose a decision; decide; seat a panel; close the panel's scoring when it is overdue.
DRAFT, SIGN, SIGN_UNDRAFTED, PROPOSE, DECIDE = "draft", "sign", "sign_undrafted", "propose", "decide"
PANEL, SCORING = "panel", "scoring"

#: SQL conditions: the opinion is a draft for the case's present round and stage.
_DRAFTS = (
    opinions.c.case_id == cases.c.id,
    opinions.c.round == cases.c.round,
    opinions.c.stage == cases.c.stage,
    opinions.c.corrects.is_(None),
    ~opinions.c.signed,
)
_DRAFTED = exists().where(*_DRAFTS)
#: SQL condition: a chief may sign without a draft. If the case does not say whether four eyes apply, its officers have the task
#: to draft and its chiefs have the task to sign.
_WITHOUT_DRAFT = cases.c.four_eyes.is_(None) | ~cases.c.four_eyes
_BY_OPINION = cases.c.stage.not_in((EXPERT_REVIEW, DECISION))
_SEATED = (seats.c.case_id == cases.c.id, seats.c.state == SeatState.SEATED)
_PANEL = exists().where(*_SEATED)
_AWAITED = exists().where(*_SEATED, or_(cases.c.scoring_closed_at.is_(None), seats.c.late))
#: Kind of task → the SQL condition for the open cases that have it.
_KINDS: dict[str, ColumnElement[bool]] = {
    DRAFT: _BY_OPINION & ~_DRAFTED,
    SIGN: _BY_OPINION & _DRAFTED,
    SIGN_UNDRAFTED: _BY_OPINION & ~_DRAFTED & _WITHOUT_DRAFT,
    PROPOSE: (cases.c.stage == DECISION) & ~_DRAFTED & (cases.c.four_eyes.is_(None) | cases.c.four_eyes),
    DECIDE: (cases.c.stage == DECISION) & (_DRAFTED | _WITHOUT_DRAFT) & ~_AWAITED,
    PANEL: (cases.c.stage == EXPERT_REVIEW) & ~_PANEL,
    SCORING: (cases.c.stage == EXPERT_REVIEW) & _PANEL,
}
#: SQL: the author of all drafts for the case's present round and stage; null if there are several authors.
_AUTHOR = select(case((func.min(opinions.c.by) == func.max(opinions.c.by), func.min(opinions.c.by)))).where(*_DRAFTS)
_NOBODY = cast(null(), String(120))
_DRAFTED_BY = case((_WITHOUT_DRAFT, _NOBODY), else_=_AUTHOR.scalar_subquery())


def not_drafted_by(actor: Actor) -> ColumnElement[bool]:
    """Return the SQL condition that the actor may sign the task's draft: another person wrote the draft, or no draft is
    required."""
    return case_tasks.c.drafted_by.is_(None) | (case_tasks.c.drafted_by != actor.username)


def refresh(session: Session, subjects: Collection[Subject]) -> None:
    """Compute and store the present tasks of the cases about these subjects. It runs at the end of each transaction that changed
    one of these cases."""
    _store(session, tuple_(cases.c.bureau, cases.c.subject).in_(sorted(subjects)))


def outdated(session: Session) -> list[str]:
    """Return the ids of the cases whose stored tasks differ from the computed ones. An earlier release leaves such cases, because
    it stores no tasks."""
    kept = union_all(select(_computed(cases.c.bureau.in_(BUREAUS)).subquery()), select(case_tasks)).subquery()
    alone = select(kept.c.case_id).group_by(*kept.c).having(func.count() == 1)
    return sorted(set(session.scalars(alone)))


def renew(session: Session, id: str) -> str:
    """Compute and store the present tasks of one case, unless its bureau is being moved to another database."""
    fenced = session.info.get("fenced", ())
    _store(session, (cases.c.id == id) & cases.c.bureau.not_in(fenced))
    return "renewed"


def _store(session: Session, whose: ColumnElement[bool]) -> None:
    session.execute(delete(case_tasks).where(case_tasks.c.case_id.in_(select(cases.c.id).where(whose))))
    session.execute(case_tasks.insert().from_select(list(case_tasks.c.keys()), _computed(whose)))


def _computed(whose: ColumnElement[bool]) -> CompoundSelect[Any]:
    """Return the statement that computes the tasks of those open cases that fulfil the condition `whose`, with the columns of
    `case_tasks`."""
    return union_all(*(_of_kind(kind, waits).where(cases.c.settled == 0, whose) for kind, waits in _KINDS.items()))


def _of_kind(kind: str, waits: ColumnElement[bool]) -> Select[Any]:
    drafted_by = _DRAFTED_BY if kind in (SIGN, DECIDE) else _NOBODY
    named = (cases.c.id.label("case_id"), cast(literal(kind), String(20)).label("kind"))
    return select(*named, cases.c.bureau, cases.c.due_on, drafted_by.label("drafted_by")).where(waits)
