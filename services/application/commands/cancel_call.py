"""The province cancels a call; every undecided case of the call ends."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.application.access import require_province
from services.application.commands.open_call import publish_call
from services.application.commands.request_support import publish_support_step
from services.application.commands.withdraw_application import end
from services.application.domain.application import BEFORE_DECISION, Application
from services.application.repository import cases, register, supports
from services.application.serializers import application_serializers
from services.application.tables import applications
from services.contracts.application.call_responses import CallAnswerDict
from services.contracts.application.register_payloads import SupportEnded
from services.kernel.clock import Clock
from services.kernel.identity import Actor


def cancel_call(session: Session, clock: Clock, actor: Actor, id: str, reason: str) -> CallAnswerDict:
    """Cancel a call. Its drafts, undecided applications, support requests and nominations are withdrawn, and their reservations
    are released.

    Raises Forbidden for any actor but the province, NotFound, Conflict if it is cancelled already.
    """
    require_province(actor)
    call = cases.call(session, id, lock=True)
    before = call.state()
    call.cancel(reason)
    publish_call(session, "call.cancelled", call, before=before, reason=reason)
    undecided = (
        select(Application)
        .where(applications.c.call_id == id, applications.c.status.in_(BEFORE_DECISION))
        .order_by(applications.c.id)
        .with_for_update()
    )
    for application in session.execute(undecided).scalars():
        end(session, clock, application, "call_cancelled")
    for request in supports.in_call(session, id):
        before = request.state()
        request.end("withdrawn", clock.today())
        consortium = register.consortium(session, request.consortium_id)
        event = SupportEnded(reason="call_cancelled")
        publish_support_step(session, "support.withdrawn", request, consortium, event, before=before)
    return application_serializers.call(call, clock.now())
