"""Rounds of evaluation, who takes part in them, and the outcomes they claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from services.evaluation.domain.participation import RUNNING, Participation
from services.evaluation.domain.round import Round
from services.evaluation.tables import (
    consortia,
    evaluations,
    outcome_claims,
    participation_readers,
    participation_versions,
    participations,
)
from services.kernel.database import insert_into
from services.kernel.errors import NotFound


def no_round() -> NotFound:
    return NotFound("no_such_evaluation", "没有这一轮评估。", "There is no such round of evaluation.")


def no_participation() -> NotFound:
    """There is none, or the actor may not know that there is."""
    return NotFound(
        "no_such_participation",
        "该创新联合体没有参加这一轮评估，或您无权查看。",
        "This consortium takes no part in this round, or it is not for you to see.",
    )


def round(session: Session, id: str, *, lock: bool = False) -> Round:
    """Raises NotFound."""
    found = session.get(Round, id, with_for_update=lock or None, populate_existing=lock)
    if found is None:
        raise no_round()
    return found


def participation(session: Session, evaluation: str, consortium: str, *, lock: bool = False) -> Participation:
    """A consortium's part in a round. Raises NotFound."""
    statement = select(Participation).where(participations.c.evaluation == evaluation, participations.c.consortium == consortium)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = session.execute(statement).scalar_one_or_none()
    if found is None:
        raise no_participation()
    return found


def by_id(session: Session, id: str) -> Participation:
    """One by its own id, locked. Raises NotFound."""
    found = session.get(Participation, id, with_for_update=True, populate_existing=True)
    if found is None:
        raise no_participation()
    return found


def with_consortium(session: Session, id: str) -> Participation:
    """One by its own id, locked after its consortium, as everybody locks. Raises NotFound."""
    of = select(participations.c.consortium).where(participations.c.id == id)
    session.execute(select(consortia.c.id).where(consortia.c.id.in_(of.scalar_subquery())).with_for_update())
    return by_id(session, id)


def of_round(session: Session, evaluation: str, *statuses: str, lock: bool = False) -> list[Participation]:
    """Who takes part, of any status or of these."""
    statement = select(Participation).where(participations.c.evaluation == evaluation).order_by(participations.c.id)
    if statuses:
        statement = statement.where(participations.c.status.in_(statuses))
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return list(session.scalars(statement))


def unfinished(session: Session, consortia: Iterable[str]) -> set[str]:
    """Those of these consortia that are in a round which is not over for them."""
    statement = select(participations.c.consortium).where(
        participations.c.consortium.in_(set(consortia)), participations.c.status.in_((*RUNNING, "graded"))
    )
    return set(session.scalars(statement))


def running_of(session: Session, consortium: str) -> list[Participation]:
    """A consortium's parts in rounds that are not over for it, locked."""
    statement = select(Participation).where(
        participations.c.consortium == consortium, participations.c.status.in_((*RUNNING, "graded"))
    )
    return list(session.scalars(statement.with_for_update()))


def counts(session: Session, evaluations: Sequence[str]) -> dict[str, Counter[str]]:
    """Round → status → how many."""
    statement = (
        select(participations.c.evaluation, participations.c.status, func.count())
        .where(participations.c.evaluation.in_(evaluations))
        .group_by(participations.c.evaluation, participations.c.status)
    )
    found: dict[str, Counter[str]] = {id: Counter() for id in evaluations}
    for id, status, count in session.execute(statement):
        found[id][status] = count
    return found


def keep_version(session: Session, participation: Participation, by: str) -> None:
    """What was handed in stays as it was."""
    row = {
        "participation": participation.id,
        "number": participation.version,
        "submitted_at": participation.submitted_at,
        "submitted_by": by,
        "content": participation.content,
        "papers": participation.papers,
    }
    session.execute(insert(participation_versions), row)


def assign_readers(session: Session, participation: str, usernames: Iterable[str]) -> None:
    """These may read its papers from now on, and nobody else of the experts."""
    session.execute(delete(participation_readers).where(participation_readers.c.participation == participation))
    if rows := [{"participation": participation, "username": name} for name in sorted(set(usernames))]:
        session.execute(insert(participation_readers), rows)


def papers_for(session: Session, username: str, consortium: str) -> list[str]:
    """The ids of the papers that an expert is to read about a consortium."""
    statement = (
        select(participations.c.papers)
        .join(participation_readers, participation_readers.c.participation == participations.c.id)
        .where(participation_readers.c.username == username, participations.c.consortium == consortium)
    )
    return sorted({paper["id"] for papers in session.scalars(statement) for paper in papers})


# Outcomes


def claim(
    session: Session, participation: Participation, outcomes: Sequence[Mapping[str, Any]], now: datetime
) -> list[tuple[int, str]]:
    """Make these outcomes the participation's, and free those it claims no more. Answers the places of those that another has,
    with the round that has them; then the transaction must not be kept. Two that claim one outcome at once wait for
    each other here: rows are inserted in the order of their keys."""
    wanted = {(outcome["kind"], outcome["key"]): place for place, outcome in enumerate(outcomes)}
    held = select(outcome_claims.c.kind, outcome_claims.c.key).where(outcome_claims.c.participation == participation.id)
    mine = {(row.kind, row.key) for row in session.execute(held)}
    for kind, key in sorted(mine - set(wanted)):
        session.execute(delete(outcome_claims).where(outcome_claims.c.kind == kind, outcome_claims.c.key == key))
    rows = [
        {
            "kind": kind,
            "key": key,
            "participation": participation.id,
            "evaluation": participation.evaluation,
            "identifier": outcomes[wanted[kind, key]]["identifier"],
            "claimed_at": now,
        }
        for kind, key in sorted(set(wanted) - mine)
    ]
    if not rows:
        return []
    statement = insert_into(session.get_bind().dialect.name, outcome_claims).on_conflict_do_nothing()
    got = {tuple(row) for row in session.execute(statement.returning(outcome_claims.c.kind, outcome_claims.c.key), rows)}
    return [(wanted[row["kind"], row["key"]], _holder(session, row)) for row in rows if (row["kind"], row["key"]) not in got]


def _holder(session: Session, row: Mapping[str, Any]) -> str:
    statement = select(outcome_claims.c.evaluation).where(
        outcome_claims.c.kind == row["kind"], outcome_claims.c.key == row["key"]
    )
    return session.execute(statement).scalar_one()  # type: ignore[no-any-return]


def free_claims(session: Session, participation: str) -> None:
    """It ends without a grade: what it claimed was not used."""
    session.execute(delete(outcome_claims).where(outcome_claims.c.participation == participation))


def titles(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Titles of rounds by id."""
    found = session.execute(select(evaluations.c.id, evaluations.c.title).where(evaluations.c.id.in_(set(ids))))
    return {row.id: row.title for row in found}


# What falls due


def ended_windows(session: Session, now: datetime, limit: int) -> list[str]:
    """Participations nobody handed anything in for, although their round's window is over."""
    statement = (
        select(participations.c.id)
        .join(evaluations, evaluations.c.id == participations.c.evaluation)
        .where(participations.c.status == "invited", evaluations.c.closes_at < now)
        .order_by(participations.c.id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def lapsed_corrections(session: Session, now: datetime, limit: int) -> list[str]:
    """Returned participations whose correction window is over."""
    statement = (
        select(participations.c.id)
        .where(participations.c.status == "returned", participations.c.correction_due < now)
        .order_by(participations.c.correction_due)
        .limit(limit)
    )
    return list(session.scalars(statement))


def ended_publicity(session: Session, now: datetime) -> list[str]:
    """Rounds whose grades take effect now."""
    statement = select(evaluations.c.id).where(evaluations.c.status == "publicised", evaluations.c.publicity_ends < now)
    return list(session.scalars(statement.order_by(evaluations.c.id)))
