"""The lead reports its rectification; the province decides the acceptance (A13)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.evaluation.answers import RectificationAnswerDict
from services.contracts.evaluation.stored import AcceptanceHeld, FoundFact, RectificationReported
from services.evaluation.access import require_lead, require_provincial_chief
from services.evaluation.commands.propose_revocation import propose_revocation
from services.evaluation.commands.take_effect import publish_rectification_event
from services.evaluation.domain.consortium import Consortium, ConsortiumStatus
from services.evaluation.domain.rectification import AcceptanceOutcome, Rectification
from services.evaluation.repository import consortia, revocations
from services.evaluation.serializers import rectification_answer
from services.kernel.attachments import verified_attachments
from services.kernel.clock import Clock
from services.kernel.identity import Actor
from services.kernel.messaging.signing import Verifier
from services.kernel.preconditions import require_current, version_tag
from services.policy import Policies


def submit_rectification(
    session: Session,
    clock: Clock,
    policies: Policies,
    verifier: Verifier,
    actor: Actor,
    id: str,
    text: str,
    documents: list[str],
    documents_statement: str | None = None,
) -> RectificationAnswerDict:
    """Report the measures taken and ask for acceptance. The province decides the acceptance after the year of the rectification,
    or earlier if the policy allows it.

    Raises NotFound, Forbidden unless the actor is the lead, Conflict once the rectification is closed.
    """
    case, consortium = _lock_case(session, id)
    require_lead(actor, consortium)
    papers = verified_attachments(verifier, documents_statement, documents, subject=consortium.subject)
    before = case.state()
    report: RectificationReported = {
        "text": text,
        "documents": papers,
        "submitted_at": clock.now().isoformat(),
        "submitted_by": actor.username,
    }
    case.submit(report, clock.today(), early=policies.get(case.policy).evaluation.early_acceptance)
    publish_rectification_event(session, "rectification.submitted", case, consortium, before=before)
    return rectification_answer(case, consortium)


def accept_rectification(
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
) -> RectificationAnswerDict:
    """Decide the acceptance of a rectification; `if_match` is the ETag of the rectification that was read. `pass` makes the
    consortium active again; `fail` proposes a revocation (A13).

    Raises Forbidden unless the actor is a chief of the province, NotFound, PreconditionRequired and PreconditionFailed if
    `if_match` is not the rectification's present ETag, Conflict before the acceptance is open and once the rectification is
    closed.
    """
    require_provincial_chief(actor)
    case, consortium = _lock_case(session, id)
    require_current(if_match, version_tag(case.id, case.revision, case.state()))
    papers = verified_attachments(verifier, documents_statement, documents, subject=consortium.subject)
    before = case.state()
    acceptance: AcceptanceHeld = {
        "outcome": outcome,
        "reason": reason,
        "documents": papers,
        "by": actor.username,
        "on": clock.today().isoformat(),
    }
    case.accept(outcome, acceptance, clock.today())
    if outcome == AcceptanceOutcome.PASS:
        consortium.status = ConsortiumStatus.ACTIVE
    publish_rectification_event(session, "rectification.closed", case, consortium, before=before, outcome=outcome, reason=reason)
    if outcome == AcceptanceOutcome.FAIL:
        fact: FoundFact = {"fact": "acceptance_failed", "source": f"rectification/{case.id}", "evaluation": None, "said": reason}
        propose_revocation(session, clock, policies, consortium, "A13", fact)
    return rectification_answer(case, consortium)


def open_due_acceptance(session: Session, clock: Clock, id: str) -> str:
    """Open the acceptance of a rectification whose year is over."""
    case, consortium = _lock_case(session, id)
    before = case.state()
    if not case.fall_due(clock.today()):
        return "nothing"
    publish_rectification_event(session, "rectification.due", case, consortium, before=before)
    return "acceptance opened"


def _lock_case(session: Session, id: str) -> tuple[Rectification, Consortium]:
    """Lock and return a rectification and its consortium. Every transaction locks the consortium first, so that two transactions
    cannot deadlock."""
    rectification_row = revocations.rectification(session, id)
    consortium = consortia.consortium(session, rectification_row.consortium, lock=True)
    return revocations.rectification(session, id, lock=True), consortium
