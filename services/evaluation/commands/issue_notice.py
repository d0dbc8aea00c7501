"""The province issues the notice of an evaluation round (A13)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from services.contracts.evaluation.answers import EvaluationAnswerDict
from services.contracts.evaluation.payloads import EvaluationNoticed, ParticipationInvited
from services.contracts.evaluation.rounds import NoticeDict
from services.contracts.evaluation.stored import GradeBand
from services.evaluation.access import require_province
from services.evaluation.commands.publish_participation_event import publish_participation_event
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.evaluation_duty import is_invited, is_obliged
from services.evaluation.domain.participation import Participation, ParticipationStatus
from services.evaluation.domain.round import Round, RoundStatus, band_errors, notice_errors
from services.evaluation.repository import consortia, rounds
from services.evaluation.serializers import round_answer
from services.kernel.clock import Clock, local_date
from services.kernel.errors import Invalid
from services.kernel.identity import PROVINCE, Actor
from services.kernel.ids import new_id
from services.kernel.persistence import unit_of_work
from services.policy import Policies, Policy


def issue_notice(session: Session, clock: Clock, policies: Policies, actor: Actor, notice: NoticeDict) -> EvaluationAnswerDict:
    """Issue a notice today. It invites the consortia that must take part and, if the notice allows it, younger consortia, which
    have not operated long enough to be obliged. Bands and caps are the policy's unless the notice states its own (A13).

    Raises Forbidden unless the actor is an officer or chief of the province, Invalid if the notice has mistakes.
    """
    require_province(actor)
    window = notice["window"]
    opens_at, closes_at = datetime.fromisoformat(window["opens_at"]), datetime.fromisoformat(window["closes_at"])
    policy = policies.in_force(clock.today())
    bands, caps = notice["bands"] or _grade_bands(policy), notice["caps"] if notice["caps"] is not None else _grade_caps(policy)
    notice_mistakes = notice_errors(notice, opens_at, closes_at, clock.now(), policy.evaluation)
    if errors := (*notice_mistakes, *band_errors(bands, caps, policy)):
        raise Invalid("invalid_notice", "评估通知有误，请按提示修改。", "The notice has mistakes.", errors=errors)
    round = Round(
        id=new_id(),
        title=notice["title"],
        issued_on=clock.today(),
        opens_at=opens_at,
        closes_at=closes_at,
        period_from=date.fromisoformat(notice["period"]["from"]),
        period_to=date.fromisoformat(notice["period"]["to"]),
        policy=policy.ref,
        rubric=notice["rubric"],
        bands=bands,
        caps=caps,
        caps_at_least_one=notice["caps_at_least_one"],
        allow_younger=notice["allow_younger"],
        min_reviewers=notice["min_reviewers"],
        status=RoundStatus.OPEN,
        publicity_ends=None,
        published_on=None,
        amendments=[],
        cancellation=None,
        contact=notice["contact"],
        revision=1,
        created_at=clock.now(),
    )
    session.add(round)
    session.flush()
    invited = _invite(session, clock, policy, round)
    _publish_notice(session, round, len(invited))
    return round_answer(round, {"invited": len(invited)})


def _grade_bands(policy: Policy) -> list[GradeBand]:
    return [{"grade": grade.grade, "at_least": grade.at_least} for grade in policy.evaluation.grades]


def _grade_caps(policy: Policy) -> dict[str, str]:
    return {grade: str(float(share)) for grade, share in policy.evaluation.caps.items()}


def _invite(session: Session, clock: Clock, policy: Policy, round: Round) -> list[Participation]:
    """Create the participations of the invited consortia and publish an event for each. A consortium whose participation in
    another round has not ended is not invited: it finishes the other round first."""
    units_to_ask = [
        consortium
        for consortium in consortia.active(session)
        if is_invited(consortium, round.issued_on, policy.evaluation, allow_younger=round.allow_younger)
    ]
    busy = rounds.unfinished(session, [consortium.id for consortium in units_to_ask])
    invited = []
    for consortium in units_to_ask:
        if consortium.id not in busy:
            participation = _participation(clock, policy, round, consortium)
            session.add(participation)
            invited.append(participation)
            event = ParticipationInvited(
                mandatory=participation.mandatory,
                opens_on=local_date(round.opens_at),
                closes_on=local_date(round.closes_at),
            )
            publish_participation_event(session, "participation.invited", round, participation, consortium, event, before=None)
    return invited


def _participation(clock: Clock, policy: Policy, round: Round, consortium: Consortium) -> Participation:
    return Participation(
        id=new_id(),
        evaluation=round.id,
        consortium=consortium.id,
        recommender=consortium.recommender,
        mandatory=is_obliged(consortium, round.issued_on, policy.evaluation),
        status=ParticipationStatus.INVITED,
        stage=None,
        version=0,
        round=0,
        content={},
        papers=[],
        returned=None,
        correction_due=None,
        submitted_at=None,
        deferral=None,
        hand_in_until=None,
        score=None,
        spread=None,
        scores=0,
        site_visit=None,
        grade=None,
        grade_score=None,
        grade_reason=None,
        graded_by=None,
        publicity_ends=None,
        held_by=None,
        reason=None,
        revision=1,
        updated_at=clock.now(),
    )


def _publish_notice(session: Session, round: Round, invited: int) -> None:
    event = EvaluationNoticed(
        evaluation=round.id,
        title=round.title,
        issued_on=round.issued_on,
        opens_at=round.opens_at,
        closes_at=round.closes_at,
        policy=round.policy,
        invited=invited,
    )
    unit_of_work.record_change(
        session, "evaluation.noticed", round.subject, event, bureau=PROVINCE, article="A13", after=round.state()
    )
