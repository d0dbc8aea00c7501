"""Apply the signed opinions of bureaus and the results of experts to a participation (A10, A13)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from services.contracts.evaluation.payloads import (
    ParticipationOpinionVoid,
    ParticipationRescored,
    ParticipationReturned,
    ParticipationStagePassed,
)
from services.contracts.evaluation.stored import Returned
from services.contracts.review.payloads import PanelReaders, ReviewerDeclared, ScoreVoided
from services.evaluation.commands.publish_participation_event import publish_participation_event
from services.evaluation.commands.submit_report import KIND
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.other_events import OpinionSigned, StagePassed, StageReturned
from services.evaluation.domain.participation import GRADING, Participation, ParticipationStatus
from services.evaluation.domain.round import Round
from services.evaluation.repository import consortia, rounds
from services.kernel.clock import Clock, end_of_day
from services.kernel.errors import Conflict
from services.kernel.identity import PROVINCE
from services.kernel.messaging.envelope import Event
from services.policy import Policies, Stage

EffectiveOpinion = tuple[Participation, Round, Consortium, Stage]


def close_stage(session: Session, clock: Clock, policies: Policies, event: Event[StagePassed]) -> None:
    """`review.recommended`, `review.passed`: move the participation to the next stage or to grading. The opinion of an optional
    stage (the site visit) is only stored and does not move the participation."""
    if not (effective := lock_if_effective(session, policies, event)):
        return
    participation, round, consortium, stage = effective
    before, opinion_event = participation.state(), event.data
    if stage.optional:
        _close_optional_stage(session, clock, event, effective)
        return
    participation.advance(opinion_event.next_stage, clock.now())
    if opinion_event.next_stage is None:
        participation.scored(opinion_event.score, opinion_event.spread, opinion_event.scores or 0, clock.now())
    passed = ParticipationStagePassed(stage=stage.name, next_stage=opinion_event.next_stage or GRADING)
    publish_participation_event(session, "participation.stage_passed", round, participation, consortium, passed, before=before)


def _close_optional_stage(session: Session, clock: Clock, event: Event[StagePassed], effective: EffectiveOpinion) -> None:
    participation, round, consortium, stage = effective
    before, opinion = participation.state(), event.data.opinion
    if opinion is None:
        raise ValueError("an optional stage ends by an opinion")
    participation.visited(
        {"comment": opinion.comment, "signed_by": opinion.signed_by, "at": event.occurred_at.isoformat()}, clock.now()
    )
    passed = ParticipationStagePassed(stage=stage.name, next_stage=participation.stage or participation.status)
    publish_participation_event(session, "participation.stage_passed", round, participation, consortium, passed, before=before)


def return_for_correction(session: Session, clock: Clock, policies: Policies, event: Event[StageReturned]) -> None:
    """`review.returned`: return the report to the lead, which corrects it within the policy's correction window."""
    if not (effective := lock_if_effective(session, policies, event)):
        return
    participation, round, consortium, stage = effective
    before, opinion_event = participation.state(), event.data
    window = policies.get(round.policy).deadlines.correction_window_days
    due = end_of_day(clock.today() + timedelta(days=window))
    returned: Returned = {
        "stage": stage.name,
        "by": event.producer.partition(".")[2],
        "comment": opinion_event.comment,
        "sections": opinion_event.sections,
    }
    participation.return_to_lead(returned, due, clock.now())
    sent_back = ParticipationReturned(
        stage=stage.name, by=returned["by"], comment=opinion_event.comment, sections=opinion_event.sections, correction_due=due
    )
    publish_participation_event(session, "participation.returned", round, participation, consortium, sent_back, before=before)


def appoint_readers(session: Session, clock: Clock, event: Event[PanelReaders]) -> None:
    """`panel.appointed`: let those reviewers of the panel who have declared to have no interest read the participation's
    documents, and no other expert. If scoring had ended already, the panel changed because a score was voided, so grading waits
    for the new reviewer's score."""
    participation = rounds.by_id(session, event.subject_id)
    rounds.assign_readers(session, participation.id, event.data.readers)
    if event.data.version == participation.version and participation.stage == GRADING:
        before = participation.state()
        participation.reviewed_again(clock.now())
        _publish_rescored(session, participation, before, regraded=False)


def open_papers(session: Session, event: Event[ReviewerDeclared]) -> None:
    """`reviewer.declared`: let this reviewer read the participation's documents."""
    rounds.add_reader(session, rounds.by_id(session, event.subject_id).id, event.data.account)


def void_score(session: Session, clock: Clock, event: Event[ScoreVoided]) -> None:
    """`score.voided`: replace the experts' result. A grade that is given but not public is removed. If the grade is public
    already, or the participation has ended, notify the province that the score was voided too late."""
    voided = event.data
    if not voided.closed:
        return
    participation = rounds.by_id(session, event.subject_id)
    round = rounds.round(session, participation.evaluation)
    before, regraded = participation.state(), participation.status == ParticipationStatus.GRADED
    if voided.version == participation.version and participation.rescored(
        voided.next_stage, voided.score, voided.spread, voided.scores or 0, clock.now()
    ):
        if regraded:
            # The round's ETag changes, so that a chief who has not seen that this grade was removed cannot publish the grades.
            round.revision += 1
        _publish_rescored(session, participation, before, regraded=regraded)
        return
    consortium = consortia.consortium(session, participation.consortium)
    void = ParticipationOpinionVoid(case=voided.case, what="score_void", seat=voided.seat, reason=participation.status)
    publish_participation_event(
        session, "participation.opinion_void", round, participation, consortium, void, before=before, bureau=PROVINCE
    )


def _publish_rescored(session: Session, participation: Participation, before: object, *, regraded: bool) -> None:
    round = rounds.round(session, participation.evaluation)
    consortium = consortia.consortium(session, participation.consortium)
    event = ParticipationRescored(stage=participation.stage or GRADING, regraded=regraded)
    publish_participation_event(
        session, "participation.rescored", round, participation, consortium, event, before=before, bureau=PROVINCE
    )


def lock_if_effective(session: Session, policies: Policies, event: Event[OpinionSigned]) -> EffectiveOpinion | None:
    """Lock and return the participation with its round, its consortium and the stage that a signed opinion closes. If the opinion
    is too late, or if its bureau is not the one that handles the stage, publish that the opinion is void and return None. Raises
    Conflict if the opinion of an earlier stage has not arrived yet; this event is then processed again later."""
    opinion_event = event.data
    participation = rounds.by_id(session, event.subject_id)
    round, consortium = rounds.round(session, participation.evaluation), consortia.consortium(session, participation.consortium)
    stages = {stage.name: stage for stage in policies.get(round.policy).pipeline(KIND)}
    stage, bureau = stages.get(opinion_event.stage), event.producer.partition(".")[2]
    if stage is None:
        why = "not_current_stage"
    elif (late := _void_reason(participation, stage, opinion_event.version, list(stages))) is not None:
        why = late
    elif bureau == (PROVINCE if stage.level == "province" else participation.recommender):
        return participation, round, consortium, stage
    else:
        why = "not_its_turn"
    void = ParticipationOpinionVoid(case=opinion_event.case, reason=why)
    publish_participation_event(
        session,
        "participation.opinion_void",
        round,
        participation,
        consortium,
        void,
        before=participation.state(),
        bureau=bureau,
    )
    return None


def _void_reason(participation: Participation, stage: Stage, version: int, names: list[str]) -> str | None:
    if (
        stage.optional
        and participation.status in (ParticipationStatus.SUBMITTED, ParticipationStatus.GRADED)
        and version == participation.version
    ):
        return None
    why = participation.void_reason(version, stage.name)
    stage_now = participation.stage
    if why == "not_current_stage" and stage_now in names and names.index(stage.name) > names.index(stage_now):
        raise Conflict(
            "earlier_stage_pending",
            "前一环节的意见尚未到达，稍后重试。",
            "The opinion of an earlier stage has not arrived yet; this one is tried again.",
            status=participation.status,
        )
    return why
