"""Queries that return the facts of generated documents about applications and the register. The documents service typesets
them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypedDict

from sqlalchemy.orm import Session

from services.application.access import reader
from services.application.domain.acts import DecisionMade, decision_act
from services.application.domain.application import Application
from services.application.domain.objection import RecognitionObjection
from services.application.queries.applications import read_application, read_application_with_promise
from services.application.queries.consortia import get_consortium, public_consortia
from services.application.repository import cases, timeline
from services.application.repository.register import no_consortium
from services.contracts.application.application_responses import ApplicationAnswerDict, Decision, PublicityPeriod
from services.contracts.certificates import RecognitionCheck
from services.kernel import document_statement
from services.kernel.clock import local_date
from services.kernel.document_statement import DocumentStatement
from services.kernel.errors import NotFound
from services.kernel.identity import PROVINCE, Actor
from services.kernel.messaging.signing import Signer
from services.kernel.settings import Settings
from services.objections import repository
from services.policy import Policies, Policy

#: The statuses in which the applicant may be editing, so that the present application may differ from the submitted version.
_BEING_WRITTEN = ("draft", "returned")


def application_paper(session: Session, policies: Policies, actor: Actor, signer: Signer, *, id: str) -> DocumentStatement:
    """Return the facts of the application form (A6(1)). Parties get the present state, and a draft is marked as a draft; other
    readers get the submitted version."""
    facts = read_application_with_promise(session, policies, actor, id)
    call = cases.call(session, facts["call_id"]) if facts["call_id"] else None
    draft, promise = facts["status"] in _BEING_WRITTEN, facts.get("promise")
    return document_statement.document_statement(
        signer,
        actor,
        paper="application_form",
        subject=f"application/{id}",
        version=f"draft.{facts['etag']}" if draft else str(facts["version"]),
        bureau=facts["recommender"] or PROVINCE,
        recommender=facts["recommender"],
        facts={**facts, "call_title": call.title if call else None, "draft": draft},
        people=(promise["signed_by"],) if promise and not draft else (),
    )


def decision_paper(session: Session, policies: Policies, actor: Actor, signer: Signer, *, id: str) -> DocumentStatement:
    """Return the facts of the province's decision (A6(2)) or of a bureau's earlier rejection (A6(1)), for readers of the
    application except experts. Raises Conflict if neither has been made."""
    application = cases.application(session, id)
    if reader(session, actor, application).expert:
        raise NotFound(
            "application_not_found", "没有这一申请，或您无权查看。", "There is no such application, or it is not yours to see."
        )
    facts = read_application(session, actor, id)
    # The document records the decision as it was made, with its list, even while the recognition is held.
    decision, rejected = application.decision, _rejection(session, application)
    decision_made: DecisionMade | None = {"on": rejected["on"]} if rejected else decision
    if decision_made is None:
        raise document_statement.not_yet_available("尚未作出决定。", "There is no decision yet.", facts["status"])
    waived = [waiver["rule"] for waiver in decision["waivers"]] if decision else []
    ended = facts["status"] if facts["status"] in ("rejected", "declined") else "approved"
    bureau = rejected["bureau"] if rejected else PROVINCE
    return document_statement.document_statement(
        signer,
        actor,
        paper="decision",
        subject=f"application/{id}",
        version=str(facts["version"]),
        bureau=bureau,
        recommender=facts["recommender"],
        facts={
            "name": facts["name"],
            "channel": facts["channel"],
            "field": facts["field"],
            "lead": facts["lead"],
            "lead_name": facts["lead_name"],
            "recommender": facts["recommender"],
            "status": facts["status"],
            "version": facts["version"],
            "members": facts["members"],
            "decision": decision,
            "publicity": _publicity(decision, facts),
            "declined": ended == "declined",
            "rejected": rejected,
            "objections": _objection_answers(session, id, decision.get("objections", []) if decision else []),
            "rules": rule_names(policies.get(facts["policy"]), waived),
        },
        act=decision_act(facts["version"], ended, bureau, decision_made),
    )


def _publicity(decision: Decision | None, facts: ApplicationAnswerDict) -> PublicityPeriod | None:
    """Return the publicity period that the decision began. Holding the recognition ends the period, but the document about the
    decision still states it. Decisions of earlier releases do not store the period."""
    ends_on = decision.get("ends_on") if decision else None
    return {"ends_on": ends_on} if ends_on else facts["publicity"]


def _objection_answers(session: Session, id: str, objection_ids: Sequence[str]) -> list[str]:
    """Return the texts of the answers to the upheld objections that a decision names. They contain no objector's name."""
    upheld = repository.of_case(session, RecognitionObjection, id)
    return [objection.answer for objection in upheld if objection.id in objection_ids and objection.answer]


class Rejection(TypedDict):
    """The rejection of an application by a bureau."""

    stage: str
    bureau: str
    on: str
    reason: str


def _rejection(session: Session, application: Application) -> Rejection | None:
    """Return the bureau, stage, day and reason of the rejection; None if the application was not rejected."""
    if application.status != "rejected":
        return None
    line = timeline.newest(session, timeline.subject_of(application), "application.rejected")
    if line is None:
        return None
    stage = line.detail["stage"]
    home = application.recommender or PROVINCE if stage == "recommendation" else PROVINCE
    return {"stage": stage, "bureau": home, "on": local_date(line.at).isoformat(), "reason": line.detail["reason"]}


class RuleName(TypedDict):
    """The title and the article of a rule."""

    title: dict[str, str]
    article: dict[str, str]


def rule_names(policy: Policy, waived: Collection[str]) -> dict[str, RuleName]:
    """Return the title and the article of each waived rule, by rule id."""
    rules = {rule.id: rule for rule in policy.rules if rule.id in waived}
    return {id: {"title": rule.title.to_dict(), "article": rule.article.to_dict()} for id, rule in rules.items()}


def certificate_paper(session: Session, actor: Actor, signer: Signer, settings: Settings, *, id: str) -> DocumentStatement:
    """Return the facts of the certificate of recognition (A6(2)), from the present register. If the consortium is revoked or
    dissolved, the certificate is marked so."""
    facts = get_consortium(session, actor, id)
    if "number" not in facts:  # a proposed consortium is not recognised yet
        raise no_consortium()
    return document_statement.document_statement(
        signer,
        actor,
        paper="certificate",
        subject=f"consortium/{id}",
        version=facts["etag"],
        bureau=facts["recommender"],
        recommender=facts["recommender"],
        facts={**facts, "verify_at": f"{settings.public_url}/api/v1/public/certificates/{facts['number']}"},
    )


def public_certificate(session: Session, *, number: str) -> RecognitionCheck:
    """Check a certificate for the public: return whether the consortium exists and whether its recognition is in force. Raises
    NotFound for a number that was never assigned."""
    consortia = public_consortia(session, limit=1, number=number)["items"]
    if not consortia:
        raise NotFound(
            "no_such_certificate",
            "没有这一编号的认定证书，请核对编号；查无此证的，证书不真实。",
            "No certificate has this number; compare it. A certificate that is not found here is not genuine.",
        )
    return {**consortia[0], "in_force": consortia[0]["status"] not in ("revoked", "dissolved")}
