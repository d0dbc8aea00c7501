"""The platform proposes to revoke a recognition. The province decides whether to open the case (A14)."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy.orm import Session

from services.contracts.evaluation.payloads import RevocationEvent, RevocationProposed
from services.contracts.evaluation.stored import Fact, FoundFact
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.revocation import Revocation, RevocationStatus
from services.evaluation.repository import revocations
from services.kernel.clock import Clock
from services.kernel.identity import PROVINCE
from services.kernel.ids import new_id
from services.kernel.persistence import unit_of_work
from services.policy import Policies


def propose_revocation(
    session: Session, clock: Clock, policies: Policies, consortium: Consortium, ground: str, fact: FoundFact
) -> Revocation | None:
    """Propose a revocation, or add the ground to the proposal that waits for the province. `ground` is the ground's citation,
    `fact` the fact that proves the ground. Return the case, or None if the consortium is revoked or dissolved."""
    if not consortium.alive:
        return None
    noted = cast(Fact, {**fact, "ground": ground, "on": clock.today().isoformat()})
    waiting = revocations.proposed(session, consortium.id)
    if waiting:
        before = waiting.state()
        waiting.add(ground, noted)
    else:
        before = None
        waiting = new_case(clock, policies, consortium, "system")
        waiting.add(ground, noted)
        session.add(waiting)
    with unit_of_work.as_system(session):
        event = RevocationProposed(ground=ground, fact=noted)
        publish_revocation_event(session, "revocation.proposed", waiting, consortium, event, before=before, bureau=PROVINCE)
    return waiting


def new_case(clock: Clock, policies: Policies, consortium: Consortium, origin: str) -> Revocation:
    """Create a revocation case with status `proposed`. `origin`: "province" or "system" (the platform). The policy in force today
    applies to the case."""
    return Revocation(
        id=new_id(),
        consortium=consortium.id,
        recommender=consortium.recommender,
        policy=policies.in_force(clock.today()).ref,
        origin=origin,
        status=RevocationStatus.PROPOSED,
        grounds=[],
        facts=[],
        reason=None,
        papers=[],
        proposed_on=clock.today(),
        opened_on=None,
        statement_due=None,
        statements=[],
        decision=None,
        revision=1,
    )


def publish_revocation_event(
    session: Session,
    type: str,
    case: Revocation,
    consortium: Consortium,
    event: RevocationEvent,
    *,
    before: Any,
    bureau: str | None = None,
) -> None:
    """Record an event of a revocation case. Its subject is the consortium, so that the consortium's events keep their order."""
    about = {"revocation": case.id, "grounds": case.grounds, "status": case.status, "units": consortium.codes}
    unit_of_work.record_change(
        session,
        type,
        consortium.subject,
        event.with_header(**about, **consortium.brief()),
        bureau=bureau or consortium.recommender,
        recommender=consortium.recommender,
        article=case.article,
        before=before,
        after=case.state(),
    )
