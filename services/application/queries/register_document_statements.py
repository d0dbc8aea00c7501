"""Queries that return the facts of generated documents about changes (A12) and support (A9). The documents service typesets
them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from services.application.domain.acts import change_act, support_act
from services.application.domain.consortium import Consortium
from services.application.queries.changes import get_change
from services.application.queries.document_statements import rule_names
from services.application.queries.supports import get_support_request
from services.application.repository import organisations, register
from services.kernel import document_statement
from services.kernel.document_statement import DocumentStatement
from services.kernel.identity import PROVINCE, Actor
from services.kernel.messaging.signing import Signer
from services.policy import Policies, spell_out


def change_paper(
    session: Session, policies: Policies, actor: Actor, signer: Signer, *, id: str, change: str
) -> DocumentStatement:
    """Return the facts of the province's decision on a change (A12), for readers of the change. Raises Conflict if the change is
    not decided."""
    facts = get_change(session, policies, actor, id, change)
    decision = facts["decision"]
    if decision is None or "on" not in decision:
        raise document_statement.not_yet_available("尚未作出决定。", "There is no decision yet.", facts["status"])
    return _consortium_statement(
        session,
        actor,
        signer,
        register.consortium(session, id),
        paper="change_decision",
        subject=f"change/{change}",
        act=change_act(facts["version"], PROVINCE, decision),
        facts={
            "kind": facts["kind"],
            "reported_on": facts["reported_on"],
            "effective_on": facts["effective_on"],
            "decision": decision,
            "rules": rule_names(policies.get(facts["policy"]), [waiver["rule"] for waiver in decision.get("waivers", [])]),
        },
    )


def support_paper(
    session: Session, policies: Policies, actor: Actor, signer: Signer, *, id: str, request: str
) -> DocumentStatement:
    """Return the facts of the province's decision on a support request (A9), for readers of the request. Raises Conflict if the
    request is not decided, and for measures that are recorded without a decision."""
    facts = get_support_request(session, actor, id, request)
    decision = facts["decision"]
    if decision is None or decision["outcome"] not in ("approve", "decline"):
        raise document_statement.not_yet_available("尚未作出决定。", "There is no decision yet.", facts["status"])
    measure = policies.get(facts["policy"]).measure(facts["measure"])
    return _consortium_statement(
        session,
        actor,
        signer,
        register.consortium(session, id),
        paper="support_decision",
        subject=f"support/{request}",
        act=support_act(PROVINCE, decision),
        facts={
            "measure": measure.title.to_dict(),
            "article": spell_out(measure.citation).to_dict(),
            "requested_on": facts["requested_on"],
            "amount": facts["amount"],
            "decision": decision,
        },
    )


def _consortium_statement(
    session: Session,
    actor: Actor,
    signer: Signer,
    consortium_row: Consortium,
    *,
    paper: str,
    subject: str,
    act: dict[str, str],
    facts: Mapping[str, object],
) -> DocumentStatement:
    lead = organisations.names(session, [consortium_row.lead]).get(consortium_row.lead)
    consortium = {
        "consortium": {"number": consortium_row.number, "name": consortium_row.name},
        "lead": {"uscc": consortium_row.lead, "name": lead},
        "recommender": consortium_row.recommender,
    }
    return document_statement.document_statement(
        signer,
        actor,
        paper=paper,
        subject=subject,
        version="1",
        bureau=PROVINCE,
        recommender=consortium_row.recommender,
        facts={**facts, **consortium},
        act=act,
    )
