"""Update a case's findings when other rules fail than at the submission, so that the province decides on today's findings (A5,
A14(4))."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from services.contracts.review.case_parts import ReviewFinding
from services.kernel.clock import Clock
from services.review import repository
from services.review.commands.publish_case_event import note
from services.review.domain.case import Case, CaseStatus


def renew_findings(session: Session, clock: Clock, case: Case, version: int, findings: Sequence[ReviewFinding]) -> None:
    """Replace the case's findings about the rules of `findings`. A case that is not open on this version is unchanged: if the
    province decided before this event arrived, the application service checks the decision."""
    if case.status != CaseStatus.OPEN or case.version != version:
        return
    round = repository.round_of(session, case)
    today = clock.today().isoformat()
    renewed: dict[str, ReviewFinding] = {finding["rule"]: {**finding, "rechecked_on": today} for finding in findings}
    earlier = {finding["rule"]: finding for finding in round.findings}
    before = [earlier[rule] for rule in renewed if rule in earlier]
    round.material = {**round.material, "findings": list((earlier | renewed).values())}
    article = round.stage(case.stage).citation
    note(session, case, "review.findings_renewed", article, before=before, after=list(renewed.values()))
