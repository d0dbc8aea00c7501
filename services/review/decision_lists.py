"""Load and serialize the decision lists of a call, for queries and commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.contracts.review.answers import UnmetAnswerDict
from services.contracts.review.case_parts import GivenWaiver, MoneyAnswerDict, Organisation, ProposedDecision, UpheldObjectionDict
from services.contracts.review.decision_list_answers import (
    CaseStandingDict,
    DecisionListAnswerDict,
    DecisionRowAnswerDict,
    RowResultDict,
    UnsatisfiedRuleDict,
)
from services.kernel.errors import Conflict, Forbidden, NotFound
from services.kernel.identity import Actor
from services.review import repository
from services.review.domain.case import DECISION, Case, Round
from services.review.domain.decision import waive_findings
from services.review.domain.decision_list import DecisionList
from services.review.domain.opinion import Opinion, waived
from services.review.domain.unmet_answers import unmet
from services.review.standings import Standing, standings
from services.review.tables import cases, decision_lists


def get_list(session: Session, actor: Actor, call: str, id: str, *, lock: bool = False) -> DecisionList:
    """Return one decision list of a call. Raises Forbidden unless the actor is of the province or an auditor, NotFound."""
    require_province(actor)
    decision_list = session.get(DecisionList, id, with_for_update=lock or None, populate_existing=lock)
    if decision_list is None or decision_list.call != call:
        raise NotFound("decision_list_not_found", "没有这一决定名单。", "There is no such list of decisions.")
    return decision_list


def unsigned_lists(session: Session, call: str) -> list[DecisionList]:
    """Return the decision lists of a call that wait for a chief's signature."""
    waiting = decision_lists.c.signed_at.is_(None) & decision_lists.c.withdrawn_at.is_(None)
    return list(session.scalars(select(DecisionList).where(decision_lists.c.call == call, waiting)))


def require_unlisted(session: Session, case: Case) -> None:
    """Raise Conflict if an unsigned decision list contains the case: another draft of the decision would silently replace the
    draft that the list names."""
    lists = unsigned_lists(session, case.call) if case.call and case.stage == DECISION else []
    if listing := next((each for each in lists if any(row["review"] == case.id for row in each.rows)), None):
        raise Conflict(
            "already_listed",
            f"该事项已列入待签署的决定名单“{listing.title}”；须先撤回该名单，才能另行拟定。",
            f"The case is in the unsigned list of decisions “{listing.title}”; withdraw that list before you draft another "
            "decision.",
            decision_list=listing.id,
            status=case.status,
            stage=case.stage,
        )


def list_answer(session: Session, decision_list: DecisionList) -> DecisionListAnswerDict:
    """Serialize a decision list: for each row the case, everything that the decider must read about it, and the row's result."""
    return list_answers(session, decision_list.call, [decision_list])[0]


def list_answers(session: Session, call: str, lists: Sequence[DecisionList]) -> list[DecisionListAnswerDict]:
    """Serialize decision lists of one call, each like `list_answer`. The number of SQL statements is the same for one list and
    for many."""
    reviews = sorted({row["review"] for decision_list in lists for row in decision_list.rows})
    cases_by_id = {case.id: case for case in session.scalars(select(Case).where(cases.c.id.in_(reviews)))}
    opinions_by_case = repository.opinions_by_case(session, reviews)
    drafts = {opinion.id: opinion for opinions in opinions_by_case.values() for opinion in opinions}
    draft_rounds = {(row["review"], drafts[row["draft"]].round) for decision_list in lists for row in decision_list.rows}
    rounds = repository.rounds_of_cases(session, draft_rounds)
    ranked = standings(session, repository.ranked_cases(session, call)) if reviews else {}

    def answer(row: ProposedDecision, results: Mapping[str, RowResultDict]) -> DecisionRowAnswerDict:
        case, round = cases_by_id[row["review"]], rounds[row["review"], drafts[row["draft"]].round]
        return {
            "review": row["review"],
            "draft": row["draft"],
            "outcome": row["outcome"],
            "reason": row["reason"],
            "waivers": row["waivers"],
            "acknowledgements": row["acknowledgements"],
            "amount": row["amount"],
            "objections": row["objections"],
            "title": case.title,
            "subject": case.subject,
            "result": results.get(case.id),
            **facts_to_read(round, opinions_by_case[case.id], ranked.get(case.id)),
        }

    return [
        {
            "id": decision_list.id,
            "call": decision_list.call,
            "title": decision_list.title,
            "status": decision_list.status,
            "by": decision_list.by,
            "at": decision_list.at.isoformat(),
            "signed_by": decision_list.signed_by,
            "decided_on": decision_list.decided_on.isoformat() if decision_list.decided_on else None,
            "rows": [answer(row, {result["review"]: result for result in decision_list.results}) for row in decision_list.rows],
            "etag": decision_list.etag,
        }
        for decision_list in lists
    ]


class FactsToRead(TypedDict):
    """The members of a row that the decider must read before signing."""

    lead: Organisation
    standing: CaseStandingDict
    unsatisfied: list[UnsatisfiedRuleDict]
    waived: list[GivenWaiver]
    unmet: list[UnmetAnswerDict]
    upheld: list[UpheldObjectionDict]
    money: MoneyAnswerDict | None


def facts_to_read(round: Round, opinions: Sequence[Opinion], ranked: Standing | None) -> FactsToRead:
    """Return the facts that the decider must read before signing: the lead, the rank, the rules that are not satisfied and which
    of them the decision may waive, the waivers in force, the conditions answered "not met", the upheld objections that an
    approval must name, and the money asked for."""
    holding = waived(round, opinions)
    reasons = {waiver["rule"]: waiver["reason"] for waiver in holding}
    return {
        "lead": round.material["lead"],
        "standing": {
            "rank": ranked["rank"] if ranked else None,
            "normalised_rank": ranked["normalised_rank"] if ranked else None,
            "aggregate": ranked["aggregate"] if ranked else None,
            "spread": ranked["spread"] if ranked else None,
        },
        "unsatisfied": [
            cast(UnsatisfiedRuleDict, {**finding, "waivable": finding["rule"] in round.waivable})
            for finding in waive_findings(round.open_findings, reasons)
        ],
        "waived": holding,
        "unmet": unmet(round, opinions),
        "upheld": round.objections,
        "money": round.money,
    }


def require_province(actor: Actor) -> None:
    if not (actor.has("auditor") or (actor.official and actor.of_province)):
        raise Forbidden("province_only", "此操作只能由自治区科技厅办理。", "Only the provincial department can do this.")
