"""Queries about evaluation rounds and their participants."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.contracts.evaluation.answers import EvaluationAnswerDict, ParticipantAnswerDict, ParticipantItemDict
from services.contracts.pages import PageDict
from services.evaluation.access import is_lead
from services.evaluation.available_actions import participation_actions
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.participation import Participation
from services.evaluation.domain.round import Round
from services.evaluation.flow_charts import participation_flow
from services.evaluation.repository import consortia, outcomes, rounds
from services.evaluation.repository.similar_outcomes import alike_outcomes, named_outcomes
from services.evaluation.serializers import participation_answer, round_answer, whole_participation_answer
from services.evaluation.tables import consortia as consortium_table
from services.evaluation.tables import evaluations, participations
from services.kernel.clock import Clock
from services.kernel.identity import Actor
from services.kernel.persistence.paging import page
from services.policy import Policies


def list_evaluations(
    session: Session, limit: int = 50, cursor: str | None = None, status: str | None = None
) -> PageDict[EvaluationAnswerDict]:
    """List the evaluation rounds with their notices, the newest first."""
    statement = select(evaluations.c.id, Round)
    if status:
        statement = statement.where(evaluations.c.status == status)
    rows, next_cursor = page(session, statement, [evaluations.c.id], limit=limit, cursor=cursor, descending=True)
    counted = rounds.counts(session, [row.Round.id for row in rows])
    return {"items": [round_answer(row.Round, counted[row.Round.id]) for row in rows], "next_cursor": next_cursor}


def get_evaluation(session: Session, id: str) -> EvaluationAnswerDict:
    """Return one evaluation round with its notice. Raises NotFound."""
    return round_answer(rounds.round(session, id), rounds.counts(session, [id])[id])


def list_participants(
    session: Session,
    clock: Clock,
    actor: Actor,
    id: str,
    limit: int = 50,
    cursor: str | None = None,
    status: str | None = None,
    recommender: str | None = None,
) -> PageDict[ParticipantItemDict]:
    """List the participations in a round that the actor may see: the province and auditors see all, with grades before they are
    public; a bureau sees those of its own consortia; a lead sees that of its consortium. Raises NotFound if the round does not
    exist."""
    round = rounds.round(session, id)
    statement = (
        select(participations.c.id, Participation, Consortium)
        .join(consortium_table, consortium_table.c.id == participations.c.consortium)
        .where(participations.c.evaluation == id)
    )
    if status:
        statement = statement.where(participations.c.status == status)
    if recommender:
        statement = statement.where(participations.c.recommender == recommender)
    if not _sees_all(actor):
        of_own_organisation = consortium_table.c.lead == actor.organisation if actor.has("applicant") else None
        readable = participations.c.recommender == actor.bureau if actor.official else of_own_organisation
        statement = statement.where(readable if readable is not None else participations.c.id.is_(None))
    rows, next_cursor = page(session, statement, [participations.c.id], limit=limit, cursor=cursor)
    judged = _sees_all(actor)
    today = clock.today()
    items = [participation_answer(row.Participation, round, row.Consortium, today, judged=judged) for row in rows]
    return {"items": items, "next_cursor": next_cursor}


def get_participant(
    session: Session, clock: Clock, policies: Policies, actor: Actor, id: str, consortium: str
) -> ParticipantAnswerDict:
    """Return one participation with its report, its flow chart and the actions that the actor may take, for its lead, its
    recommender, the province and auditors. Officials and auditors also see similar outcomes of other consortia. Raises
    NotFound."""
    round, consortium_row = rounds.round(session, id), consortia.visible(session, consortium, actor)
    participation = rounds.participation(session, id, consortium)
    answer = whole_participation_answer(participation, round, consortium_row, clock.today(), judged=_sees_all(actor))
    if participation.version == 0 and not is_lead(actor, consortium_row):
        answer["report"] = None  # Only the lead may read a draft.
    elif not is_lead(actor, consortium_row):
        claimed = named_outcomes(session, consortium_row, participation)
        answer["likenesses"] = alike_outcomes(session, participation, claimed)
    return {
        **answer,
        "allowances": outcomes.allowances(session, participation.id),
        "stages": participation_flow(policies.get(round.policy), participation, round, consortium_row),
        "actions": participation_actions(actor, participation, round, consortium_row, clock.now()),
    }


def _sees_all(actor: Actor) -> bool:
    return actor.has("auditor") or (actor.official and actor.of_province)
