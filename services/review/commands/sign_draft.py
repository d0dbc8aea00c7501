"""A chief signs an officer's draft unchanged (A6)."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from services.contracts.review.answers import OpinionGivenAnswerDict
from services.kernel.clock import Clock
from services.kernel.errors import NotFound, PreconditionFailed
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.review import repository
from services.review.commands.give_opinion import drafts_for, record, stage_for_opinion
from services.review.domain.opinion import correctable
from services.review.domain.signature import draft_read, etag_of, own_draft, sign
from services.review.guards import require_signable


def sign_draft(
    session: Session, clock: Clock, actor: Actor, id: str, draft: str, if_match: str | None = None
) -> OpinionGivenAnswerDict:
    """Sign a draft of the case's own bureau. `if_match` is the ETag of the draft that was read.

    Raises Forbidden unless the actor is a chief, NotFound for another bureau's case or an unknown draft, PreconditionRequired
    without `if_match`, PreconditionFailed if the draft's author has replaced the draft, Conflict if the case has left the stage
    or the actor drafted the opinion.
    """
    actor.require("chief")
    case = repository.own_case(session, actor, id, lock=True)
    opinions = repository.opinions_of(session, case)
    draft_opinion = next((opinion for opinion in opinions if opinion.id == draft and not opinion.signed), None)
    if draft_opinion is None:
        raise NotFound("unknown_draft", "没有这份起草的意见。", "There is no such draft.")
    corrected = (
        correctable(opinions, draft_opinion.corrects, draft_opinion.outcome, draft_opinion.stage)
        if draft_opinion.corrects
        else None
    )
    round = repository.round_of(session, case, corrected.round if corrected else None)
    rules = round.stage(draft_opinion.stage) if corrected else stage_for_opinion(case, round, draft_opinion.stage)
    require_signable(round, rules, draft_opinion.outcome)
    if draft_opinion.by == actor.username:
        raise own_draft(rules)
    opinion = replace(draft_opinion, id=new_id(), by=actor.username, at=clock.now(), acting_for=actor.acting_for)
    read = draft_read(drafts_for(opinion, opinions), actor.username, rules, if_match)
    if read is not draft_opinion:
        raise PreconditionFailed(
            "draft_changed",
            "起草的意见已修改，请重新阅读后再签署。",
            "This draft was replaced; read the present one before you sign.",
            etag=etag_of(draft_opinion),
        )
    opinion.check(round, rules)
    sign(opinion, draft_opinion, None)
    return record(session, clock, case, round, opinion, corrected)
