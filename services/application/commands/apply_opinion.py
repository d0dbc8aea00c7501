"""Apply a bureau's signed opinion: the case moves to the next stage, returns to the applicant, or ends (A6)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from services.application.commands.arbitrate import lock_if_effective
from services.application.commands.reevaluate_application import recheck
from services.application.domain.acts import decision_act
from services.application.domain.application import DECISION
from services.application.received_events import Opinion, StagePassed, StageRejected, StageReturned
from services.application.repository import cases, quotas, timeline
from services.contracts.application.application_payloads import (
    ApplicationRejected,
    ApplicationReturned,
    ApplicationStagePassed,
)
from services.contracts.application.application_responses import ReturnedCase
from services.kernel import document_statement
from services.kernel.clock import Clock, end_of_day
from services.kernel.identity import PROVINCE
from services.kernel.messaging.envelope import Event
from services.policy import Policies


def close_stage(session: Session, clock: Clock, policies: Policies, event: Event[StagePassed]) -> None:
    """`review.recommended`, `review.passed`: close the stage that the bureau passed, and open the next one."""
    if not (effective := lock_if_effective(session, policies, event, event.data.stage)):
        return
    application, stage = effective
    before, name, opinion = application.state(), event.data.next_stage, event.data.opinion or Opinion()
    following = next(s for s in policies.get(application.policy).pipeline(application.kind) if s.name == name)
    detail: dict[str, object] = {"stage": stage.name, "next_stage": following.name, "comment": opinion.comment}
    application.advance(following.name, following.level == "province", clock.now())
    timeline.record(
        session,
        application,
        "application.stage_passed",
        ApplicationStagePassed(stage=stage.name, next_stage=following.name),
        article=stage.citation,
        before=before,
        bureau=PROVINCE if following.level == "province" else None,
        detail=detail | timeline.difference(opinion.differs),
        public=True,
    )
    if name == DECISION:
        recheck(session, clock, policies, application)


def return_for_correction(session: Session, clock: Clock, policies: Policies, event: Event[StageReturned]) -> None:
    """`review.returned`: return the application with comments on its sections. The applicant must correct the application within
    the policy's window; meanwhile its quotas stay reserved."""
    if not (effective := lock_if_effective(session, policies, event, event.data.stage)):
        return
    application, stage = effective
    before, opinion = application.state(), event.data
    window = policies.get(application.policy).deadlines.correction_window_days
    due = end_of_day(clock.today() + timedelta(days=window))
    bureau = event.producer.partition(".")[2]
    returned: ReturnedCase = {"stage": stage.name, "by": bureau, "comment": opinion.comment, "sections": opinion.sections}
    application.return_to_applicant(returned, due, clock.now())
    cases.assign_readers(session, application.id, application.version, ())
    timeline.record(
        session,
        application,
        "application.returned",
        ApplicationReturned(stage=stage.name, by=bureau, comment=opinion.comment, sections=opinion.sections, correction_due=due),
        article=stage.citation,
        before=before,
        detail={**returned, "correction_due": due.isoformat(), **timeline.difference(opinion.differs)},
    )


def reject(session: Session, clock: Clock, policies: Policies, event: Event[StageRejected]) -> None:
    """`review.rejected`: reject the application permanently and release its quotas."""
    if not (effective := lock_if_effective(session, policies, event, event.data.stage)):
        return
    application, stage = effective
    before, reason = application.state(), event.data.comment
    application.reject(reason, clock.now())
    quotas.release(session, timeline.subject_of(application), clock.now())
    timeline.record(
        session,
        application,
        "application.rejected",
        ApplicationRejected(stage=stage.name, reason=reason),
        article=stage.citation,
        before=before,
        detail={"stage": stage.name, "reason": reason, **timeline.difference(event.data.differs)},
    )
    bureau = PROVINCE if stage.level == "province" else application.recommender or PROVINCE
    act = decision_act(application.version, "rejected", bureau, {"on": clock.today().isoformat()})
    document_statement.announce_act(
        session, "decision", timeline.subject_of(application), act, recommender=application.recommender
    )
