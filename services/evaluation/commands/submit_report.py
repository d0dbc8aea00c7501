"""The lead submits its evaluation report to the recommender or, after a return, to the bureau that returned the report (A10,
A13)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.evaluation.answers import Likeness, ParticipantAnswerDict
from services.contracts.evaluation.payloads import ParticipationHandedOver, ParticipationSubmitted
from services.contracts.review.case_parts import Call
from services.evaluation.commands.publish_participation_event import publish_participation_event
from services.evaluation.commands.write_report import outcomes_of, own_participation, require_unused
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.other_events import ConsortiumHandedOver
from services.evaluation.domain.participation import Participation, ParticipationStatus
from services.evaluation.domain.round import Round
from services.evaluation.repository import outcomes, rounds
from services.evaluation.repository.similar_outcomes import alike_outcomes
from services.evaluation.serializers import whole_participation_answer
from services.kernel.attachments import verified_attachments
from services.kernel.clock import Clock, received_instant
from services.kernel.identity import PROVINCE, Actor
from services.kernel.messaging.signing import Verifier
from services.policy import Policies, Policy, Stage

#: The kind of case under which the review service handles a participation.
KIND = "participation"


def submit_report(
    session: Session,
    clock: Clock,
    policies: Policies,
    verifier: Verifier,
    actor: Actor,
    id: str,
    consortium: str,
    documents_statement: str | None = None,
    received_at: float | None = None,
) -> ParticipantAnswerDict:
    """Submit the report within the window or, after a return, within the correction window; the moment when the gateway received
    it (`received_at`) counts. The submission claims its outcomes: no other participation can use them (A13).

    Raises NotFound, Forbidden unless the actor is the lead, Conflict outside these windows, if the report is submitted already
    and if another participation has claimed an outcome, Invalid with an error for each missing part.
    """
    consortium_row, round, participation = own_participation(session, actor, id, consortium)
    participation.require_editable(round, received_instant(clock, received_at))
    document_ids = participation.content.get("documents", [])
    papers = verified_attachments(verifier, documents_statement, document_ids, subject=consortium_row.subject)
    policy = policies.get(round.policy)
    stage, before = _next_stage(participation, policy), participation.state()
    participation.submit(stage.name, papers, clock.now())
    claimed = outcomes_of(session, clock, consortium_row, round, participation.content)
    if used_elsewhere := outcomes.claim(session, participation, claimed, clock.now()):
        raise require_unused(session, used_elsewhere, claimed)
    session.flush()
    rounds.keep_version(session, participation, actor.username)
    event = _event(
        round, participation, consortium_row, policy, stage, likenesses=alike_outcomes(session, participation, claimed)
    )
    bureau = PROVINCE if stage.level == "province" else consortium_row.recommender
    publish_participation_event(
        session,
        "participation.submitted",
        round,
        participation,
        consortium_row,
        event,
        before=before,
        bureau=bureau,
        article=stage.citation,
    )
    return whole_participation_answer(participation, round, consortium_row, clock.today())


def hand_over(
    session: Session,
    policies: Policies,
    consortium: Consortium,
    round: Round,
    participation: Participation,
    moved: ConsortiumHandedOver,
) -> None:
    """React to a new recommender of the consortium: publish the event that ends the former recommender's review case and, if the
    report was under the recommender's review, the event from which the new recommender opens a case."""
    participation.recommender = consortium.recommender
    event = ParticipationHandedOver(from_bureau=moved.from_bureau, to_bureau=moved.to_bureau, handed_over=moved.handed_over)
    publish_participation_event(
        session,
        "participation.handed_over",
        round,
        participation,
        consortium,
        event,
        before=participation.state(),
        bureau=moved.from_bureau,
        article="A10",
    )
    policy = policies.get(round.policy)
    stage = next((stage for stage in policy.pipeline(KIND) if stage.name == participation.stage), None)
    if participation.status != ParticipationStatus.SUBMITTED or stage is None or stage.level != "recommender":
        return
    again = _event(round, participation, consortium, policy, stage, handed_over=moved.handed_over)
    publish_participation_event(
        session,
        "participation.submitted",
        round,
        participation,
        consortium,
        again,
        before=participation.state(),
        article=stage.citation,
    )


def _next_stage(participation: Participation, policy: Policy) -> Stage:
    """Return the stage at which the submitted report is reviewed next: the stage that returned the report; for a first
    submission, the first stage that is not optional."""
    stages = policy.pipeline(KIND)
    if participation.returned:
        return next(stage for stage in stages if stage.name == participation.returned["stage"])
    return next(stage for stage in stages if not stage.optional)


def _event(
    round: Round,
    participation: Participation,
    consortium: Consortium,
    policy: Policy,
    stage: Stage,
    *,
    likenesses: list[Likeness] | None = None,
    handed_over: int | None = None,
) -> ParticipationSubmitted:
    """Return the event's data, from which the bureau that handles this stage opens its review case and the experts score the
    report."""
    content, terms = participation.content, policy.review_terms(KIND)
    return ParticipationSubmitted(
        round=participation.round,
        kind=KIND,
        title=f"{consortium.name} · {round.title}",
        field=consortium.field,
        units=consortium.codes,
        related_units=consortium.related_units,
        call=_call(round),
        policy=terms.policy,
        stage=stage.name,
        pipeline=terms.pipeline,
        questions=terms.questions,
        waivable=[],
        findings=[],
        documents=participation.papers,
        report={"sections": content["sections"], "outcomes": content["outcomes"]},
        period={"from": round.period_from.isoformat(), "to": round.period_to.isoformat()},
        likenesses=likenesses,
        handed_over=handed_over,
    )


def _call(round: Round) -> Call:
    """Return the part of the evaluation round that the review service needs as the `call` of its cases: it ranks the round's
    participations by it."""
    return {
        "id": round.id,
        "title": round.title,
        "rubric": [{"criterion": row["criterion"], "weight": row["weight"], "max": row["max"]} for row in round.rubric],
        "min_reviewers": round.min_reviewers,
        "places": None,
    }
