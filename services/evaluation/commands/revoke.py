"""Revocation of a recognition: the province opens a case, of its own accord or on a proposal; the consortium states its view; the
province decides (A14)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from services.contracts.attachment import Attachment
from services.contracts.evaluation.answers import RevocationAnswerDict
from services.contracts.evaluation.payloads import (
    RevocationDecided,
    RevocationDismissed,
    RevocationEvent,
    RevocationOpened,
)
from services.contracts.evaluation.stored import FoundFact, RevocationDecision
from services.evaluation.access import require_lead, require_province, require_provincial_chief
from services.evaluation.commands.end_duties import end_duties
from services.evaluation.commands.propose_revocation import new_case, propose_revocation, publish_revocation_event
from services.evaluation.domain.acts import revocation_act
from services.evaluation.domain.consortium import Consortium, ConsortiumStatus
from services.evaluation.domain.revocation import Revocation, RevocationOutcome, RevocationStatus
from services.evaluation.repository import consortia, revocations
from services.evaluation.serializers import revocation_answer
from services.kernel import document_statement
from services.kernel.attachments import verified_attachments
from services.kernel.clock import Clock, end_of_day, local_date
from services.kernel.errors import Conflict, FieldError, Invalid, Text
from services.kernel.identity import PROVINCE, Actor
from services.kernel.messaging.signing import Verifier
from services.kernel.preconditions import require_current, version_tag
from services.policy import Policies, spell_out

#: The citation of the ground of revocation after a failed acceptance.
RECTIFICATION_FAILED = "A13"


def open_revocation(
    session: Session,
    clock: Clock,
    policies: Policies,
    verifier: Verifier,
    actor: Actor,
    consortium: str,
    grounds: list[str],
    reason: str,
    documents: list[str],
    documents_statement: str | None = None,
) -> RevocationAnswerDict:
    """Open a revocation case on grounds of A14, with its evidence. The consortium is notified and may state its view.

    Raises Forbidden unless the actor is an officer or chief of the province, NotFound, Invalid if a ground is unknown or there is
    no evidence, Conflict if the consortium is revoked or dissolved or has an open case.
    """
    require_province(actor)
    consortium_row = consortia.consortium(session, consortium, lock=True)
    papers = verified_attachments(verifier, documents_statement, documents, subject=consortium_row.subject)
    _require_open_to_it(session, consortium_row)
    _require_grounds(policies, clock, grounds)
    _require_evidence(papers)
    case = new_case(clock, policies, consortium_row, "province")
    case.grounds = list(dict.fromkeys(grounds))
    session.add(case)
    _open_case(session, clock, policies, case, consortium_row, reason, papers, before=None)
    return revocation_answer(case, consortium_row)


def confirm_revocation(
    session: Session,
    clock: Clock,
    policies: Policies,
    verifier: Verifier,
    actor: Actor,
    id: str,
    outcome: str,
    reason: str,
    documents: list[str],
    documents_statement: str | None = None,
    if_match: str | None = None,
) -> RevocationAnswerDict:
    """Open the case that the platform proposed (`open`), with at least one document as evidence, or dismiss the proposal with a
    reason. `if_match` is the ETag of the proposal that was read, including its last ground. Raises Forbidden unless the actor is
    an officer or chief of the province, NotFound, PreconditionRequired and PreconditionFailed if `if_match` is not the proposal's
    present ETag, Conflict unless the case is a proposal and, to open it, if the consortium is revoked or dissolved or has an open
    case, Invalid if the case is opened without evidence.
    """
    require_province(actor)
    case, consortium = _lock_case(session, id)
    require_current(if_match, version_tag(case.id, case.revision, case.state()))
    papers = verified_attachments(verifier, documents_statement, documents, subject=consortium.subject)
    before = case.state()
    if outcome == RevocationOutcome.DISMISS:
        case.dismiss(
            {"outcome": RevocationOutcome.DISMISS, "reason": reason, "by": actor.username, "on": clock.today().isoformat()}
        )
        event = RevocationDismissed(reason=reason, restored=_restored(session, consortium))
        publish_revocation_event(session, "revocation.dismissed", case, consortium, event, before=before)
        return revocation_answer(case, consortium)
    _require_open_to_it(session, consortium)
    _require_evidence(papers)
    _open_case(session, clock, policies, case, consortium, reason, papers, before=before)
    return revocation_answer(case, consortium)


def open_known_ground(
    session: Session,
    clock: Clock,
    policies: Policies,
    consortium: Consortium,
    ground: str,
    fact: FoundFact,
    papers: list[Attachment],
) -> None:
    """Open a revocation case without waiting for a confirmation of its proposal, because a decision of the province itself caused
    the ground: the province need not confirm a fact that it already knows (A12, A14(1)). `papers`: the documents on which the
    province made that decision."""
    case = propose_revocation(session, clock, policies, consortium, ground, fact)
    if case and not any(
        other_case.status == RevocationStatus.OPEN for other_case in revocations.undecided(session, consortium.id)
    ):
        _open_case(session, clock, policies, case, consortium, str(fact.get("said") or ""), papers, before=case.state())


def state_view(
    session: Session,
    clock: Clock,
    verifier: Verifier,
    actor: Actor,
    id: str,
    text: str,
    documents: list[str],
    documents_statement: str | None = None,
) -> RevocationAnswerDict:
    """Record the consortium's view of the revocation case. Its lead states the view and may add to it until the decision. Raises
    NotFound, Forbidden unless the actor is the lead, Conflict unless the case is open."""
    case, consortium = _lock_case(session, id)
    require_lead(actor, consortium)
    papers = verified_attachments(verifier, documents_statement, documents, subject=consortium.subject)
    before = case.state()
    case.state_view({"text": text, "documents": papers, "at": clock.now().isoformat(), "by": actor.username})
    publish_revocation_event(session, "revocation.stated", case, consortium, RevocationEvent(), before=before)
    return revocation_answer(case, consortium)


def decide_revocation(
    session: Session,
    clock: Clock,
    verifier: Verifier,
    actor: Actor,
    id: str,
    outcome: str,
    reason: str,
    documents: Sequence[str] = (),
    documents_statement: str | None = None,
    if_match: str | None = None,
) -> RevocationAnswerDict:
    """End the recognition (`revoke`) or keep it (`keep`), with reasons, after the time for the consortium's statement (A14).
    `documents` add to the evidence, because a case may have been opened without documents. `if_match` is the ETag of the case
    that was read, including its last statement.

    Raises Forbidden unless the actor is a chief of the province, NotFound, PreconditionRequired and PreconditionFailed if
    `if_match` is not the case's present ETag, Conflict before the time for the statement is over and if a revocation has no
    evidence.
    """
    require_provincial_chief(actor)
    case, consortium = _lock_case(session, id)
    require_current(if_match, version_tag(case.id, case.revision, case.state()))
    papers = verified_attachments(verifier, documents_statement, documents, subject=consortium.subject)
    before = case.state()
    decision: RevocationDecision = {"outcome": outcome, "reason": reason, "by": actor.username, "on": clock.today().isoformat()}
    case.decide(outcome, decision, papers, clock.now())
    restored = None
    if outcome == RevocationOutcome.REVOKE:
        consortium.status = ConsortiumStatus.REVOKED
        end_duties(session, clock, consortium, "revoked")
    else:
        restored = _restored(session, consortium)
    event = RevocationDecided(outcome=outcome, reason=reason, decided_on=clock.today(), restored=restored)
    publish_revocation_event(session, "revocation.decided", case, consortium, event, before=before)
    act = revocation_act(PROVINCE, decision["on"])
    document_statement.announce_act(session, "revocation_decision", f"revocation/{id}", act, recommender=consortium.recommender)
    return revocation_answer(case, consortium)


def _open_case(
    session: Session,
    clock: Clock,
    policies: Policies,
    case: Revocation,
    consortium: Consortium,
    reason: str,
    papers: list[Attachment],
    *,
    before: Any,
) -> None:
    days = policies.get(case.policy).deadlines.statement_days
    due = end_of_day(clock.today() + timedelta(days=days))
    case.open(reason, papers, clock.today(), due)
    event = RevocationOpened(reason=reason, statement_due=due, statement_due_on=local_date(due))
    publish_revocation_event(session, "revocation.opened", case, consortium, event, before=before)


def _restored(session: Session, consortium: Consortium) -> bool | None:
    """Make a consortium active again whose rectification failed, but whose recognition the province keeps, if no rectification
    runs and no undecided case names the failed rectification as its ground (A13). Return true if the consortium became active,
    otherwise None, so that the event leaves the member out."""
    session.flush()
    failed = any(RECTIFICATION_FAILED in case.grounds for case in revocations.undecided(session, consortium.id))
    if consortium.status != ConsortiumStatus.RECTIFYING or failed or revocations.running(session, consortium.id):
        return None
    consortium.status = ConsortiumStatus.ACTIVE
    return True


def _lock_case(session: Session, id: str) -> tuple[Revocation, Consortium]:
    """Lock and return a revocation case and its consortium. Every transaction locks the consortium first, so that two
    transactions cannot deadlock."""
    revocation_row = revocations.revocation(session, id)
    consortium = consortia.consortium(session, revocation_row.consortium, lock=True)
    return revocations.revocation(session, id, lock=True), consortium


def _require_open_to_it(session: Session, consortium: Consortium) -> None:
    consortium.require_alive("A14")
    if any(case.status == RevocationStatus.OPEN for case in revocations.undecided(session, consortium.id)):
        raise Conflict(
            "revocation_open",
            "该创新联合体已有正在办理的取消资格事项，请在其中办理。",
            "A case about this consortium is open already.",
            status=consortium.status,
            article="A14",
        )


def _require_evidence(papers: list[Attachment]) -> None:
    if not papers:
        raise Invalid.field(
            "/documents",
            "evidence_required",
            "请至少提交一份证据材料（第十四条）。",
            "Give at least one document as evidence (article 14).",
        )


def _require_grounds(policies: Policies, clock: Clock, grounds: list[str]) -> None:
    known_codes = [ground.code for ground in policies.in_force(clock.today()).grounds]
    listed = spell_out(", ".join(known_codes))
    text = Text(f"只能是：{listed.zh}。", f"Must be one of: {listed.en}.")
    errors = [
        FieldError(f"/grounds/{index}", "unknown_ground", text)
        for index, ground in enumerate(grounds)
        if ground not in known_codes
    ]
    if not grounds:
        errors.append(FieldError("/grounds", "required", text))
    if errors:
        raise Invalid(
            "invalid_grounds", "请填写第十四条所列的取消资格情形。", "Name the grounds of article 14.", errors=tuple(errors)
        )
