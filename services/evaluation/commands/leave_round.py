"""A consortium leaves a round: it withdraws, stays absent, or the province grants it a deferral (A13)."""

from __future__ import annotations

from typing import Literal

from sqlalchemy.orm import Session

from services.contracts.evaluation.answers import ParticipantAnswerDict
from services.contracts.evaluation.payloads import DeferralEvent, ParticipationLeft
from services.contracts.evaluation.stored import DeferralAnswer, DeferralRequest, FoundFact
from services.evaluation.access import require_provincial_chief
from services.evaluation.commands.follow_rounds import follow_rounds
from services.evaluation.commands.propose_revocation import propose_revocation
from services.evaluation.commands.publish_participation_event import publish_participation_event
from services.evaluation.commands.write_report import own_participation
from services.evaluation.domain.acts import deferral_act
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.outcome_number import plain_name
from services.evaluation.domain.participation import DeferralStatus, Participation, ParticipationStatus
from services.evaluation.domain.round import Round
from services.evaluation.repository import consortia, outcomes, rounds
from services.evaluation.serializers import whole_participation_answer
from services.kernel import document_statement
from services.kernel.attachments import verified_attachments
from services.kernel.clock import Clock, end_of_day, local_date, received_instant
from services.kernel.errors import Invalid
from services.kernel.identity import PROVINCE, Actor
from services.kernel.messaging.signing import Verifier
from services.kernel.preconditions import require_current, version_tag
from services.policy import Policies, add_days

#: The citation of the ground of revocation for not taking part in an evaluation or leaving it midway.
GIVING_UP = "A14(2)"


def withdraw_from_round(
    session: Session, clock: Clock, policies: Policies, actor: Actor, id: str, consortium: str, reason: str
) -> ParticipantAnswerDict:
    """The lead withdraws its consortium from the round before the grade is given. The outcomes that the participation claimed can
    be claimed again. If the consortium had to take part or had submitted its report, leaving counts as giving up the recognition
    (A13), and a revocation is proposed to the province.

    Raises NotFound, Forbidden unless the actor is the consortium's lead, Conflict once the participation is graded or has ended.
    """
    consortium_row, round, participation = own_participation(session, actor, id, consortium)
    before, given_up = participation.state(), participation.given_up
    participation.withdraw(reason, clock.now())
    outcomes.free(session, participation.id)
    event = ParticipationLeft(reason="withdrawn", comment=reason, given_up=given_up)
    publish_participation_event(session, "participation.withdrawn", round, participation, consortium_row, event, before=before)
    if given_up:
        _propose_revocation(session, clock, policies, consortium_row, round, participation, "withdrawn", reason)
    follow_rounds(session, clock, consortium_row)
    return whole_participation_answer(participation, round, consortium_row, clock.today())


def mark_absent(session: Session, clock: Clock, policies: Policies, participation: Participation, *, lapsed: bool) -> str:
    """End a participation as absent: no report was submitted before the window ended or, if `lapsed`, before the correction
    window ended."""
    consortium, round = consortia.consortium(session, participation.consortium), rounds.round(session, participation.evaluation)
    before, given_up = participation.state(), participation.given_up
    participation.end(
        ParticipationStatus.ABSENT if given_up else ParticipationStatus.DECLINED, "lapsed" if lapsed else None, clock.now()
    )
    outcomes.free(session, participation.id)
    why = "lapsed" if lapsed else "absent"
    event = ParticipationLeft(reason=why, given_up=given_up)
    publish_participation_event(session, "participation.absent", round, participation, consortium, event, before=before)
    if given_up:
        requested_reason = participation.deferral["reason"] if participation.deferral else None
        _propose_revocation(session, clock, policies, consortium, round, participation, why, requested_reason)
    follow_rounds(session, clock, consortium)
    return participation.status


def _propose_revocation(
    session: Session,
    clock: Clock,
    policies: Policies,
    consortium: Consortium,
    round: Round,
    participation: Participation,
    why: str,
    statement: str | None,
) -> None:
    fact: FoundFact = {"fact": why, "source": participation.subject, "evaluation": round.title, "said": statement}
    propose_revocation(session, clock, policies, consortium, GIVING_UP, fact)


def ask_deferral(
    session: Session,
    clock: Clock,
    verifier: Verifier,
    actor: Actor,
    id: str,
    consortium: str,
    reason: str,
    documents: list[str],
    documents_statement: str | None = None,
    received_at: float | None = None,
) -> ParticipantAnswerDict:
    """Ask, before the window for reports ends, to take part in the next round instead of this one, for a good reason (A13:
    无正当理由).

    A second deferral in a row needs a different reason. A consortium is not recorded as absent while its request waits for an
    answer. A request counts if the gateway received it (`received_at`) before the window ended.

    Raises NotFound, Forbidden unless the actor is the lead, Conflict outside the window, if a report was submitted already and if
    an earlier request waits for an answer, Invalid if a second request in a row repeats the reason of the first.
    """
    consortium_row, round, participation = own_participation(session, actor, id, consortium)
    _require_own_reason(session, participation, "reason", reason)
    papers = verified_attachments(verifier, documents_statement, documents, subject=consortium_row.subject)
    before, at = participation.state(), received_instant(clock, received_at)
    request: DeferralRequest = {"reason": reason, "documents": papers, "asked_at": at.isoformat(), "asked_by": actor.username}
    participation.ask_deferral(request, round, at)
    last_day = local_date(round.closes_at)
    event = DeferralEvent(reason=reason, closes_on=last_day, answer_by=last_day, in_a_row=consortium_row.deferrals + 1)
    publish_participation_event(
        session, "participation.deferral_requested", round, participation, consortium_row, event, before=before, bureau=PROVINCE
    )
    return whole_participation_answer(participation, round, consortium_row, clock.today())


def answer_deferral(
    session: Session,
    clock: Clock,
    policies: Policies,
    actor: Actor,
    id: str,
    consortium: str,
    outcome: str,
    reason: str,
    if_match: str | None = None,
) -> ParticipantAnswerDict:
    """Grant or refuse a deferral, also after the window has ended. `if_match` is the ETag of the participation with the request
    that was read. After a refusal the lead may submit the report until the window ends, and at least for the days of the policy's
    correction window.

    Raises Forbidden unless the actor is a chief of the province, NotFound, PreconditionRequired and PreconditionFailed if
    `if_match` is not the participation's present ETag, Conflict if no request is waiting, Invalid if a second grant in a row
    repeats the reason of the first.
    """
    require_provincial_chief(actor)
    consortium_row, round = consortia.consortium(session, consortium, lock=True), rounds.round(session, id)
    participation = rounds.participation(session, id, consortium, lock=True)
    require_current(if_match, version_tag(participation.id, participation.revision, participation.state()))
    before = participation.state()
    status = {"grant": DeferralStatus.GRANTED, "refuse": DeferralStatus.REFUSED}[outcome]
    if status == DeferralStatus.GRANTED:
        _require_own_reason(session, participation, "answer", reason)
    answer: DeferralAnswer = {
        "status": status,
        "answer": reason,
        "answered_at": clock.now().isoformat(),
        "answered_by": actor.username,
    }
    days = policies.get(round.policy).deadlines.correction_window_days
    participation.answer_deferral(answer, end_of_day(add_days(clock.today(), days)), clock.now())
    if status == DeferralStatus.GRANTED:
        outcomes.free(session, participation.id)
        event = DeferralEvent(reason=reason, outcome=status, in_a_row=consortium_row.deferrals + 1)
    else:
        closes_on = local_date(max(round.closes_at, participation.hand_in_until or round.closes_at))
        event = DeferralEvent(reason=reason, outcome=status, closes_on=closes_on)
    publish_participation_event(
        session, "participation.deferral_answered", round, participation, consortium_row, event, before=before
    )
    act = deferral_act(answer["answered_at"], PROVINCE, clock.today().isoformat())
    document_statement.announce_act(
        session, "deferral_decision", participation.subject, act, recommender=consortium_row.recommender
    )
    follow_rounds(session, clock, consortium_row)
    return whole_participation_answer(participation, round, consortium_row, clock.today())


def _require_own_reason(
    session: Session, participation: Participation, said_as: Literal["reason", "answer"], reason: str
) -> None:
    """Raise Invalid if the deferral of the previous round was requested or granted for the same reason. `said_as`: the field of
    the stored deferral that contains the reason: `reason` of the lead's request, or `answer` of the province."""
    last = rounds.previous_deferral(session, participation)
    if last and plain_name(last.get(said_as) or "") == plain_name(reason):
        raise Invalid.field(
            "/reason",
            "reason_repeated",
            "连续第二次延期须另行说明理由，不能与上一次相同（第十三条）。",
            "A second deferral in a row needs a reason of its own, not that of the first (article 13).",
        )
