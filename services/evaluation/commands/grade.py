"""The province grades a participation, and publishes a round's grades (A13)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from services.contracts.evaluation.answers import EvaluationAnswerDict, ParticipantAnswerDict, RoundWarningDict
from services.contracts.evaluation.payloads import EvaluationGraded, EvaluationPublicised, GradePublicised
from services.contracts.labels import label
from services.evaluation.access import require_provincial_chief
from services.evaluation.commands.publish_participation_event import publish_participation_event
from services.evaluation.commands.take_effect import take_effect
from services.evaluation.domain.objection import GradeObjection
from services.evaluation.domain.participation import RUNNING, ParticipationStatus
from services.evaluation.domain.round import Round, RoundStatus
from services.evaluation.repository import consortia, rounds
from services.evaluation.serializers import round_answer, warning, whole_participation_answer
from services.kernel.clock import Clock, end_of_day, local_date
from services.kernel.errors import Conflict
from services.kernel.identity import PROVINCE, Actor
from services.kernel.persistence import unit_of_work
from services.kernel.preconditions import require_current, version_tag
from services.objections.domain import require_named
from services.objections.repository import unresolved
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
    if_match: str | None = None,
    objections: Sequence[str] = (),
) -> ParticipantAnswerDict:
    """Give a grade to a participation; `if_match` is the ETag of the participation that was read. The grade can be replaced until
    the grades are public, and after upheld objections, which `objections` must then name. `score` is in points of 100. A reason
    is needed for a score that differs from the experts' score, for a grade to which the score does not lead, and after an upheld
    objection (A13). The result contains a warning if the grade's cap is exceeded.

    Raises Forbidden unless the actor is a chief of the province, NotFound, PreconditionRequired and PreconditionFailed if
    `if_match` is not the participation's present ETag, Conflict before all reviews are complete and if a needed reason is
    missing, Invalid if an upheld objection is not named.
    """
    require_provincial_chief(actor)
    round = rounds.round(session, id, lock=True)
    consortium_row = consortia.consortium(session, consortium)
    participation = rounds.participation(session, id, consortium, lock=True)
    require_current(if_match, version_tag(participation.id, participation.revision, participation.state()))
    before, objection = participation.state(), participation.held_by
    upheld = unresolved(session, GradeObjection, participation.id)
    require_named(upheld, objections)
    participation.give_grade(round, grade, Decimal(score), reason, actor.username, clock.now())
    for upheld_objection in upheld:
        upheld_objection.resolved_at = clock.now()
    round.revision += 1  # The round's ETag changes, so that only a chief who has read this grade can publish it.
    session.flush()
    unit_of_work.audit_only(session, "evaluation.graded", round.subject, bureau=PROVINCE, article="A13", after=round.state())
    event = EvaluationGraded(
        grade=grade,
        score=participation.grade_score,
        reason=reason,
        objection=objection,
        objections=[upheld_objection.id for upheld_objection in upheld] or None,
    )
    unit_of_work.record_change(
        session,
        "evaluation.graded",
        participation.subject,
        event.with_header(participation=participation.id, evaluation=round.id, title=round.title, **consortium_row.brief()),
        bureau=PROVINCE,  # Address the event to the province: only the province may know a grade before it is public.
        article="A13",
        before=before,
        after=participation.state(),
    )
    grades_over_cap, among = _grades_over_cap(session, round)
    cap_warnings = [_cap_warning(grade, grades_over_cap[grade], among)] if grade in grades_over_cap else []
    return whole_participation_answer(participation, round, consortium_row, clock.today(), judged=True) | {
        "warnings": cap_warnings
    }


def _grades_over_cap(session: Session, round: Round) -> tuple[dict[str, tuple[int, int]], int]:
    """Return the grades that were given more often than their cap allows, as grade → (given, the most allowed), and the number of
    participations to which the caps refer: those that still run or are graded (A13)."""
    parts = rounds.of_round(session, round.id, *RUNNING, ParticipationStatus.GRADED, ParticipationStatus.PUBLISHED)
    return round.over_cap([part.grade or "" for part in parts], len(parts)), len(parts)


def _cap_warning(grade: str, grades_over_cap: tuple[int, int], among: int) -> RoundWarningDict:
    count, limit = grades_over_cap
    title = label("grade", grade).zh
    return warning(
        "cap_exceeded",
        "/grade",
        f"“{title}”已评 {count} 个，超过评估通知规定的比例（共 {among} 个参评，上限 {limit} 个）；公布前须调整（第十三条）。",
        f"{grade}: {count} given, at most {limit} of {among} participants; change grades before they are published (article 13).",
    )


def _cap_exceeded(grades_over_cap: dict[str, tuple[int, int]], among: int) -> Conflict:
    exceeded = "；".join(
        f"“{label('grade', grade).zh}”已评 {count} 个，上限 {limit} 个" for grade, (count, limit) in grades_over_cap.items()
    )
    also = "; ".join(f"{grade}: {count} given, at most {limit}" for grade, (count, limit) in grades_over_cap.items())
    return Conflict(
        "cap_exceeded",
        f"等次数量超过评估通知规定的比例（共 {among} 个参评）：{exceeded}。请调整等次（第十三条）。",
        f"More than the notice's share of {among} participants: {also}. Give other grades (article 13).",
        article="A13",
        over={grade: {"given": count, "most": limit} for grade, (count, limit) in grades_over_cap.items()},
    )


def publish_grades(
    session: Session, clock: Clock, policies: Policies, actor: Actor, id: str, if_match: str | None = None
) -> EvaluationAnswerDict:
    """Publish all grades of a round, or the grades that were given again after an upheld objection. `if_match` is the round's
    ETag, which each grade changes, so it names the grades that were read. Grades take effect after the policy's publicity period,
    or immediately if that period is 0 days.

    Raises Forbidden unless the actor is a chief of the province, NotFound, PreconditionRequired and PreconditionFailed if a grade
    has changed since the actor read the round, Conflict while a participation is not graded or a cap is exceeded, and if there is
    no grade to publish.
    """
    require_provincial_chief(actor)
    round = rounds.round(session, id, lock=True)
    require_current(if_match, version_tag(round.id, round.revision, round.state()))
    publishing = [part.id for part in rounds.of_round(session, id, ParticipationStatus.GRADED) if part.to_publish]
    if round.status != RoundStatus.PUBLICISED or not publishing:
        round.require_open()
    _require_all_graded(session, round)
    grades_over_cap, among = _grades_over_cap(session, round)
    if grades_over_cap:
        raise _cap_exceeded(grades_over_cap, among)
    days = policies.get(round.policy).deadlines.grade_publicity_working_days
    before = round.state()
    publicity_ends = end_of_day(add_working_days(clock.today(), days)) if days else clock.now()
    round.status, round.publicity_ends, round.revision = RoundStatus.PUBLICISED, publicity_ends, round.revision + 1
    for part in publishing:
        _publicise(session, clock, round, part, publicity_ends, notify=days > 0)
    event = EvaluationPublicised(
        evaluation=round.id, title=round.title, ends_on=local_date(publicity_ends), graded=len(publishing)
    )
    unit_of_work.record_change(
        session, "evaluation.publicised", round.subject, event, bureau=PROVINCE, article="A13", before=before, after=round.state()
    )
    session.flush()
    if not days:
        take_effect(session, clock, policies, round)
    return round_answer(round, rounds.counts(session, [id])[id])


def _publicise(session: Session, clock: Clock, round: Round, id: str, publicity_ends: datetime, *, notify: bool) -> None:
    """Make the grade of one participation public. `notify`: publish the event that notifies the lead and the recommender of the
    grade, because the grade does not take effect before `publicity_ends`."""
    participation = rounds.with_consortium(session, id)
    consortium, before = consortia.consortium(session, participation.consortium), participation.state()
    participation.publicise(publicity_ends, clock.now())
    if notify:
        event = GradePublicised(grade=participation.grade or "", ends_on=local_date(publicity_ends))
        publish_participation_event(session, "grade.publicised", round, participation, consortium, event, before=before)


def _require_all_graded(session: Session, round: Round) -> None:
    waiting = rounds.of_round(session, round.id, *RUNNING)
    if not waiting:
        return
    raise Conflict(
        "not_all_graded",
        f"还有 {len(waiting)} 个参评的创新联合体未评定等次，不能公布（第十三条）。",
        f"{len(waiting)} participants are not graded yet (article 13).",
        status=round.status,
        article="A13",
        waiting=[{"consortium": part.consortium, "status": part.status, "stage": part.stage} for part in waiting[:50]],
    )
