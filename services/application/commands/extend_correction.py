"""The bureau that returned an application extends its correction window once (A6)."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from services.application.access import reader
from services.application.repository import cases, timeline
from services.application.serializers.command_answer import application_answer
from services.contracts.application.application_payloads import ApplicationCorrectionExtended
from services.contracts.application.application_responses import ApplicationAnswerDict
from services.kernel.clock import Clock, end_of_day, local_date
from services.kernel.errors import Forbidden
from services.kernel.identity import Actor
from services.policy import Policies, check_extension


def extend_correction(
    session: Session, clock: Clock, policies: Policies, actor: Actor, id: str, until: str, reason: str
) -> ApplicationAnswerDict:
    """Extend the lead's correction window to a later day, with a reason. An officer or chief of the bureau that returned the
    application may extend it, by at most the number of days that the policy allows.

    Raises NotFound, Forbidden for any other actor, Conflict if the application is not in correction or its window was extended
    before, Invalid for a day outside these bounds.
    """
    application = cases.application(session, id, lock=True)
    access = reader(session, actor, application)
    if not application.returned_by(actor):
        raise Forbidden(
            "returning_bureau_only",
            "补正期限只能由退回申请的主管部门延长。",
            "Only the bureau that returned it extends the correction window.",
        )
    due = application.require_extendable(clock.now())
    check_extension(policies.get(application.policy).deadlines, local_date(due), date.fromisoformat(until))
    before, end = application.state(), end_of_day(date.fromisoformat(until))
    application.extend_correction(end, reason, clock.now())
    stage = next(s for s in policies.get(application.policy).pipeline(application.kind) if s.name == application.stage)
    event = ApplicationCorrectionExtended(stage=stage.name, by=actor.bureau or "", reason=reason, correction_due=end)
    timeline.record(
        session,
        application,
        "application.correction_extended",
        event,
        article=stage.citation,
        before=before,
        detail={"stage": stage.name, "by": event.by, "reason": reason, "correction_due": end.isoformat()},
    )
    return application_answer(session, application, access)
