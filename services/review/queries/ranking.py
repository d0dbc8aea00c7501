"""Queries about the ranking of a call's scored cases (A6(2))."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import groupby
from typing import cast

from sqlalchemy.orm import Session

from services.contracts.review.panel_answers import (
    CallRankingAnswerDict,
    CaseRankingAnswerDict,
    RankedAnswerDict,
    RankedInCallAnswerDict,
    ReviewerScore,
    TotalAnswerDict,
    VoidedScore,
)
from services.kernel.errors import Forbidden
from services.kernel.identity import Actor
from services.review import repository
from services.review.domain.case import Case, CaseStatus
from services.review.domain.panel import Seat
from services.review.domain.scoring import Score, rounded_for_display
from services.review.standings import standings


def call_ranking(session: Session, actor: Actor, call: str, anonymous: bool = False) -> CallRankingAnswerDict:
    """Return every case of a call whose scoring is closed, the best first, with its rank by scores and its rank by normalised
    scores. `pending` counts the cases whose scoring is not closed yet: until it is 0 the ranks are provisional. Raises NotFound
    if the call is unknown."""
    _require_province(actor)
    row = repository.call(session, call)
    cases = repository.ranked_cases(session, call)
    entries = standings(session, cases)
    rounds = repository.rounds_by_number(session, [(case.id, case.round) for case in cases])
    totals_by_case = repository.totals(session, [case.id for case in cases])
    items: list[RankedInCallAnswerDict] = []
    for id, entry in entries.items():
        totals = sorted(
            (rounded_for_display(points), account in entry["outliers"]) for account, points in totals_by_case[id].items()
        )
        of_reviewers: list[TotalAnswerDict] = [{"points": points, "outlier": outlier} for points, outlier in totals]
        items.append({**entry, "lead": rounds[id].material["lead"], "totals": of_reviewers})
    if anonymous:
        numbers = _reviewer_numbers(repository.scores_of(session, [case.id for case in cases]))
        for ranked in items:
            ranked["outliers"] = [numbers[ranked["id"], account] for account in ranked["outliers"]]
    return {
        "call": row.id,
        "title": row.title,
        "places": row.places,
        "approved": repository.count_cases(session, call, CaseStatus.APPROVED),
        "pending": repository.count_cases(session, call, CaseStatus.OPEN) - sum(case.status == CaseStatus.OPEN for case in cases),
        "items": sorted(items, key=lambda ranked: (ranked["rank"], ranked["id"])),
    }


def case_ranking(session: Session, actor: Actor, id: str, anonymous: bool = False) -> CaseRankingAnswerDict:
    """Return one case's rank in its call, with each reviewer's scores and the voided ones. Before scoring closes, return only the
    number of submitted scores. `anonymous`: numbers replace the reviewers, in an order that reveals nothing about them."""
    _require_province(actor)
    case = session.get(Case, id)
    if case is None or (case.bureau != actor.bureau and not actor.has("auditor")):
        raise repository.unknown_case()
    scores = repository.scores_of(session, [id])
    progress: CaseRankingAnswerDict = {
        "closed": case.scoring_closed_at is not None,
        "id": id,
        "submitted": len(scores),
        "of": len(repository.seated(session, case)),
    }
    if case.scoring_closed_at is None:
        return progress
    voided = [_voided(seat, score) for seat, score in repository.voided_scores(session, case)]
    if not scores:
        empty: CaseRankingAnswerDict = {**progress, "scores": [], "voided": voided}
        return _without_names({**empty, "outliers": []}, {}) if anonymous else empty
    entries = standings(session, repository.ranked_cases(session, case.call) if case.call else [case])
    entry: RankedAnswerDict = entries.get(id) or {**standings(session, [case])[id], "rank": None, "normalised_rank": None}
    answer: CaseRankingAnswerDict = {
        **entry,
        **progress,
        "ranked": len(entries),
        "voided": voided,
        "scores": [{**_score(score), "outlier": score.account in entry["outliers"]} for score in scores],
    }
    return _without_names(answer, _reviewer_numbers(scores)) if anonymous else answer


def _reviewer_numbers(scores: Sequence[Score]) -> dict[tuple[str, str], str]:
    """Return a number for each reviewer of each case: (case, account) → number. The numbers follow the order of the digests of
    the seats, so that they reveal neither names nor times."""
    mixed = sorted(scores, key=lambda score: (score.case_id, hashlib.sha256(score.seat_id.encode()).digest()))
    return {
        (id, score.account): str(number)
        for id, of_case in groupby(mixed, key=lambda score: score.case_id)
        for number, score in enumerate(of_case, 1)
    }


def _without_names(answer: CaseRankingAnswerDict, numbers: dict[tuple[str, str], str]) -> CaseRankingAnswerDict:
    def number(score: ReviewerScore) -> ReviewerScore:
        anonymous = {name: value for name, value in score.items() if name not in ("account", "seat")}
        return cast(ReviewerScore, {"reviewer": numbers[answer["id"], score["account"]], **anonymous})

    numbered = sorted((number(score) for score in answer["scores"]), key=lambda score: int(score["reviewer"]))
    outliers = [numbers[answer["id"], account] for account in answer["outliers"]]
    # The reason and the comment are left out, because they may name the reviewer.
    voided: list[VoidedScore] = [{"total": each["total"], "by": each["by"], "at": each["at"]} for each in answer["voided"]]
    return {**answer, "scores": numbered, "outliers": outliers, "voided": voided}


def _score(score: Score) -> ReviewerScore:
    return {
        "seat": score.seat_id,
        "account": score.account,
        "scores": {criterion: float(value) for criterion, value in score.scores.items()},
        "comment": score.comment,
        "total": rounded_for_display(score.points),
    }


def _voided(seat: Seat, score: Score) -> VoidedScore:
    """Serialize a score that no longer counts."""
    at = seat.ended_at.isoformat() if seat.ended_at else None
    return {
        "seat": score.seat_id,
        "account": score.account,
        "scores": {criterion: float(value) for criterion, value in score.scores.items()},
        "comment": score.comment,
        "total": rounded_for_display(score.points),
        "reason": seat.reason,
        "by": seat.ended_by,
        "at": at,
    }


def _require_province(actor: Actor) -> None:
    if not (actor.has("auditor") or (actor.official and actor.of_province)):
        raise Forbidden("province_only", "只有自治区科技厅可以查看评审排名。", "Only the provincial department sees rankings.")
