"""Warn the province of a reviewer's new conflict of interest, after the reviewer's employer or interests changed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.review.payloads import ConflictFound
from services.review import repository
from services.review.commands.publish_case_event import publish_case_event
from services.review.domain.case import EXPERT_REVIEW
from services.review.domain.panel import Account, conflict_of


def warn_of_conflicts(session: Session, before: Account | None, account: Account) -> None:
    """Publish an event for each undecided case on which the account has a seat and now has a conflict of interest that it did not
    have before. `before` is the account before the change."""
    for case, seat in repository.undecided_seats(session, account.username):
        round = repository.round_of(session, case)
        conflict = conflict_of(account, round.units)
        if conflict is None or (before is not None and conflict_of(before, round.units) == conflict):
            continue
        reason, unit = conflict
        conflict_found = ConflictFound(
            seat=seat.id,
            account=account.username,
            reason=reason,
            unit=unit,
            scored=repository.own_score(session, seat) is not None,
            title=case.title,
        )
        publish_case_event(session, case, "reviewer.conflict_found", round.stage(EXPERT_REVIEW).citation, conflict_found)
