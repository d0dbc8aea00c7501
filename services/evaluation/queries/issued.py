"""What stands in grade notices and revocation decisions; `documents` typesets it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.evaluation.queries.revocations import get_revocation
from services.evaluation.queries.rounds import get_evaluation, get_participant
from services.kernel import issued
from services.kernel.identity import PROVINCE, Actor
from services.kernel.signing import Signer


def grade_paper(session: Session, actor: Actor, signer: Signer, *, id: str, consortium: str) -> dict[str, Any]:
    """The notice of a grade (A13), once it is published. Conflict before, also for those who know it already."""
    facts = get_participant(session, actor, id, consortium)
    if facts["status"] != "published":
        raise issued.not_yet("评估结果尚未公布。", "The results are not published yet.", facts["status"])
    names = ("title", "consortium", "lead", "grade", "score", "next_round_by", "grade_reason")
    return issued.stated(
        signer,
        actor,
        paper="grade_notice",
        subject=f"participation/{facts['id']}",
        version=str(facts["version"]),
        bureau=facts["recommender"],
        recommender=facts["recommender"],
        facts={name: facts[name] for name in names} | {"published_on": get_evaluation(session, id)["published_on"]},
    )


def revocation_paper(session: Session, actor: Actor, signer: Signer, *, id: str) -> dict[str, Any]:
    """The decision on a revocation (A14), for whom it concerns. Conflict before there is one."""
    facts = get_revocation(session, actor, id)
    if facts["decision"] is None:
        raise issued.not_yet("尚未作出决定。", "There is no decision yet.", facts["status"])
    names = ("consortium", "lead", "status", "grounds", "reason", "opened_on", "statements", "decision")
    return issued.stated(
        signer,
        actor,
        paper="revocation_decision",
        subject=f"revocation/{id}",
        version="1",
        bureau=PROVINCE,
        recommender=facts["recommender"],
        facts={name: facts[name] for name in names},
    )
