"""The inbox of a bureau's officials, and of a reviewer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, TypedDict, cast

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_
from sqlalchemy.orm import Session

from services.contracts.review.answers import ReviewCountsDict, ReviewItemDict, ReviewLineDict
from services.contracts.review.case_parts import Organisation
from services.kernel.clock import Clock
from services.kernel.identity import PROVINCE, Actor
from services.kernel.persistence.paging import COUNTED, page, total
from services.kernel.persistence.typed_rows import typed_row
from services.policy import working_days_between
from services.review import repository
from services.review.case_tasks import DRAFT, SIGN, not_drafted_by
from services.review.domain.case import DECISION, EXPERT_REVIEW, Case, CaseStatus
from services.review.tables import case_tasks, cases, opinions, rounds, seats

#: SQL conditions: the opinion is a draft for the case's present round and stage.
_DRAFTS = (
    opinions.c.case_id == cases.c.id,
    opinions.c.round == cases.c.round,
    opinions.c.stage == cases.c.stage,
    opinions.c.corrects.is_(None),
    ~opinions.c.signed,
)
#: Value of `awaiting` (the next step of an open case) → the kind of task that such a case has.
_TASKS = {"draft": DRAFT, "signature": SIGN}
#: Value of `awaiting` (the next step of an open case) → the stage of such a case.
_STAGES = {"scores": EXPERT_REVIEW, "decision": DECISION}
_KEY: list[ColumnElement[Any]] = [cases.c.settled, cases.c.due_on, cases.c.id]
#: The columns of `case_tasks` that give the cases with one kind of task the order of `_KEY`.
_BY_TASK: list[ColumnElement[Any]] = [case_tasks.c.due_on, case_tasks.c.case_id]
#: The sort key for the order of opening within a bureau: a case's id begins with the bureau and continues with the time.
_BY_OPENING: list[ColumnElement[Any]] = [cases.c.id]
#: Sort order → its key, and whether it is descending.
_ORDERS: dict[str | None, tuple[list[ColumnElement[Any]], bool]] = {
    None: (_KEY, False),
    "due": (_KEY, False),
    "oldest": (_BY_OPENING, False),
    "newest": (_BY_OPENING, True),
}


class ReviewPageDict(TypedDict):
    items: list[ReviewLineDict]
    next_cursor: str | None
    total: int | None


class KnownLine(TypedDict):
    """The members of a row of the inbox that are read from other tables than the case's own."""

    lead: Organisation | None
    draft_by: str | None


def list_reviews(
    session: Session,
    clock: Clock,
    actor: Actor,
    limit: int = 50,
    cursor: str | None = None,
    stage: str | None = None,
    status: str | Collection[str] | None = None,
    of_bureau: str | None = None,
    overdue: bool | None = None,
    kind: str | None = None,
    call: str | None = None,
    assigned_to: str | None = None,
    awaiting: str | None = None,
    q: str | None = None,
    chosen: Sequence[str] | None = None,
    mine: bool | None = None,
    sort: str | None = None,
) -> ReviewPageDict:
    """List the cases that the actor may see; those that wait for action come first, by due date. Officers and chiefs see their
    bureau's cases, reviewers the cases that are assigned to them and not decided yet, auditors the cases of any one bureau (the
    province's if none is named). `awaiting` selects open cases whose next step is a draft, a signature, scores or the decision;
    `q` is a part of the title; `chosen` are case ids. `mine`: only cases that are assigned to the actor or to no account.
    `status`: one status or several (an earlier gateway sends one). `sort`: `due` as above, `newest` or `oldest` by the time of
    opening."""
    key, descending = _ORDERS[sort]
    task = _TASKS.get(awaiting or "")
    # The bureau is a condition on one table only, so that SQLite begins with the tasks and not with all cases.
    bureau = case_tasks.c.bureau if task else cases.c.bureau
    if task and key is _KEY:
        key = _BY_TASK
    today = clock.today().isoformat()
    wanted = {
        cases.c.stage: stage,
        bureau: of_bureau,
        cases.c.kind: kind,
        cases.c.call: call,
        cases.c.assigned_to: assigned_to,
    }
    statement = _visible(actor, bureau, of_bureau, key)
    statement = statement.where(*(column == value for column, value in wanted.items() if value is not None))
    if status is not None:
        statuses = [status] if isinstance(status, str) else list(status)
        statement = statement.where(cases.c.status == statuses[0] if len(statuses) == 1 else cases.c.status.in_(statuses))
    if overdue is not None:
        # In the inbox's order, late cases are exactly the cases before (0, today). So the late cases are one range of the index,
        # and all other cases are another range.
        sort_key, first_key = tuple_(cases.c.settled, cases.c.due_on), (0, today)
        statement = statement.where(sort_key < first_key if overdue else sort_key >= first_key)
    if task:
        statement = statement.where(case_tasks.c.case_id == cases.c.id, case_tasks.c.kind == task)
    elif awaiting is not None:
        statement = statement.where(cases.c.settled == 0, cases.c.stage == _STAGES[awaiting])
    if chosen is not None:
        statement = statement.where(cases.c.id.in_(chosen))
    if q:
        statement = statement.where(cases.c.title.contains(q, autoescape=True))
    if mine:
        statement = statement.where(_assigned_to_actor_or_none(actor))
    rows, next_cursor = page(session, statement, key, limit=limit, cursor=cursor, descending=descending)
    details = _line_details(session, [row.Case for row in rows], actor)
    items = [cast(ReviewLineDict, {**item(row.Case, today), **details[row.Case.id]}) for row in rows]
    counted = total(session, statement, key, len(rows), cursor=cursor, more=next_cursor)
    return {"items": items, "next_cursor": next_cursor, "total": counted}


def review_counts(session: Session, clock: Clock, actor: Actor) -> ReviewCountsDict:
    """Return the number of cases in each tab of the inbox, up to `COUNTED` each: the cases of the official's bureau or, for an
    auditor, the province's."""
    actor.require("officer", "chief", "auditor")
    bureau = PROVINCE if actor.has("auditor") else actor.bureau
    own, tasks = cases.c.bureau == bureau, case_tasks.c.bureau == bureau
    pending = own & (cases.c.settled == 0)
    to_draft = select(case_tasks.c.case_id).join(cases, cases.c.id == case_tasks.c.case_id)
    tabs = {
        "draft": to_draft.where(tasks, case_tasks.c.kind == DRAFT, _assigned_to_actor_or_none(actor)),
        "signature": select(case_tasks.c.case_id).where(tasks, case_tasks.c.kind == SIGN, not_drafted_by(actor)),
        "scores": select(cases.c.id).where(pending, cases.c.stage == EXPERT_REVIEW),
        "decision": select(cases.c.id).where(pending, cases.c.stage == DECISION),
        "returned": select(cases.c.id).where(own, cases.c.status == CaseStatus.RETURNED),
        "overdue": select(cases.c.id).where(pending, cases.c.due_on < clock.today().isoformat()),
        "settled": select(cases.c.id).where(own, cases.c.settled == 1, cases.c.status != CaseStatus.RETURNED),
    }
    statements = {name: condition.limit(COUNTED).subquery() for name, condition in tabs.items()}
    counts = [select(func.count()).select_from(each).scalar_subquery().label(name) for name, each in statements.items()]
    return typed_row(ReviewCountsDict, session.execute(select(*counts)).one())


def _assigned_to_actor_or_none(actor: Actor) -> ColumnElement[bool]:
    return or_(cases.c.assigned_to.is_(None), cases.c.assigned_to == actor.username)


def _line_details(session: Session, page: Sequence[Case], actor: Actor) -> dict[str, KnownLine]:
    """Return case id → the members of a row of the inbox that are read from other tables than the case's own: the lead and, for
    officials and auditors only, the author of the newest draft of the present stage. Each member takes one query for the whole
    page."""
    ids = [case.id for case in page]
    lead = rounds.c.material["lead"]
    present = (rounds.c.case_id == cases.c.id) & (rounds.c.number == cases.c.round)
    statement = select(rounds.c.case_id, lead.label("lead")).select_from(rounds).join(cases, present)
    leads = {row.case_id: row.lead for row in session.execute(statement.where(rounds.c.case_id.in_(ids)))}
    drafts: dict[str, str] = {}
    if actor.official or actor.has("auditor"):
        drafted = select(opinions.c.case_id, opinions.c.by).join(cases, cases.c.id == opinions.c.case_id)
        for row in session.execute(drafted.where(cases.c.id.in_(ids), *_DRAFTS).order_by(opinions.c.id)):
            drafts[row.case_id] = row.by
    return {id: {"lead": leads.get(id), "draft_by": drafts.get(id)} for id in ids}


def _visible(actor: Actor, bureau: ColumnElement[str], of_bureau: str | None, key: Sequence[ColumnElement[Any]]) -> Select[Any]:
    statement = select(*key, Case)
    if actor.has("auditor"):
        return statement.where(bureau == (of_bureau or PROVINCE))
    if actor.official:
        return statement.where(bureau == actor.bureau)
    actor.require("expert", "third_party")
    seated = statement.join(seats, seats.c.case_id == cases.c.id)
    return seated.where(seats.c.account == actor.username, *repository.readable_by_seat())


def item(case: Case, today: str) -> ReviewItemDict:
    """Serialize a case as one row of the inbox."""
    return {
        "id": case.id,
        "subject": case.subject,
        "version": case.version,
        "round": case.round,
        "kind": case.kind,
        "title": case.title,
        "stage": case.stage,
        "status": case.status,
        "bureau": case.bureau,
        "recommender": case.recommender,
        "call": case.call,
        "assigned_to": case.assigned_to,
        "due_on": case.due_on,
        "overdue": case.overdue(today),
        "working_days_left": _working_days_left(case, today),
        "opened_at": case.opened_at.isoformat(),
    }


def _working_days_left(case: Case, today: str) -> int | None:
    if case.status != CaseStatus.OPEN:
        return None
    return working_days_between(date.fromisoformat(today), date.fromisoformat(case.due_on))
