"""Load and store evaluation rounds and participations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, func, insert, or_, select
from sqlalchemy.orm import Session

from services.contracts.evaluation.stored import Deferral
from services.evaluation.domain.evaluation_duty import Part
from services.evaluation.domain.participation import RUNNING, DeferralStatus, Participation, ParticipationStatus
from services.evaluation.domain.round import Round, RoundStatus
from services.evaluation.tables import (
    consortia,
    evaluations,
    grade_objections,
    participation_readers,
    participation_versions,
    participations,
)
from services.kernel.errors import NotFound
from services.objections.table import unanswered


def no_round() -> NotFound:
    return NotFound("no_such_evaluation", "没有这一轮评估。", "There is no such round of evaluation.")


def no_participation() -> NotFound:
    """Return the error for a participation that does not exist or that the actor may not know about."""
    return NotFound(
        "no_such_participation",
        "该创新联合体没有参加这一轮评估，或您无权查看。",
        "This consortium takes no part in this round, or it is not for you to see.",
    )


def round(session: Session, id: str, *, lock: bool = False) -> Round:
    """Return the round. Raises NotFound."""
    row = session.get(Round, id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise no_round()
    return row


def participation(session: Session, evaluation: str, consortium: str, *, lock: bool = False) -> Participation:
    """Return a consortium's participation in a round. Raises NotFound."""
    statement = select(Participation).where(participations.c.evaluation == evaluation, participations.c.consortium == consortium)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    row = session.execute(statement).scalar_one_or_none()
    if row is None:
        raise no_participation()
    return row


def by_id(session: Session, id: str) -> Participation:
    """Lock and return a participation by its own id. Raises NotFound."""
    row = session.get(Participation, id, with_for_update=True, populate_existing=True)
    if row is None:
        raise no_participation()
    return row


def with_consortium(session: Session, id: str) -> Participation:
    """Lock and return a participation by its own id. Its consortium is locked first, as in every transaction. Raises NotFound."""
    consortium = select(participations.c.consortium).where(participations.c.id == id)
    session.execute(select(consortia.c.id).where(consortia.c.id.in_(consortium.scalar_subquery())).with_for_update())
    return by_id(session, id)


def evaluation_of(session: Session, id: str) -> str:
    """Return the id of the round to which a participation belongs."""
    return str(session.execute(select(participations.c.evaluation).where(participations.c.id == id)).scalar_one())


def of_round(session: Session, evaluation: str, *statuses: str, lock: bool = False) -> list[Participation]:
    """Return the participations of a round; only those with one of these statuses, if any are given."""
    statement = select(Participation).where(participations.c.evaluation == evaluation).order_by(participations.c.id)
    if statuses:
        statement = statement.where(participations.c.status.in_(statuses))
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return list(session.scalars(statement))


def unfinished(session: Session, consortia: Iterable[str]) -> set[str]:
    """Return the ids of those of these consortia that have a participation which has not ended."""
    statement = select(participations.c.consortium).where(
        participations.c.consortium.in_(set(consortia)), participations.c.status.in_((*RUNNING, ParticipationStatus.GRADED))
    )
    return set(session.scalars(statement))


def running_of(session: Session, consortium: str) -> list[Participation]:
    """Lock and return a consortium's participations that have not ended."""
    statement = select(Participation).where(
        participations.c.consortium == consortium, participations.c.status.in_((*RUNNING, ParticipationStatus.GRADED))
    )
    return list(session.scalars(statement.with_for_update()))


def counts(session: Session, evaluations: Sequence[str]) -> dict[str, Counter[str]]:
    """Count the participations of each round by status."""
    statement = (
        select(participations.c.evaluation, participations.c.status, func.count())
        .where(participations.c.evaluation.in_(evaluations))
        .group_by(participations.c.evaluation, participations.c.status)
    )
    counts_by_round: dict[str, Counter[str]] = {id: Counter() for id in evaluations}
    for id, status, count in session.execute(statement):
        counts_by_round[id][status] = count
    return counts_by_round


def keep_version(session: Session, participation: Participation, username: str) -> None:
    """Store the submitted content and documents of a participation's report as a version, which never changes."""
    row = {
        "participation": participation.id,
        "number": participation.version,
        "submitted_at": participation.submitted_at,
        "submitted_by": username,
        "content": participation.content,
        "papers": participation.papers,
    }
    session.execute(insert(participation_versions), row)


def assign_readers(session: Session, participation: str, usernames: Iterable[str]) -> None:
    """Replace the experts who may read the participation's documents."""
    session.execute(delete(participation_readers).where(participation_readers.c.participation == participation))
    if rows := [{"participation": participation, "username": name} for name in sorted(set(usernames))]:
        session.execute(insert(participation_readers), rows)


def add_reader(session: Session, participation: str, username: str) -> None:
    """Add an account that may read the participation's documents."""
    row = {"participation": participation, "username": username}
    this_reader = (participation_readers.c.participation == participation) & (participation_readers.c.username == username)
    session.execute(delete(participation_readers).where(this_reader))
    session.execute(insert(participation_readers).values(**row))


def papers_for(session: Session, username: str, consortium: str) -> list[str]:
    """Return the ids of the documents that a consortium submitted with a participation and that this reviewer may read; empty
    once the participation is graded or has ended."""
    statement = (
        select(participations.c.papers)
        .join(participation_readers, participation_readers.c.participation == participations.c.id)
        .where(
            participation_readers.c.username == username,
            participations.c.consortium == consortium,
            participations.c.status == ParticipationStatus.SUBMITTED,
        )
    )
    return sorted({paper["id"] for papers in session.scalars(statement) for paper in papers})


def titles(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Return the titles of rounds by id."""
    rows = session.execute(select(evaluations.c.id, evaluations.c.title).where(evaluations.c.id.in_(set(ids))))
    return {row.id: row.title for row in rows}


def history(session: Session, consortium: str) -> list[Part]:
    """Return how a consortium's participations in all rounds ended, the last round first."""
    statement = (
        select(participations.c.status, participations.c.mandatory, evaluations.c.issued_on)
        .join(evaluations, evaluations.c.id == participations.c.evaluation)
        .where(participations.c.consortium == consortium)
        .order_by(participations.c.id.desc())
    )
    return [Part(*row) for row in session.execute(statement)]


def previous_deferral(session: Session, participation: Participation) -> Deferral | None:
    """Return the deferral that the consortium was granted in its previous round; None if its participation in that round ended
    otherwise. Cancelled rounds do not count."""
    statement = (
        select(participations.c.status, participations.c.deferral)
        .where(
            participations.c.consortium == participation.consortium,
            participations.c.id < participation.id,
            participations.c.status.not_in((ParticipationStatus.CANCELLED, ParticipationStatus.ENDED)),
        )
        .order_by(participations.c.id.desc())
        .limit(1)
    )
    last = session.execute(statement).one_or_none()
    return last.deferral if last and last.status == ParticipationStatus.DEFERRED else None


# The participations and rounds that the sweeps process


def ended_windows(session: Session, now: datetime, limit: int) -> list[str]:
    """Return the ids of the participations without a submitted report whose time for the report is over, except those whose
    request for a deferral waits for an answer."""
    pending = func.coalesce(participations.c.deferral["status"].as_string(), "") == DeferralStatus.PENDING
    statement = (
        select(participations.c.id)
        .join(evaluations, evaluations.c.id == participations.c.evaluation)
        .where(participations.c.status == ParticipationStatus.INVITED, evaluations.c.closes_at < now, ~pending)
        .where(or_(participations.c.hand_in_until.is_(None), participations.c.hand_in_until < now))
        .order_by(participations.c.id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def lapsed_corrections(session: Session, now: datetime, limit: int) -> list[str]:
    """Return the ids of the participations whose report was returned and whose correction window is over."""
    statement = (
        select(participations.c.id)
        .where(participations.c.status == ParticipationStatus.RETURNED, participations.c.correction_due < now)
        .order_by(participations.c.correction_due)
        .limit(limit)
    )
    return list(session.scalars(statement))


def ended_publicity(session: Session, now: datetime) -> list[str]:
    """Return the ids of the rounds with a grade that can take effect now."""
    statement = (
        select(evaluations.c.id)
        .join(participations, participations.c.evaluation == evaluations.c.id)
        .where(evaluations.c.status == RoundStatus.PUBLICISED, *_ready_to_take_effect(now))
        .distinct()
    )
    return list(session.scalars(statement.order_by(evaluations.c.id)))


def due_to_take_effect(session: Session, evaluation: str, now: datetime) -> list[str]:
    """Return the ids of the round's participations whose grade's publicity is over and whose objections are all answered."""
    statement = select(participations.c.id).where(participations.c.evaluation == evaluation, *_ready_to_take_effect(now))
    return list(session.scalars(statement.order_by(participations.c.id)))


def can_take_effect(session: Session, id: str, now: datetime) -> bool:
    """Return whether a participation's grade can take effect now. The caller must have locked the consortium. A transaction that
    files an objection locks it too, so no objection is filed between this check and the commit."""
    return (
        session.scalars(select(participations.c.id).where(participations.c.id == id, *_ready_to_take_effect(now))).first()
        is not None
    )


def _ready_to_take_effect(now: datetime) -> tuple[ColumnElement[bool], ...]:
    objection = exists().where(grade_objections.c.participation == participations.c.id, unanswered(grade_objections.c))
    return participations.c.status == ParticipationStatus.GRADED, participations.c.publicity_ends <= now, ~objection
