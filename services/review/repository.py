"""Load and store cases and everything that belongs to them. The rules about which actor may see which case are in this module
too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.contracts.review.case_parts import Call
from services.kernel.errors import Conflict, NotFound
from services.kernel.identity import Actor
from services.review.domain.case import DECISION, EXPERT_REVIEW, Case, CaseStatus, Round
from services.review.domain.opinion import Opinion
from services.review.domain.panel import Account, Draw, Seat, SeatState
from services.review.domain.scoring import Score
from services.review.tables import accounts, calls, cases, draws, opinions, rounds, scores, seats, subjects


def own_case(session: Session, actor: Actor, id: str, *, lock: bool = False) -> Case:
    """Return a case of the actor's own bureau. Raises NotFound for any other case, as if it did not exist."""
    case = session.get(Case, id, with_for_update=lock)
    if case is None or not actor.official or case.bureau != actor.bureau:
        raise unknown_case()
    return case


def unknown_case() -> NotFound:
    return NotFound("unknown_review", "没有这一审核事项。", "There is no such review.")


def case_of(session: Session, bureau: str, subject: str) -> Case | None:
    """Lock and return a bureau's case about a subject; None if it has none."""
    return session.execute(select(Case).filter_by(bureau=bureau, subject=subject).with_for_update()).scalar_one_or_none()


def round_of(session: Session, case: Case, number: int | None = None) -> Round:
    """Return the round of a case with this number; without a number, the present one."""
    return session.execute(
        select(Round).where(rounds.c.case_id == case.id, rounds.c.number == (number or case.round))
    ).scalar_one()


def opinions_by_case(session: Session, case_ids: Sequence[str]) -> dict[str, list[Opinion]]:
    """Return all opinions of each case, in the order in which they were given, by case id."""
    by_case: defaultdict[str, list[Opinion]] = defaultdict(list)
    for opinion in session.scalars(select(Opinion).where(opinions.c.case_id.in_(case_ids)).order_by(opinions.c.id)):
        by_case[opinion.case_id].append(opinion)
    return by_case


def rounds_of(session: Session, case: Case) -> list[Round]:
    return list(session.scalars(select(Round).where(rounds.c.case_id == case.id).order_by(rounds.c.number)))


def opinions_of(session: Session, case: Case) -> list[Opinion]:
    """Return all opinions of a case, including drafts and decisions, in the order in which they were given."""
    return list(session.scalars(select(Opinion).where(opinions.c.case_id == case.id).order_by(opinions.c.id)))


def rounds_by_number(session: Session, keys: Collection[tuple[str, int]]) -> dict[str, Round]:
    """Return case id → round, for `keys` of (case id, round number) with one round of each case."""
    statement = select(Round).where(tuple_(rounds.c.case_id, rounds.c.number).in_(keys))
    return {round.case_id: round for round in session.scalars(statement)}


def rounds_of_cases(session: Session, keys: Collection[tuple[str, int]]) -> dict[tuple[str, int], Round]:
    """Return (case id, round number) → round, for these keys."""
    statement = select(Round).where(tuple_(rounds.c.case_id, rounds.c.number).in_(keys))
    return {(round.case_id, round.number): round for round in session.scalars(statement)}


def signed_opinions(session: Session, case: Case) -> list[Opinion]:
    return [opinion for opinion in opinions_of(session, case) if opinion.signed]


def account(session: Session, username: str) -> Account | None:
    return session.get(Account, username)


def accounts_of(session: Session, usernames: Collection[str]) -> dict[str, Account]:
    """Return username → account, for those of these accounts that this service knows."""
    rows = session.scalars(select(Account).where(accounts.c.username.in_(usernames)))
    return {account.username: account for account in rows}


def experts(session: Session) -> list[Account]:
    """Return the account of every active expert."""
    return list(session.scalars(select(Account).where(accounts.c.is_expert, accounts.c.active)))


def third_parties(session: Session) -> list[Account]:
    """Return the account of every active third party."""
    alone = cast(accounts.c.roles, String) == '["third_party"]'  # An account with a second role is left out.
    return list(session.scalars(select(Account).where(~accounts.c.is_expert, accounts.c.active, alone)))


def open_seats(session: Session) -> dict[str, int]:
    """Return username → the number of cases that this reviewer must score now."""
    awaited = or_(cases.c.scoring_closed_at.is_(None), seats.c.late)
    counted = select(seats.c.account, func.count().label("open")).join(cases, cases.c.id == seats.c.case_id)
    rows = session.execute(counted.where(*readable_by_seat(), awaited).group_by(seats.c.account))
    return {row.account: row.open for row in rows}


def seats_of(session: Session, case: Case) -> list[Seat]:
    """Return every seat of a case, including ended seats, in the order in which reviewers were seated."""
    return list(session.scalars(select(Seat).where(seats.c.case_id == case.id).order_by(seats.c.id)))


def seat(session: Session, case: Case, id: str) -> Seat | None:
    """Return a seat of this case, even if it has ended."""
    return session.scalars(select(Seat).where(seats.c.id == id, seats.c.case_id == case.id)).one_or_none()


def undecided_seats(session: Session, username: str) -> list[tuple[Case, Seat]]:
    """Return the account's seats, each with its case, on cases without an outcome: open cases, and cases that another service has
    not decided or graded yet."""
    ended = exists().where(subjects.c.subject == cases.c.subject, subjects.c.ended.is_not(None))
    waiting = or_(cases.c.status == CaseStatus.OPEN, and_(cases.c.status == CaseStatus.PASSED, cases.c.stage == EXPERT_REVIEW))
    statement = select(Case, Seat).join(seats, seats.c.case_id == cases.c.id)
    statement = statement.where(seats.c.account == username, seats.c.state == SeatState.SEATED, waiting, ~ended)
    return [(row.Case, row.Seat) for row in session.execute(statement.order_by(cases.c.id))]


def seated(session: Session, case: Case) -> list[Seat]:
    return [seat for seat in seats_of(session, case) if seat.state == SeatState.SEATED]


def seat_of(session: Session, case_id: str, username: str) -> Seat | None:
    """Return the seat that allows an account to read a case now; None if there is none."""
    return _seat(session, case_id, username, readable_by_seat())


def readable_by_seat() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions, for a statement over seats and cases, under which a case is open and the seat's reviewer may read
    it."""
    return *_seat_in_open_case(), cases.c.status == CaseStatus.OPEN


def _seat_in_open_case() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that the seat has not ended and its case was not decided after the reviewer was seated. A reviewer's
    access ends with the decision, and does not return if the recognition is held afterwards. A reviewer who is seated after the
    recognition was held, to replace one whose score was voided, may read until the next decision."""
    decided = exists().where(
        opinions.c.case_id == cases.c.id,
        opinions.c.stage == DECISION,
        opinions.c.signed,
        opinions.c.id > seats.c.id,  # Ids are in the order of time, so this compares the times of the decision and the seat.
    )
    return seats.c.state == SeatState.SEATED, ~decided


def readers_of(session: Session, case: Case) -> list[Seat]:
    """Return the seats whose reviewers may read the case now, in the order in which the reviewers were seated."""
    statement = select(Seat).join(cases, cases.c.id == seats.c.case_id).where(seats.c.case_id == case.id, *_seat_in_open_case())
    return list(session.scalars(statement.order_by(seats.c.id)))


def _seat(session: Session, case_id: str, username: str, when: tuple[ColumnElement[bool], ...]) -> Seat | None:
    statement = select(Seat).join(cases, cases.c.id == seats.c.case_id)
    statement = statement.where(seats.c.account == username, seats.c.case_id == case_id, *when)
    return session.execute(statement).scalar_one_or_none()


def seated_case(session: Session, actor: Actor, id: str) -> tuple[Case, Seat]:
    """Lock and return a case to which the actor is assigned, and the actor's seat. Raises NotFound for any other case, and if the
    case is decided. The caller checks whether the case is still open, so that the error tells the reviewer of a withdrawal."""
    case = session.get(Case, id, with_for_update=True)
    seat = _seat(session, id, actor.username, _seat_in_open_case())
    if case is None or seat is None:
        raise unknown_case()
    return case, seat


def draws_of(session: Session, case: Case) -> list[Draw]:
    """Return every draw of a case in the order of time. The last draw is in force."""
    return list(session.scalars(select(Draw).where(draws.c.case_id == case.id).order_by(draws.c.id)))


def scores_of(session: Session, case_ids: Sequence[str]) -> list[Score]:
    """Return the scores of these cases that count: the newest score of each seat that has not ended."""
    newest = select(func.max(scores.c.id)).where(scores.c.case_id.in_(case_ids)).group_by(scores.c.seat_id)
    statement = (
        select(Score)
        .join(seats, seats.c.id == scores.c.seat_id)
        .where(scores.c.id.in_(newest), seats.c.state == SeatState.SEATED)
        .order_by(scores.c.account)
    )
    return list(session.scalars(statement))


def voided_scores(session: Session, case: Case) -> list[tuple[Seat, Score]]:
    """Return the scores that the province voided, each with its seat: the newest score of each seat whose score was voided."""
    newest = select(func.max(scores.c.id)).where(scores.c.case_id == case.id).group_by(scores.c.seat_id)
    statement = select(Seat, Score).join(scores, scores.c.seat_id == seats.c.id).where(scores.c.id.in_(newest))
    rows = session.execute(statement.where(seats.c.state == SeatState.VOIDED).order_by(scores.c.id))
    return [(row.Seat, row.Score) for row in rows]


def own_score(session: Session, seat: Seat) -> Score | None:
    """Return the newest score of a seat."""
    return session.scalars(select(Score).where(scores.c.seat_id == seat.id).order_by(scores.c.id.desc()).limit(1)).one_or_none()


def totals(session: Session, case_ids: Sequence[str]) -> dict[str, dict[str, Fraction]]:
    """Return the totals of the scores that count: case id → account → points of 100."""
    by_case: defaultdict[str, dict[str, Fraction]] = defaultdict(dict)
    for score in scores_of(session, case_ids):
        by_case[score.case_id][score.account] = score.points
    return dict(by_case)


def ranked_cases(session: Session, call: str) -> list[Case]:
    """Return the cases of a call whose scoring is closed, decided or not. Withdrawn and void cases are left out, and so are cases
    whose scores were all voided."""
    scored = select(scores.c.case_id).join(seats, seats.c.id == scores.c.seat_id).where(seats.c.state == SeatState.SEATED)
    statement = select(Case).where(
        cases.c.call == call,
        cases.c.status.in_((CaseStatus.OPEN, CaseStatus.PASSED, CaseStatus.APPROVED, CaseStatus.DECLINED)),
        scored.where(scores.c.case_id == cases.c.id).correlate(cases).exists(),
    )
    return [case for case in session.scalars(statement) if case.scoring_closed_at]


def count_cases(session: Session, call: str, status: str) -> int:
    """Count the cases of a call with this status."""
    return session.execute(select(func.count()).where(cases.c.call == call, cases.c.status == status)).scalar_one()


def call(session: Session, id: str, *, lock: bool = False) -> Any:
    """Return the row of a call. Raises NotFound before the call's first application has reached the province."""
    statement = select(calls).where(calls.c.id == id)
    row = session.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise NotFound(
            "unknown_call", "没有这一申报通知，或尚无申请报送。", "There is no such call, or no application of it yet."
        )
    return row


def keep_call(session: Session, data: Call) -> None:
    """Store a call from the event of its first application. The stored fields never change later."""
    row = {"id": data["id"], "title": data["title"], "places": data["places"]}
    session.execute(_insert(session)(calls).values(**row).on_conflict_do_nothing())


def lock_subject(session: Session, subject: str) -> str | None:
    """Lock a subject, and create its row if there is none. If another transaction has locked it, wait. Return why the subject
    ended, or None."""
    statement = _insert(session)(subjects).values(subject=subject)
    # The update changes no value; it serves to lock the row and to return its content.
    locking = statement.on_conflict_do_update(index_elements=[subjects.c.subject], set_={"subject": subject})
    ended: str | None = session.execute(locking.returning(subjects.c.ended)).scalar_one()
    return ended


def store_recommender(session: Session, subject: str, home: str) -> None:
    """Store the recommender of a subject, as the service that owns the subject states it."""
    statement = _insert(session)(subjects).values(subject=subject, home=home)
    session.execute(statement.on_conflict_do_update(index_elements=[subjects.c.subject], set_={"home": home}))


def recommender_of(session: Session, subject: str) -> str | None:
    """Return the recommender of a subject; None before the owning service's event has arrived."""
    return session.execute(select(subjects.c.home).where(subjects.c.subject == subject)).scalar_one_or_none()


def end_subject(session: Session, subject: str, reason: str | None) -> None:
    """Store why the subject ended at the service that owns it. With None, store that it has not ended."""
    session.execute(update(subjects).where(subjects.c.subject == subject).values(ended=reason))


def require_not_ended(session: Session, case: Case) -> None:
    """Raise Conflict if the subject of a case has ended at the service that owns it: its grade is public, or it was withdrawn."""
    if session.execute(select(subjects.c.ended).where(subjects.c.subject == case.subject)).scalar_one_or_none():
        raise Conflict(
            "review_closed",
            "该事项已办结，评审结果不能再变更。",
            "The matter is closed; its panel and scores can no longer be changed.",
            status=case.status,
            stage=case.stage,
        )


def _insert(session: Session) -> Any:
    return sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
