"""The province extends the window of a notice, corrects its title, or cancels it before its grades are public (A13)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from services.contracts.evaluation.answers import EvaluationAnswerDict
from services.contracts.evaluation.payloads import (
    EvaluationCancelled,
    EvaluationChanged,
    ParticipationExtended,
    ParticipationLeft,
)
from services.contracts.evaluation.rounds import NoticeChangeDict
from services.contracts.evaluation.stored import Amendment, BeforeAmendment
from services.evaluation.access import require_provincial_chief
from services.evaluation.commands.follow_rounds import follow_rounds
from services.evaluation.commands.publish_participation_event import publish_participation_event
from services.evaluation.commands.void_ground import void_ground
from services.evaluation.domain.participation import Participation, ParticipationStatus
from services.evaluation.domain.round import Round
from services.evaluation.repository import consortia, outcomes, rounds
from services.evaluation.serializers import round_answer
from services.kernel.clock import Clock, local_date
from services.kernel.errors import Invalid, PreconditionFailed
from services.kernel.identity import PROVINCE, Actor
from services.kernel.persistence import unit_of_work
from services.kernel.preconditions import version_tag

#: The reason code for participations that end because their notice is cancelled, and for grounds of revocation that are voided
#: with it.
CANCELLED = "cancelled"
#: The statuses of participations that do not change when their notice is cancelled. `ended`: the consortium was revoked or
#: dissolved.
_OVER = (ParticipationStatus.ENDED, ParticipationStatus.CANCELLED, ParticipationStatus.PUBLISHED)


def change_notice(
    session: Session, clock: Clock, actor: Actor, id: str, change: NoticeChangeDict, if_match: str | None = None
) -> EvaluationAnswerDict:
    """Extend the window while it is open, correct the title while the grades are not public, or change the contact.

    Raises Forbidden unless the actor is a chief of the province, NotFound, PreconditionFailed if the notice has changed since it
    was read, Conflict if it is too late for the change, Invalid if the new end is not later than the present end, and if nothing
    is changed.
    """
    require_provincial_chief(actor)
    round = rounds.round(session, id, lock=True)
    if if_match is not None and if_match != version_tag(round.id, round.revision, round.state()):
        raise PreconditionFailed(
            "version_changed",
            "评估通知已被修改，请重新读取后再改。",
            "The notice has changed since; read it again.",
            etag=version_tag(round.id, round.revision, round.state()),
        )
    title, window = change.get("title"), change.get("window")
    if title is None and window is None and "contact" not in change:
        raise Invalid.field("", "nothing_changed", "请填写要修改的内容。", "Say what is to be changed.")
    before = round.state()
    earlier: BeforeAmendment = {"title": round.title, "closes_at": round.closes_at.isoformat(), "contact": round.contact}
    if window is not None:
        round.extend(datetime.fromisoformat(window["closes_at"]), clock.now())
    if title is not None:
        round.correct(title)
    if "contact" in change:
        round.reach(change["contact"])
    amendment: Amendment = {
        "at": clock.now().isoformat(),
        "by": actor.username,
        "reason": change.get("reason"),
        "before": earlier,
    }
    round.amendments = [*round.amendments, amendment]
    if window is None and title is None:  # A new contact changes no consortium's duty, so no event is published.
        at = {"bureau": PROVINCE, "article": "A13"}
        unit_of_work.audit_only(session, "evaluation.changed", round.subject, before=before, after=round.state(), **at)
        return round_answer(round, rounds.counts(session, [id])[id])
    event = EvaluationChanged(evaluation=round.id, title=round.title, closes_at=round.closes_at, extended=window is not None)
    unit_of_work.record_change(
        session, "evaluation.changed", round.subject, event, bureau=PROVINCE, article="A13", before=before, after=round.state()
    )
    if window is not None:
        _publish_new_end(session, round)
    return round_answer(round, rounds.counts(session, [id])[id])


def _publish_new_end(session: Session, round: Round) -> None:
    """Publish an event for each participation without a submitted report, by which its lead is notified that the window now ends
    later."""
    closes_on = local_date(round.closes_at)
    for participation in rounds.of_round(session, round.id, ParticipationStatus.INVITED):
        consortium = consortia.consortium(session, participation.consortium)
        event = ParticipationExtended(
            closes_on=closes_on, mandatory=participation.mandatory, answer_by=_answer_by(participation, closes_on)
        )
        publish_participation_event(
            session, "participation.extended", round, participation, consortium, event, before=participation.state()
        )


def _answer_by(participation: Participation, closes_on: date) -> date | None:
    return closes_on if participation.awaits_answer else None


def cancel_notice(session: Session, clock: Clock, actor: Actor, id: str, reason: str) -> EvaluationAnswerDict:
    """Cancel a notice before the round's grades are public. Every participation in the round ends, and the outcomes that the
    participations claimed can be claimed again. The absences and proposed revocations that the notice caused become void.

    Raises Forbidden unless the actor is a chief of the province, NotFound, Conflict once the grades are public.
    """
    require_provincial_chief(actor)
    round = rounds.round(session, id, lock=True)
    before = round.state()
    round.cancel({"reason": reason, "by": actor.username, "on": clock.today().isoformat()})
    unit_of_work.record_change(
        session,
        "evaluation.cancelled",
        round.subject,
        EvaluationCancelled(evaluation=round.id, title=round.title, reason=reason),
        bureau=PROVINCE,
        article="A13",
        before=before,
        after=round.state(),
    )
    for part in rounds.of_round(session, id):
        _end_participation(session, clock, round, part.id, reason)
    return round_answer(round, rounds.counts(session, [id])[id])


def _end_participation(session: Session, clock: Clock, round: Round, id: str, reason: str) -> None:
    participation = rounds.with_consortium(session, id)
    if participation.status in _OVER:
        return
    consortium = consortia.consortium(session, participation.consortium)
    before = participation.state()
    participation.end(ParticipationStatus.CANCELLED, reason, clock.now())
    outcomes.free(session, participation.id)
    event = ParticipationLeft(reason=CANCELLED, given_up=False, comment=reason)
    publish_participation_event(session, "participation.withdrawn", round, participation, consortium, event, before=before)
    void_ground(session, clock, consortium, participation.subject, f"评估通知已取消：{reason}")
    follow_rounds(session, clock, consortium)
