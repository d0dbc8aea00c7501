"""The province grades a participation, and publishes a round's grades (A13)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from services.evaluation.access import require_provincial_chief
from services.evaluation.answers import participation_answer, round_answer
from services.evaluation.commands.take_effect import take_effect
from services.evaluation.domain.participation import RUNNING
from services.evaluation.domain.round import WORDS, Round
from services.evaluation.repository import consortia, rounds
from services.kernel import work
from services.kernel.clock import Clock, end_of_day, local_date
from services.kernel.errors import Conflict
from services.kernel.identity import PROVINCE, Actor
from services.policy import Policies, add_working_days


def grade_participation(
    session: Session,
    clock: Clock,
    actor: Actor,
    id: str,
    consortium: str,
    grade: str,
    score: str,
    reason: str | None = None,
) -> dict[str, Any]:
    """Give a grade, or another one before the grades are public. `score` in points of 100; one that differs from the experts',
    and a grade that the score does not lead to, need a reason (A13).

    Raises Forbidden for anybody but the province's chiefs, NotFound, Conflict before all reviews are in, without such a
    reason, and where a grade's cap is full."""
    require_provincial_chief(actor)
    round = rounds.round(session, id, lock=True)
    of = consortia.consortium(session, consortium)
    participation = rounds.participation(session, id, consortium, lock=True)
    before = participation.state()
    participation.give_grade(round, grade, Decimal(score), reason, actor.username, clock.now())
    session.flush()
    _require_room(session, round, grade)
    told = {"grade": grade, "score": participation.grade_score, "reason": reason}
    work.emit(
        session,
        "evaluation.graded",
        participation.subject,
        {"participation": participation.id, "evaluation": round.id, "title": round.title} | of.brief() | told,
        bureau=PROVINCE,  # nobody else's business before it is published
        article="A13",
        before=before,
        after=participation.state(),
    )
    return participation_answer(participation, round, of, full=True, judged=True)


def _require_room(session: Session, round: Round, grade: str) -> None:
    """A cap counts those graded and those that still will be: what is given now must hold at the end."""
    parts = rounds.of_round(session, round.id, *RUNNING, "graded")
    grades = [part.grade or "" for part in parts]
    over = round.over_cap(grades)
    if grade in over:
        raise cap_exceeded(over, len(parts))


def cap_exceeded(over: dict[str, tuple[int, int]], among: int) -> Conflict:
    named = "；".join(f"“{WORDS.get(grade, grade)}”已评 {given} 个，上限 {most} 个" for grade, (given, most) in over.items())
    also = "; ".join(f"{grade}: {given} given, at most {most}" for grade, (given, most) in over.items())
    return Conflict(
        "cap_exceeded",
        f"等次数量超过评估通知规定的比例（共 {among} 个参评）：{named}。请调整等次（第十三条）。",
        f"More than the notice's share of {among} participants: {also}. Give other grades (article 13).",
        article="A13",
        over={grade: {"given": given, "most": most} for grade, (given, most) in over.items()},
    )


def publish_grades(session: Session, clock: Clock, policies: Policies, actor: Actor, id: str) -> dict[str, Any]:
    """Publish all grades of a round. They take effect after the policy's publicity period, at once where it is 0 days.

    Raises Forbidden for anybody but the province's chiefs, NotFound, Conflict while somebody is not graded yet or a cap is
    exceeded."""
    require_provincial_chief(actor)
    round = rounds.round(session, id, lock=True)
    round.require_open()
    _require_all_graded(session, round)
    graded = rounds.of_round(session, id, "graded", lock=True)
    if over := round.over_cap([part.grade or "" for part in graded]):
        raise cap_exceeded(over, len(graded))
    days = policies.get(round.policy).deadlines.grade_publicity_working_days
    before = round.state()
    round.status, round.revision = "publicised", round.revision + 1
    round.publicity_ends = end_of_day(add_working_days(clock.today(), days)) if days else clock.now()
    data = {
        "evaluation": round.id,
        "title": round.title,
        "ends_on": local_date(round.publicity_ends).isoformat(),
        "graded": len(graded),
    }
    work.emit(
        session, "evaluation.publicised", round.subject, data, bureau=PROVINCE, article="A13", before=before, after=round.state()
    )
    if not days:
        take_effect(session, clock, policies, round)
    return round_answer(round, rounds.counts(session, [id])[id])


def _require_all_graded(session: Session, round: Round) -> None:
    waiting = rounds.of_round(session, round.id, *RUNNING)
    if not waiting:
        return
    raise Conflict(
        "not_all_graded",
        f"还有 {len(waiting)} 个参评单位未评定等次，不能公布（第十三条）。",
        f"{len(waiting)} participants are not graded yet (article 13).",
        status=round.status,
        article="A13",
        waiting=[{"consortium": part.consortium, "status": part.status, "stage": part.stage} for part in waiting[:50]],
    )
