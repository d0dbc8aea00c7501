"""The rows of a bureau in the review database: its cases with everything that belongs to them, and the accounts, calls and
subjects that they need."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, Table, func, or_, select
from sqlalchemy.dialects.postgresql import Insert

from services.kernel.relocation.table_selection import TableSelection, keep_existing
from services.review.tables import (
    accounts,
    calls,
    case_tasks,
    cases,
    decision_lists,
    deployments,
    draws,
    opinions,
    rounds,
    scores,
    seats,
    subjects,
)


def _of_cases(table: Table) -> Callable[[str], ColumnElement[bool]]:
    return lambda bureau: table.c.case_id.in_(select(cases.c.id).where(cases.c.bureau == bureau))


def _own_subjects(bureau: str) -> ColumnElement[bool]:
    """SQL condition: subjects about which the bureau has or will have a case, and those whose recommender is not known yet."""
    own_subjects = select(cases.c.subject).where(cases.c.bureau == bureau)
    return or_(subjects.c.home == bureau, subjects.c.home.is_(None), subjects.c.subject.in_(own_subjects))


def _own_people(bureau: str) -> ColumnElement[bool]:
    """SQL condition: the bureau's officials, and every account with a seat on its cases."""
    seated = select(seats.c.account).join(cases, cases.c.id == seats.c.case_id).where(cases.c.bureau == bureau)
    return or_(accounts.c.bureau == bureau, accounts.c.username.in_(seated))


def _own_calls(bureau: str) -> ColumnElement[bool]:
    return calls.c.id.in_(select(cases.c.call).where(cases.c.bureau == bureau))


def _merge_subject(insert: Insert) -> Insert:
    """Merge a subject's row with the target's: one database may know that the subject ended, or its recommender, while the other
    does not."""
    merged = {name: func.coalesce(subjects.c[name], insert.excluded[name]) for name in ("ended", "home")}
    return insert.on_conflict_do_update(index_elements=[subjects.c.subject], set_=merged)


def _replace_if_newer(insert: Insert) -> Insert:
    values = {column.name: insert.excluded[column.name] for column in accounts.columns if not column.primary_key}
    newer = insert.excluded.sequence > accounts.c.sequence
    return insert.on_conflict_do_update(index_elements=[accounts.c.username], set_=values, where=newer)


#: Tables of the deployment itself, which stay where they are.
STAYS = (deployments,)
#: The tables in an order in which a table comes after those to which it refers.
PORTION = (
    TableSelection(calls, _own_calls, leaves=False, merge=keep_existing),
    TableSelection(accounts, _own_people, leaves=False, merge=_replace_if_newer),
    TableSelection(subjects, _own_subjects, leaves=False, merge=_merge_subject),
    TableSelection(cases, lambda bureau: cases.c.bureau == bureau),
    TableSelection(rounds, _of_cases(rounds)),
    TableSelection(opinions, _of_cases(opinions)),
    TableSelection(seats, _of_cases(seats)),
    TableSelection(scores, _of_cases(scores)),
    TableSelection(draws, _of_cases(draws)),
    TableSelection(case_tasks, _of_cases(case_tasks)),
    TableSelection(decision_lists, lambda bureau: decision_lists.c.bureau == bureau),
)
