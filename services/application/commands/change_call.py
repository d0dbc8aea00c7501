"""The province extends a call, or changes its contents before it opens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from services.application.access import require_province
from services.application.commands.open_call import publish_call
from services.application.repository import cases
from services.application.serializers import application_serializers
from services.contracts.application.call_requests import CallChangeDict
from services.contracts.application.call_responses import CallAnswerDict
from services.kernel.clock import Clock
from services.kernel.errors import PreconditionFailed
from services.kernel.identity import PROVINCE, Actor
from services.kernel.persistence import unit_of_work


def change_call(
    session: Session, clock: Clock, actor: Actor, id: str, change: CallChangeDict, if_match: str | None = None
) -> CallAnswerDict:
    """Move the end of a call to a later time, or change its title and fields, which is possible until the call opens.

    Raises Forbidden for any actor but the province, NotFound, PreconditionFailed if the call changed since it was read, Conflict
    for a part that can no longer change, Invalid for an earlier end.
    """
    require_province(actor)
    call = cases.call(session, id, lock=True)
    if if_match is not None and if_match != str(call.revision):
        raise PreconditionFailed(
            "version_changed",
            "申报通知已被修改，请重新读取后再改。",
            "The call has changed since; read it again and repeat your change.",
            etag=str(call.revision),
        )
    before = call.state()
    closes_at = datetime.fromisoformat(change["closes_at"]) if "closes_at" in change else None
    if call.change(change, closes_at, clock.now()):
        publish_call(session, "call.extended", call, before=before)
    else:
        unit_of_work.audit_only(
            session,
            "call.changed",
            f"call/{id}",
            bureau=PROVINCE,
            article="A6(1)",
            before=before,
            after=call.state(),
        )
    return application_serializers.call(call, clock.now())
