"""Grades take effect: they may change the consortium's status, open a rectification or propose a revocation (A13, A14)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.evaluation.payloads import EvaluationPublished, RectificationEvent
from services.contracts.evaluation.stored import FoundFact
from services.evaluation.commands.propose_revocation import propose_revocation
from services.evaluation.domain.acts import grade_act
from services.evaluation.domain.consortium import Consortium, ConsortiumStatus
from services.evaluation.domain.evaluation_duty import round_after
from services.evaluation.domain.participation import Participation, ParticipationStatus
from services.evaluation.domain.rectification import Rectification, RectificationStatus
from services.evaluation.domain.round import Round, RoundStatus
from services.evaluation.repository import consortia, rounds
from services.kernel import document_statement
from services.kernel.clock import Clock
from services.kernel.identity import PROVINCE
from services.kernel.ids import new_id
from services.kernel.persistence import unit_of_work
from services.policy import Policies, Policy, add_years


def take_effect(session: Session, clock: Clock, policies: Policies, round: Round) -> bool:
    """Let those grades of a round take effect today whose publicity is over and whose objections are all answered. Return whether
    there were such grades. The round's other grades take effect later; when the last one has taken effect, the round's status
    becomes `published`."""
    due = rounds.due_to_take_effect(session, round.id, clock.now()) if round.status == RoundStatus.PUBLICISED else []
    policy, before = policies.get(round.policy), round.state()
    for id in due:
        participation = rounds.with_consortium(session, id)
        # Skip the grade: an objection to it was filed while this transaction waited for the lock.
        if not rounds.can_take_effect(session, id, clock.now()):
            continue
        consortium = consortia.consortium(session, participation.consortium, lock=True)
        _hold_recognition(session, clock, policies, policy, round, participation, consortium)
    if due and not rounds.of_round(session, round.id, ParticipationStatus.GRADED):
        round.status, round.published_on, round.revision = RoundStatus.PUBLISHED, clock.today(), round.revision + 1
        unit_of_work.audit_only(
            session,
            "evaluation.in_effect",
            round.subject,
            bureau=PROVINCE,
            article="A13",
            before=before,
            after=round.state(),
        )
    return bool(due)


def _hold_recognition(
    session: Session,
    clock: Clock,
    policies: Policies,
    policy: Policy,
    round: Round,
    participation: Participation,
    consortium: Consortium,
) -> None:
    grade = next(band for band in policy.evaluation.grades if band.grade == participation.grade)
    before = participation.state()
    participation.publish(clock.now())
    consortium.grade, consortium.graded_on, consortium.graded_under = grade.grade, clock.today(), round.issued_on
    consortium.next_round_by = round_after(round.issued_on, policy.evaluation)
    consortium.owes_round, consortium.deferrals = None, 0
    event = EvaluationPublished(
        grade=grade.grade,
        score=participation.grade_score,
        commended=grade.commended,
        published_on=clock.today(),
        next_round_by=consortium.next_round_by,
        issued_on=round.issued_on,
        units=consortium.codes,
    )
    unit_of_work.record_change(
        session,
        "evaluation.published",
        consortium.subject,
        event.with_header(participation=participation.id, evaluation=round.id, title=round.title, **consortium.brief()),
        bureau=consortium.recommender,
        recommender=consortium.recommender,
        article=policy.evaluation.citation,
        before=before,
        after=participation.state(),
    )
    unit_of_work.audit_only(
        session,
        "participation.published",
        participation.subject,
        bureau=consortium.recommender,
        article=policy.evaluation.citation,
        before=before,
        after=participation.state(),
    )
    act = grade_act(participation.version, PROVINCE, clock.today().isoformat())
    document_statement.announce_act(session, "grade_notice", participation.subject, act, recommender=consortium.recommender)
    session.flush()
    if grade.effect == "rectification" and consortium.alive:
        _open_rectification(session, clock, policy, round, consortium)
    if grade.effect == "revocation":
        fact: FoundFact = {"fact": "graded", "source": participation.subject, "evaluation": round.title, "said": grade.grade}
        propose_revocation(session, clock, policies, consortium, "A14(2)", fact)


def _open_rectification(session: Session, clock: Clock, policy: Policy, round: Round, consortium: Consortium) -> None:
    """Open a rectification of one year. The year counts from the grade's publication, which is today (限1年的整改期)."""
    case = Rectification(
        id=new_id(),
        consortium=consortium.id,
        evaluation=round.id,
        policy=policy.ref,
        status=RectificationStatus.OPEN,
        opened_on=clock.today(),
        due_on=add_years(clock.today(), policy.evaluation.rectification_years),
        report=None,
        acceptance_from=None,
        acceptance=None,
        closed_on=None,
        revision=1,
    )
    session.add(case)
    consortium.status = ConsortiumStatus.RECTIFYING
    publish_rectification_event(session, "rectification.opened", case, consortium, before=None)


def publish_rectification_event(
    session: Session,
    type: str,
    case: Rectification,
    consortium: Consortium,
    *,
    before: object,
    outcome: str | None = None,
    reason: str | None = None,
) -> None:
    """Record an event of a rectification. Its subject is the consortium, so that the consortium's events keep their order.
    `outcome` and `reason`: the result of the acceptance that closes the rectification, and its reason."""
    event = RectificationEvent(
        rectification=case.id,
        due_on=case.due_on,
        status=case.status,
        units=consortium.codes,
        outcome=outcome,
        reason=reason,
    )
    unit_of_work.record_change(
        session,
        type,
        consortium.subject,
        event.with_header(**consortium.brief()),
        bureau=consortium.recommender,
        recommender=consortium.recommender,
        article="A13",
        before=before,
        after=case.state(),
    )
