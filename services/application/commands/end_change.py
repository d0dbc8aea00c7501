"""End a change without effect: the lead withdraws it, or the consortium is revoked or dissolved (A12)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.application.access import lock_led_consortium
from services.application.commands.publish_change_event import publish_change_event
from services.application.domain.consortium import Consortium
from services.application.repository import changes, quotas
from services.application.serializers import register_serializers
from services.contracts.application.change_responses import ChangeAnswerDict
from services.contracts.application.register_payloads import ChangeEnded
from services.kernel.clock import Clock
from services.kernel.identity import Actor


def withdraw_change(session: Session, clock: Clock, actor: Actor, id: str, change: str, reason: str) -> ChangeAnswerDict:
    """Withdraw the lead's change before the decision and release its quotas. Raises NotFound, Forbidden for actors other than the
    lead, Conflict once the change is decided or has ended."""
    consortium = lock_led_consortium(session, actor, id)
    reported = changes.change(session, id, change, lock=True)
    before = reported.state()
    reported.withdraw()
    quotas.release(session, reported.subject, clock.now())
    event = ChangeEnded(reason="withdrawn", comment=reason)
    publish_change_event(session, "change.withdrawn", reported, consortium, event, before=before)
    return register_serializers.change(reported, changes.confirmations(session, change))


def end_changes(session: Session, clock: Clock, consortium: Consortium, why: str) -> None:
    """End every change of the consortium that is reported and not yet in effect, because the consortium has ended. `why`: revoked
    or dissolved."""
    for change in changes.pending(session, consortium.id):
        before = change.state()
        change.lapse()
        quotas.release(session, change.subject, clock.now())
        publish_change_event(session, "change.withdrawn", change, consortium, ChangeEnded(reason=why), before=before)
