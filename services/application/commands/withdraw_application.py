"""End an application before its decision: its lead withdraws it, its correction window ends, or its call is cancelled (A6)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.application.access import require_lead
from services.application.domain.application import Application
from services.application.repository import cases, quotas, timeline
from services.application.serializers.command_answer import application_answer
from services.contracts.application.application_payloads import ApplicationWithdrawn
from services.contracts.application.application_responses import ApplicationAnswerDict
from services.kernel.clock import Clock
from services.kernel.identity import Actor


def withdraw_application(
    session: Session, clock: Clock, actor: Actor, id: str, reason: str | None = None
) -> ApplicationAnswerDict:
    """Withdraw an application at any time before the decision and release its quotas.

    Raises NotFound, Forbidden for parties other than the lead, Conflict once the application is decided or has ended.
    """
    application = cases.application(session, id, lock=True)
    require_lead(session, actor, application)
    end(session, clock, application, "withdrawn", comment=reason)
    return application_answer(session, application)


def end(session: Session, clock: Clock, application: Application, reason: str, *, comment: str | None = None) -> None:
    """Withdraw the application and release its quotas. `reason`: withdrawn, lapsed or call_cancelled. Raises Conflict once it is
    decided."""
    before = application.state()
    application.withdraw(reason, clock.now())
    quotas.release(session, timeline.subject_of(application), clock.now())
    event = ApplicationWithdrawn(
        version=application.version,
        title=application.name,
        lead=timeline.lead_reference(session, application),
        units=application.units,
        reason=reason,
        name=application.name,
    )
    timeline.record(
        session,
        application,
        "application.withdrawn",
        event,
        article="A6(1)",
        before=before,
        detail={"reason": reason, "comment": comment},
    )
