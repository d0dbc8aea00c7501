"""An officer drafts an opinion. A chief signs an opinion, which moves the case, or corrects a signed opinion (A6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from services.contracts.review.answers import OpinionGivenAnswerDict, WhereItStandsDict
from services.contracts.review.case_parts import Acknowledged, GivenWaiver, Reply, SectionFault
from services.contracts.review.payloads import ReviewCorrected, ReviewPassed, ReviewRejected, ReviewReturned
from services.kernel import document_statement
from services.kernel.clock import Clock, local_date
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.review import repository
from services.review.commands.publish_case_event import note, publish_case_event
from services.review.commands.stages import leave_stage
from services.review.decision_lists import require_unlisted
from services.review.domain.acts import opinion_act
from services.review.domain.case import DECISION, EXPERT_REVIEW, Case, CaseStatus, Round, Stage
from services.review.domain.opinion import Opinion, OpinionOutcome, Particulars, correctable, require_named_at_once
from services.review.domain.signature import draft_read, etag_of, sign
from services.review.guards import require_signable


def give_opinion(
    session: Session,
    clock: Clock,
    actor: Actor,
    id: str,
    stage: str,
    outcome: str,
    comment: str,
    sections: Sequence[SectionFault] = (),
    waivers: Sequence[GivenWaiver] = (),
    answers: Mapping[str, Reply] | None = None,
    corrects: str | None = None,
    main_task_bearing: Sequence[str] | None = None,
    acknowledgements: Sequence[Acknowledged] = (),
    amount: str | None = None,
    knowingly: bool | None = None,
    if_match: str | None = None,
    differs_reason: str | None = None,
    draft: bool = False,
) -> OpinionGivenAnswerDict:
    """Record an opinion of the case's own bureau at its present stage. With `corrects`, the opinion replaces an earlier signed
    opinion, and nothing that followed from the earlier opinion changes. A chief who signs names the draft that was read
    (`if_match`), and says why the opinion differs from it (`differs_reason`). `draft`: store a draft although the actor could
    also sign; another chief signs it. `amount` (yuan): the money that an officer's draft of the decision proposes to grant
    (A9(1)1). `knowingly`: whether the draft proposes to approve a change although a mandatory rule fails (A12). A draft that does
    not propose to approve stores neither.

    Raises Forbidden if an account without the role officer drafts, NotFound for another bureau's case, Conflict if the case is
    not at this stage or if four eyes apply and no other person has drafted, Invalid if the opinion is incomplete or differs from
    its draft without a reason, PreconditionRequired and PreconditionFailed if the draft that was read is not named or has
    changed.
    """
    actor.require("officer") if draft else actor.require("officer", "chief")
    case = repository.own_case(session, actor, id, lock=True)
    opinions = repository.opinions_of(session, case)
    corrected = correctable(opinions, corrects, outcome, stage) if corrects else None
    if corrected and outcome == OpinionOutcome.RETURN:
        require_named_at_once(corrected, sections)
    round = repository.round_of(session, case, corrected.round if corrected else None)
    rules = round.stage(stage) if corrected else stage_for_opinion(case, round, stage)
    opinion = Opinion(
        id=new_id(),
        case_id=case.id,
        round=round.number,
        version=round.version,
        stage=stage,
        outcome=outcome,
        comment=comment,
        by=actor.username,
        at=clock.now(),
        sections=list(sections),
        answers=dict(answers or {}),
        waivers=list(waivers),
        corrects=corrects,
        particulars=_particulars(main_task_bearing, acknowledgements) | _grant_particulars(outcome, amount, knowingly) or None,
    )
    opinion.check(round, rules)
    if actor.has("chief") and not draft:
        require_signable(round, rules, outcome)
        opinion.acting_for = actor.acting_for
        read = draft_read(drafts_for(opinion, opinions), actor.username, rules, if_match)
        sign(opinion, read, differs_reason)
    return record(session, clock, case, round, opinion, corrected)


def _particulars(main_task_bearing: Sequence[str] | None, acknowledgements: Sequence[Acknowledged]) -> Particulars:
    particulars: Particulars = {} if main_task_bearing is None else {"main_task_bearing": list(main_task_bearing)}
    if acknowledgements:
        particulars["acknowledgements"] = list(acknowledgements)
    return particulars


def _grant_particulars(outcome: str, amount: str | None, knowingly: bool | None) -> Particulars:
    particulars: Particulars = {}
    if outcome == OpinionOutcome.PASS and amount is not None:
        particulars["amount"] = amount
    if outcome == OpinionOutcome.PASS and knowingly is not None:
        particulars["knowingly"] = knowingly
    return particulars


def record(
    session: Session, clock: Clock, case: Case, round: Round, opinion: Opinion, corrected: Opinion | None
) -> OpinionGivenAnswerDict:
    """Store an opinion. If it is signed and corrects no other opinion, apply its effects on the case."""
    article = round.stage(opinion.stage).citation
    session.add(opinion)
    if corrected and opinion.signed:
        review_corrected = ReviewCorrected(opinion=opinion.id, corrects=corrected.id, correction=opinion.to_signed())
        publish_case_event(session, case, "review.corrected", article, review_corrected)
    elif opinion.signed:
        _move_case(session, clock, case, round, opinion)
    else:
        require_unlisted(session, case)
        note(session, case, "opinion.drafted", article, after=opinion.to_dict())
    if opinion.differs:
        note(session, case, "opinion.differs", article, after=opinion.differs)
    act = opinion_act(opinion.id, opinion.stage, case.bureau, local_date(opinion.at).isoformat()) if opinion.signed else None
    if act:
        document_statement.announce_act(
            session, "opinion", f"review/{case.id}", act, recommender=case.recommender, origin=case.bureau
        )
    standing: WhereItStandsDict = {"id": case.id, "status": case.status, "stage": case.stage}
    return {**opinion.to_dict(), "etag": etag_of(opinion), "review": standing}


def stage_for_opinion(case: Case, round: Round, name: str) -> Stage:
    """Return the stage `name` for an opinion. Raises Conflict unless it is the case's present stage, or an optional stage whose
    opinion does not move the case and can be given now."""
    if name != case.stage and any(stage.name == name and _is_optional(stage) for stage in round.stages):
        case.require_beside(round.stages, round.stage(name))
    else:
        case.require(name)
    return round.stage(name)


def _is_optional(stage: Stage) -> bool:
    """Return whether a stage is optional and ends with an opinion. A case never enters such a stage: an opinion is given if
    needed (必要时, A13), and it does not move the case."""
    return stage.optional and stage.name not in (EXPERT_REVIEW, DECISION)


def drafts_for(opinion: Opinion, opinions: Sequence[Opinion]) -> list[Opinion]:
    """Return the drafts that could be signed as this opinion: the drafts of the same round and stage that correct the same
    opinion, or none if this opinion is no correction."""
    about = (opinion.round, opinion.stage, opinion.corrects)
    return [draft for draft in opinions if not draft.signed and (draft.round, draft.stage, draft.corrects) == about]


def _move_case(session: Session, clock: Clock, case: Case, round: Round, opinion: Opinion) -> None:
    """Apply a signed opinion to the case: return it, reject it, or move it to the next stage."""
    stage = round.stage(opinion.stage)
    before, article = case.state(), stage.citation
    if _is_optional(stage):
        due = date.fromisoformat(case.due_on) if case.status == CaseStatus.OPEN else None
        passed = ReviewPassed(stage=stage.name, next_stage=None, due_on=due, opinion=opinion.to_signed())
        publish_case_event(session, case, "review.passed", article, passed)
    elif opinion.outcome == OpinionOutcome.RETURN:
        case.settle(CaseStatus.RETURNED)
        returned = ReviewReturned(
            stage=opinion.stage,
            comment=opinion.comment,
            signed_by=opinion.by,
            differs=opinion.published_difference,
            acting_for=opinion.acting_for,
            sections=opinion.sections,
        )
        publish_case_event(session, case, "review.returned", article, returned, before=before)
    elif opinion.outcome == OpinionOutcome.REJECT and not stage.advisory:
        case.settle(CaseStatus.REJECTED)
        rejected = ReviewRejected(
            stage=opinion.stage,
            comment=opinion.comment,
            signed_by=opinion.by,
            differs=opinion.published_difference,
            acting_for=opinion.acting_for,
        )
        publish_case_event(session, case, "review.rejected", article, rejected, before=before)
    else:
        leave_stage(session, clock, case, round, opinion)
