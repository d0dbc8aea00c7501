"""Query that returns the facts of the generated document of a bureau's signed opinion. The documents service typesets it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict

from sqlalchemy.orm import Session

from services.contracts.bilingual import Bilingual
from services.contracts.review.case_parts import GivenWaiver, ReviewFinding
from services.kernel import document_statement
from services.kernel.clock import Clock, local_date
from services.kernel.document_statement import DocumentStatement
from services.kernel.errors import Forbidden
from services.kernel.identity import Actor
from services.kernel.messaging.signing import Signer
from services.policy import spell_out
from services.review.domain.acts import opinion_act
from services.review.domain.case import title_of
from services.review.queries.case import get_review


class RuleNames(TypedDict):
    title: Bilingual
    article: Bilingual


def opinion_paper(session: Session, clock: Clock, actor: Actor, signer: Signer, *, id: str) -> DocumentStatement:
    """Return the facts of the opinion that a bureau signed last on a case (A6(1)), for the bureau and auditors. Raises Conflict
    before an opinion is signed."""
    facts = get_review(session, clock, actor, id)
    if "opinions" not in facts:
        raise Forbidden("bureau_only", "意见书只供主管部门查阅。", "The opinion is for the bureau alone.")
    signed = [opinion for opinion in facts["opinions"] if opinion["signed"] and not opinion.get("corrected_by")]
    if not signed:
        raise document_statement.not_yet_available("意见尚未签署。", "The opinion is not signed yet.", facts["status"])
    opinion = signed[-1]
    given_on = local_date(datetime.fromisoformat(opinion["at"])).isoformat()
    return document_statement.document_statement(
        signer,
        actor,
        paper="opinion",
        subject=f"review/{id}",
        version=str(signed[-1]["version"]),
        bureau=facts["bureau"],
        recommender=facts["recommender"],
        facts={
            "title": facts["title"],
            "kind": facts["kind"],
            "field": facts["field"],
            "lead": facts["lead"],
            "bureau": facts["bureau"],
            "questions": facts["questions"],
            "waivers": facts.get("waivers"),
            "opinion": opinion,
            "rules": _waived_rules(facts["findings"], opinion["waivers"]),
        },
        act=opinion_act(opinion["id"], opinion["stage"], facts["bureau"], given_on),
        people=(opinion["by"], opinion["drafted_by"], opinion.get("acting_for")),
    )


def _waived_rules(findings: Iterable[ReviewFinding], waivers: Iterable[GivenWaiver]) -> dict[str, RuleNames]:
    """Return the titles and articles of the waived rules, by rule id."""
    waived_rules = {waiver["rule"] for waiver in waivers}
    return {
        finding["rule"]: {"title": title_of(finding).to_dict(), "article": spell_out(finding["citation"]).to_dict()}
        for finding in findings
        if finding["rule"] in waived_rules
    }
