"""A recognition or an approved change is held: reopen the province's case at the decision, with the findings that prevent the
approval (A5(2)5, A5(3)5, A12)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.attachment import Attachment
from services.contracts.review.case_parts import Material, ReviewFinding, UpheldObjectionDict
from services.kernel.clock import Clock
from services.review import repository
from services.review.commands.open_case import publish_opened
from services.review.commands.stages import due_on
from services.review.domain.case import DECISION, Case, CaseStatus, Round
from services.review.domain.opinion import waived


def reopen_held(
    session: Session,
    clock: Clock,
    case: Case,
    findings: list[ReviewFinding],
    documents: list[Attachment] | None = None,
    objections: list[UpheldObjectionDict] | None = None,
) -> None:
    """Begin another round of the case on the same version. The new findings replace the earlier ones of the same rules, and
    `documents`, if given, replace the earlier documents. Earlier waivers stay in force, except for rules that now prevent the
    approval. After upheld `objections` no waiver stays in force: the decision must waive each rule again, with its reason, or
    decline. If the case is open at the decision already, only the objections are stored, in place of the earlier ones, and the
    earlier waivers end. A case that is neither open at the decision nor approved is unchanged."""
    last = repository.round_of(session, case)
    if case.status == CaseStatus.OPEN and case.stage == DECISION and objections:
        last.material = {**last.material, "objections": objections}
        last.waivers = []
        return
    if case.status != CaseStatus.APPROVED:
        return
    before = case.state()
    held_by_rule = {finding["rule"]: finding for finding in findings}
    waivers = [] if objections else waived(last, repository.opinions_of(session, case))
    remaining_waivers = [waiver for waiver in waivers if waiver["rule"] not in held_by_rule]
    other_findings = [finding for finding in last.findings if finding["rule"] not in held_by_rule]
    material: Material = {**last.material, "findings": [*other_findings, *held_by_rule.values()], "objections": objections or []}
    if documents is not None:
        material["documents"] = documents
    number = case.round + 1
    round = Round(case.id, number, case.version, clock.now(), material, last.recommendation, [], remaining_waivers)
    session.add(round)
    case.round = number
    case.enter(round.stage(DECISION), due_on(clock, round.stage(DECISION)))
    publish_opened(session, case, round, before)
