"""A bureau's signed opinion takes its effect: the case moves on, goes back to the applicant, or ends (A6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from services.application.commands.arbitrate import in_effect
from services.application.commands.recheck import recheck
from services.application.domain.acts import decision_act
from services.application.domain.application import DECISION, Application
from services.application.repository import journal, organisations, places
from services.kernel import issued
from services.kernel.clock import Clock, end_of_day
from services.kernel.envelope import Event
from services.kernel.identity import PROVINCE
from services.policy import Policies


def pass_on(session: Session, clock: Clock, policies: Policies, event: Event) -> None:
    """The stage is passed: the next one's turn."""
    if not (found := in_effect(session, policies, event)):
        return
    application, stage = found
    before, name, opinion = application.state(), event.data["next_stage"], event.data.get("opinion") or {}
    following = next(s for s in policies.get(application.policy).pipeline(application.kind) if s.name == name)
    application.pass_on(name, following.level == "province", clock.now())
    journal.happened(
        session,
        application,
        "application.stage_passed",
        progress(session, application) | {"stage": stage.name, "next_stage": name},
        article=stage.citation,
        before=before,
        bureau=PROVINCE if following.level == "province" else None,
        detail={"stage": stage.name, "next_stage": name, "comment": opinion.get("comment"), **journal.difference(opinion)},
        public=True,
    )
    if name == DECISION:
        recheck(session, clock, policies, application)


def give_back(session: Session, clock: Clock, policies: Policies, event: Event) -> None:
    """Returned with comments on its sections: the applicant corrects it within the policy's window, its places stay."""
    if not (found := in_effect(session, policies, event)):
        return
    application, stage = found
    before, said = application.state(), event.data
    window = policies.get(application.policy).deadlines.correction_window_days
    due = end_of_day(clock.today() + timedelta(days=window))
    bureau = event.producer.partition(".")[2]
    returned = {"stage": stage.name, "by": bureau, "comment": said["comment"], "sections": said["sections"]}
    application.give_back(returned, due, clock.now())
    told = returned | {"correction_due": due.isoformat()}
    journal.happened(
        session,
        application,
        "application.returned",
        progress(session, application) | told,
        article=stage.citation,
        before=before,
        detail=told | journal.difference(said),
    )


def reject(session: Session, clock: Clock, policies: Policies, event: Event) -> None:
    """Rejected for good: its places are freed."""
    if not (found := in_effect(session, policies, event)):
        return
    application, stage = found
    before, reason = application.state(), event.data["comment"]
    application.reject(reason, clock.now())
    places.free(session, journal.subject_of(application), clock.now())
    journal.happened(
        session,
        application,
        "application.rejected",
        progress(session, application) | {"stage": stage.name, "reason": reason},
        article=stage.citation,
        before=before,
        detail={"stage": stage.name, "reason": reason, **journal.difference(event.data)},
    )
    bureau = PROVINCE if stage.level == "province" else application.recommender or PROVINCE
    act = decision_act(application.version, "rejected", bureau, {"on": clock.today().isoformat()})
    issued.act_made(session, "decision", journal.subject_of(application), act, recommender=application.recommender)


def progress(session: Session, application: Application) -> dict[str, Any]:
    """What every step tells, with the lead's name looked up."""
    return journal.progress(application, organisations.names(session, application.units[:1]))
