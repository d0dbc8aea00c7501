"""The rows of a bureau in the review database, which a relocation copies to another database: the bureau's cases with everything
that belongs to the cases, and the accounts, calls and subjects that the cases need."""

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
    """SQL condition: the subject is one about which the bureau has or will have a case, or its recommender is not known yet."""
    own_subjects = select(cases.c.subject).where(cases.c.bureau == bureau)
    return or_(subjects.c.home == bureau, subjects.c.home.is_(None), subjects.c.subject.in_(own_subjects))


def _own_people(bureau: str) -> ColumnElement[bool]:
    """SQL condition: the account belongs to the bureau, or has a seat on one of its cases."""
    seated = select(seats.c.account).join(cases, cases.c.id == seats.c.case_id).where(cases.c.bureau == bureau)
    return or_(accounts.c.bureau == bureau, accounts.c.username.in_(seated))


def _own_calls(bureau: str) -> ColumnElement[bool]:
    return calls.c.id.in_(select(cases.c.call).where(cases.c.bureau == bureau))


def _merge_subject(insert: Insert) -> Insert:
    """Merge a subject's row with the row of the same subject in the target database: one database may know that the subject
    ended, or its recommender, while the other does not."""
    merged = {name: func.coalesce(subjects.c[name], insert.excluded[name]) for name in ("ended", "home")}
    return insert.on_conflict_do_update(index_elements=[subjects.c.subject], set_=merged)


def _replace_if_newer(insert: Insert) -> Insert:
    values = {column.name: insert.excluded[column.name] for column in accounts.columns if not column.primary_key}
    newer = insert.excluded.sequence > accounts.c.sequence
    return insert.on_conflict_do_update(index_elements=[accounts.c.username], set_=values, where=newer)


#: Tables about the deployment itself, which a relocation does not copy.
STAYS = (deployments,)
#: The tables that a relocation copies, each with its rows of a bureau. A table comes after the tables to which it refers.
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
