"""Compute the ranks of the scored cases of a call (A6(2)), for queries and commands."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from services.contracts.review.panel_answers import RankedAnswerDict
from services.review import repository
from services.review.domain.case import Case
from services.review.domain.scoring import DEFAULT_AGGREGATION, aggregate, normalised, placed_value, ranks, rounded_for_display

#: A scored case with its rank in its call.
Standing = RankedAnswerDict


def standings(session: Session, cases: Sequence[Case]) -> dict[str, Standing]:
    """Return, for each scored case of one call, its ranks by scores and by normalised scores, and the numbers on which they are
    based."""
    totals = repository.totals(session, [case.id for case in cases])
    order = (
        repository.round_of(session, cases[0]).aggregation if cases else DEFAULT_AGGREGATION
    )  # The first case's policy serves for all: every case of a call has the same policy.
    raw = {case: aggregate(of_case, order) for case, of_case in totals.items()}
    normal = normalised(totals, order)
    first = {case.id for case in cases if case.rank_first}
    raw_ranks = ranks({case: placed_value(result.value, case in first) for case, result in raw.items()})
    normal_ranks = ranks({case: placed_value(value, case in first) for case, value in normal.items()})
    return {
        case.id: {
            "id": case.id,
            "subject": case.subject,
            "title": case.title,
            "status": case.status,
            "aggregate": rounded_for_display(raw[case.id].value),
            "method": raw[case.id].method,
            "spread": rounded_for_display(raw[case.id].spread),
            "outliers": list(raw[case.id].outliers),
            "rank_first": case.rank_first,
            "rank": raw_ranks[case.id],
            "normalised": rounded_for_display(normal[case.id]),
            "normalised_rank": normal_ranks[case.id],
        }
        for case in cases
    }
