"""What stands on a bureau's signed opinion when it is put on paper; `documents` typesets it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.kernel import issued
from services.kernel.clock import Clock
from services.kernel.errors import Forbidden
from services.kernel.identity import Actor
from services.kernel.signing import Signer
from services.review.queries.case import get_review


def opinion_paper(session: Session, clock: Clock, actor: Actor, signer: Signer, *, id: str) -> dict[str, Any]:
    """The opinion a bureau signed last on a case (A6(1)), for the bureau and auditors. Conflict before there is one."""
    facts = get_review(session, clock, actor, id)
    if "opinions" not in facts:
        raise Forbidden("bureau_only", "意见书只供主管部门查阅。", "The opinion is for the bureau alone.")
    signed = [opinion for opinion in facts["opinions"] if opinion["signed"] and not opinion["corrected_by"]]
    if not signed:
        raise issued.not_yet("意见尚未签署。", "The opinion is not signed yet.", facts["status"])
    names = ("title", "kind", "field", "lead", "bureau", "questions", "waivers")
    return issued.stated(
        signer,
        actor,
        paper="opinion",
        subject=f"review/{id}",
        version=str(signed[-1]["version"]),
        bureau=facts["bureau"],
        recommender=facts["recommender"],
        facts={name: facts[name] for name in names} | {"opinion": signed[-1]},
    )
