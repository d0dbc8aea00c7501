"""The lead submits its evaluation report to the recommender, or to the bureau that returned it (A10, A13)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.contracts.evaluation.answers import ParticipantAnswerDict
from services.contracts.review.review_request import CompetingCall, ReviewRequest
from services.evaluation.commands.publish_participation_event import about, of_participation
from services.evaluation.commands.write_report import already_used, outcomes_of, own_participation
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.participation import Participation
from services.evaluation.domain.round import Round
from services.evaluation.repository import outcomes, rounds
from services.evaluation.repository.similar_outcomes import alike_outcomes
from services.evaluation.serializers import whole_participation_answer
from services.kernel.attachments import verified_attachments
from services.kernel.clock import Clock, received
from services.kernel.identity import PROVINCE, Actor
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence import unit_of_work
from services.policy import Policies, Policy, Stage

#: The review service's kind of case for a participation.
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

    Raises NotFound, Forbidden, Conflict for a wrong state or time and for an outcome that another participation has claimed,
    Invalid with each missing part.
    """
    of, round, participation = own_participation(session, actor, id, consortium)
    participation.require_editable(round, received(clock, received_at))
    named = participation.content.get("documents", [])
    papers = verified_attachments(verifier, documents_statement, named, subject=of.subject)
    policy = policies.get(round.policy)
    stage, before = _stage(participation, policy), participation.state()
    participation.submit(stage.name, papers, clock.now())
    claimed = outcomes_of(session, clock, of, round, participation.content)
    if used := outcomes.claim(session, participation, claimed, clock.now()):
        raise already_used(session, used, claimed)
    session.flush()
    rounds.keep_version(session, participation, actor.username)
    alike = alike_outcomes(session, participation, claimed)
    unit_of_work.record_change(
        session,
        "participation.submitted",
        participation.subject,
        about(round, participation, of) | _said(round, participation, of, policy, stage) | {"likenesses": alike},
        bureau=PROVINCE if stage.level == "province" else of.recommender,
        recommender=of.recommender,
        article=stage.citation,
        before=before,
        after=participation.state(),
    )
    return whole_participation_answer(participation, round, of, clock.today())


def hand_over(
    session: Session,
    policies: Policies,
    of: Consortium,
    round: Round,
    participation: Participation,
    told: dict[str, Any],
    former: str,
) -> None:
    """The consortium has a new recommender: notify the former one, and send the new one a report that the former one is
    reviewing."""
    participation.recommender = of.recommender
    of_participation(
        session,
        "participation.handed_over",
        round,
        participation,
        of,
        told,
        before=participation.state(),
        bureau=former,
        article="A10",
    )
    policy = policies.get(round.policy)
    stage = next((stage for stage in policy.pipeline(KIND) if stage.name == participation.stage), None)
    if participation.status != "submitted" or stage is None or stage.level != "recommender":
        return
    said = _said(round, participation, of, policy, stage) | {"handed_over": told["handed_over"]}
    of_participation(
        session, "participation.submitted", round, participation, of, said, before=participation.state(), article=stage.citation
    )


def _stage(participation: Participation, policy: Policy) -> Stage:
    """Return the stage to which the submission goes: the stage that returned the report, otherwise the first stage that is not
    optional."""
    stages = policy.pipeline(KIND)
    if participation.returned:
        return next(stage for stage in stages if stage.name == participation.returned["stage"])
    return next(stage for stage in stages if not stage.optional)


def _said(round: Round, participation: Participation, consortium: Consortium, policy: Policy, stage: Stage) -> dict[str, Any]:
    """Return the data from which the bureau of this stage opens its case, and by which the experts score the report."""
    content = participation.content
    request = ReviewRequest(
        round=participation.round,
        kind=KIND,
        title=f"{consortium.name} · {round.title}",
        field=consortium.field,
        units=[unit["uscc"] for unit in consortium.units],
        related_units=consortium.related_units,
        call=CompetingCall(id=round.id, title=round.title, rubric=round.rubric, min_reviewers=round.min_reviewers, places=None),
        stage=stage.name,
        terms=policy.review_terms(KIND),
        documents=participation.papers,
    )
    return request.to_dict() | {
        "report": {"sections": content["sections"], "outcomes": content["outcomes"]},
        "period": {"from": round.period_from.isoformat(), "to": round.period_to.isoformat()},
    }
