"""Queries that return the facts of generated documents: notices of grades, answers to deferrals, and revocation decisions. The
documents service typesets them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from services.evaluation.domain.acts import deferral_act, grade_act, revocation_act
from services.evaluation.domain.evaluation_duty import round_after
from services.evaluation.domain.participation import ParticipationStatus
from services.evaluation.domain.revocation import RevocationStatus
from services.evaluation.queries.revocations import get_revocation
from services.evaluation.queries.rounds import get_participant
from services.evaluation.repository import rounds
from services.evaluation.serializers import day
from services.kernel import document_statement
from services.kernel.clock import Clock, local_date
from services.kernel.document_statement import DocumentStatement
from services.kernel.identity import PROVINCE, Actor
from services.kernel.messaging.signing import Signer
from services.policy import Policies


def grade_paper(
    session: Session, clock: Clock, policies: Policies, actor: Actor, signer: Signer, *, id: str, consortium: str
) -> DocumentStatement:
    """Return the facts of the notice of a grade (A13). Raises Conflict before the grade is in effect, even for accounts that may
    see the grade already."""
    facts = get_participant(session, clock, policies, actor, id, consortium)
    if facts["status"] != ParticipationStatus.PUBLISHED:
        raise document_statement.not_yet_available("评估等次尚未生效。", "The grade is not in effect yet.", facts["status"])
    round, participation = rounds.round(session, id), rounds.participation(session, id, consortium)
    next_by = round_after(round.issued_on, policies.get(round.policy).evaluation)
    names, members = ("title", "consortium", "lead", "recommender", "grade", "score", "grade_reason"), _members_of(facts)
    published_on = day(participation.in_effect_on) or ""
    return document_statement.document_statement(
        signer,
        actor,
        paper="grade_notice",
        subject=f"participation/{facts['id']}",
        version=str(facts["version"]),
        bureau=facts["recommender"],
        recommender=facts["recommender"],
        facts={name: members[name] for name in names} | {"published_on": published_on, "next_round_by": day(next_by)},
        act=grade_act(facts["version"], PROVINCE, published_on),
    )


def deferral_paper(
    session: Session, clock: Clock, policies: Policies, actor: Actor, signer: Signer, *, id: str, consortium: str
) -> DocumentStatement:
    """Return the facts of the answer to a request for a deferral (A13). Raises Conflict before the request is answered."""
    facts = get_participant(session, clock, policies, actor, id, consortium)
    deferral = facts["deferral"]
    answered_at = deferral.get("answered_at") if deferral else None
    if deferral is None or answered_at is None:
        raise document_statement.not_yet_available("延期申请尚未答复。", "No deferral is answered yet.", facts["status"])
    participation = rounds.participation(session, id, consortium)
    answered_on = local_date(datetime.fromisoformat(answered_at)).isoformat()
    until = participation.hand_in_until and max(participation.hand_in_until, rounds.round(session, id).closes_at)
    names, members = ("title", "consortium", "lead", "recommender"), _members_of(facts)
    return document_statement.document_statement(
        signer,
        actor,
        paper="deferral_decision",
        subject=f"participation/{facts['id']}",
        version="1",
        bureau=PROVINCE,
        recommender=facts["recommender"],
        facts={name: members[name] for name in names}
        | {
            "outcome": deferral["status"],
            "answer": deferral.get("answer"),
            "answered_on": answered_on,
            "hand_in_until": day(local_date(until)) if until else None,
        },
        act=deferral_act(answered_at, PROVINCE, answered_on),
    )


def revocation_paper(
    session: Session, clock: Clock, policies: Policies, actor: Actor, signer: Signer, *, id: str
) -> DocumentStatement:
    """Return the facts of the decision on a revocation (A14), for accounts that may read the case. Raises Conflict before the
    decision."""
    facts = get_revocation(session, clock, actor, id)
    if facts["decision"] is None or facts["status"] == RevocationStatus.VOID:
        raise document_statement.not_yet_available("尚未作出决定。", "There is no decision yet.", facts["status"])
    names = ("consortium", "lead", "recommender", "status", "grounds", "reason", "opened_on", "statements", "decision")
    members = _members_of(facts)
    texts = {ground.code: ground.text.to_dict() for ground in policies.get(facts["policy"]).grounds}
    decided_on = facts["decision"]["on"]
    return document_statement.document_statement(
        signer,
        actor,
        paper="revocation_decision",
        subject=f"revocation/{id}",
        version="1",
        bureau=PROVINCE,
        recommender=facts["recommender"],
        facts={name: members[name] for name in names} | {"ground_texts": {g: texts[g] for g in facts["grounds"] if g in texts}},
        act=revocation_act(PROVINCE, decided_on),
    )


def _members_of(facts: Mapping[str, object]) -> Mapping[str, object]:
    """Return the same object, typed as a mapping so that members can be read by a variable name."""
    return facts
