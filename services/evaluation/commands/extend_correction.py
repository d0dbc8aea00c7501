"""The bureau that returned a report extends its correction window, once (A13)."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from services.contracts.evaluation.answers import ParticipantAnswerDict
from services.contracts.evaluation.payloads import ParticipationCorrectionExtended
from services.evaluation.commands.publish_participation_event import publish_participation_event
from services.evaluation.repository import consortia, rounds
from services.evaluation.serializers import whole_participation_answer
from services.kernel.clock import Clock, end_of_day, local_date
from services.kernel.errors import Forbidden
from services.kernel.identity import Actor
from services.policy import Policies, check_extension


def extend_correction(
    session: Session, clock: Clock, policies: Policies, actor: Actor, id: str, consortium: str, until: str, reason: str
) -> ParticipantAnswerDict:
    """Extend the lead's correction window to a later day, with a reason, by at most the policy's days. An officer or chief of the
    bureau that returned the report may do so.

    Raises NotFound, Forbidden for any other account, Conflict if the report is not being corrected or the correction window was
    extended before, Invalid if the new day is not later than the present one or later than the policy allows.
    """
    consortium_row = consortia.consortium(session, consortium)
    round, participation = rounds.round(session, id), rounds.participation(session, id, consortium, lock=True)
    if not consortium_row.may_be_seen_by(actor):
        raise rounds.no_participation()
    if not participation.returned_by(actor):
        raise Forbidden(
            "returning_bureau_only",
            "补正期限只能由退回评估材料的主管部门延长。",
            "Only the bureau that returned it extends the correction window.",
        )
    due = participation.require_extendable(clock.now())
    check_extension(policies.get(round.policy).deadlines, local_date(due), date.fromisoformat(until))
    before, end = participation.state(), end_of_day(date.fromisoformat(until))
    participation.extend_correction(end, reason, clock.now())
    event = ParticipationCorrectionExtended(
        stage=participation.stage or "", by=actor.bureau or "", reason=reason, correction_due=end
    )
    publish_participation_event(
        session, "participation.correction_extended", round, participation, consortium_row, event, before=before
    )
    return whole_participation_answer(participation, round, consortium_row, clock.today())
