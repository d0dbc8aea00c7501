"""Queries about the decision lists of a call."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.contracts.review.decision_list_answers import (
    CandidateForDecisionDict,
    DecisionCandidatesDict,
    DecisionListAnswerDict,
    DecisionListsAnswerDict,
)
from services.kernel.identity import PROVINCE, Actor
from services.review import repository
from services.review.decision_lists import facts_to_read, get_list, list_answer, list_answers, require_province, unsigned_lists
from services.review.domain.case import DECISION, Case, CaseStatus
from services.review.domain.decision_list import DecisionList
from services.review.standings import standings
from services.review.tables import cases, decision_lists

#: The most cases of one call that are offered for a decision list; a decision list has at most as many rows.
MOST_ROWS = 300


def list_decision_lists(session: Session, actor: Actor, call: str) -> DecisionListsAnswerDict:
    """Return the decision lists of a call, the newest first. Raises Forbidden unless the actor is of the province or an auditor,
    NotFound."""
    require_province(actor)
    repository.call(session, call)
    rows = session.scalars(
        select(DecisionList).where(decision_lists.c.call == call).order_by(decision_lists.c.id.desc()).limit(200)
    )
    return {"items": list_answers(session, call, list(rows))}


def get_decision_list(session: Session, actor: Actor, call: str, id: str) -> DecisionListAnswerDict:
    """Return one decision list with its rows. Raises Forbidden unless the actor is of the province or an auditor, NotFound."""
    return list_answer(session, get_list(session, actor, call, id))


def decision_candidates(session: Session, actor: Actor, call: str) -> DecisionCandidatesDict:
    """Return the cases of a call that wait for their decision, by rank, each with the facts that a decision list contains.
    `listed`: the unsigned decision list that contains the case already. Raises Forbidden unless the actor is of the province or
    an auditor, NotFound."""
    require_province(actor)
    repository.call(session, call)
    open_cases = select(Case).where(cases.c.call == call, cases.c.status == CaseStatus.OPEN, cases.c.stage == DECISION)
    waiting = list(session.scalars(open_cases.where(cases.c.bureau == PROVINCE).limit(MOST_ROWS)))
    opinions = repository.opinions_by_case(session, [case.id for case in waiting])
    rounds = repository.rounds_by_number(session, [(case.id, case.round) for case in waiting])
    ranked = standings(session, repository.ranked_cases(session, call))
    listed = {row["review"]: each.id for each in unsigned_lists(session, call) for row in each.rows}
    items: list[CandidateForDecisionDict] = [
        {
            "review": case.id,
            "subject": case.subject,
            "title": case.title,
            "listed": listed.get(case.id),
            **facts_to_read(rounds[case.id], opinions[case.id], ranked.get(case.id)),
        }
        for case in waiting
    ]
    return {"items": sorted(items, key=_by_rank)}


def _by_rank(item: CandidateForDecisionDict) -> tuple[bool, int, str]:
    rank = item["standing"]["rank"]
    return rank is None, rank or 0, item["review"]
