"""The candidates for a case's panel, before any draw (A6(2))."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from sqlalchemy.orm import Session

from services.contracts.review.panel_answers import (
    CandidatesAnswerDict,
    ExcludedCandidateAnswerDict,
    ThirdPartyCandidateAnswerDict,
)
from services.kernel.clock import Clock
from services.kernel.errors import Forbidden
from services.kernel.identity import Actor
from services.review import repository
from services.review.domain.case import EXPERT_REVIEW
from services.review.domain.panel import Account, SeatState, barred_by, exclusions, pool_of, terms_over


def panel_candidates(session: Session, clock: Clock, actor: Actor, id: str) -> CandidatesAnswerDict:
    """Return the experts who can be drawn or named, every excluded expert with the reason, and the third parties. The query draws
    no expert and reveals no seed, because the seed is generated only when the province draws. Raises Forbidden for a city's
    official, who may not know the experts, NotFound for another bureau's case and Conflict if the pipeline has no expert
    review."""
    actor.require("officer", "chief")
    if not actor.of_province:
        raise Forbidden("province_only", "只有自治区科技厅可以查看专家库。", "Only the provincial department sees the experts.")
    case = repository.own_case(session, actor, id)
    round, seats = repository.round_of(session, case), repository.seats_of(session, case)
    round.stage(EXPERT_REVIEW)
    field, today = round.material["field"], clock.today().isoformat()
    seated = {seat.account for seat in seats if seat.state == SeatState.SEATED}
    barred = barred_by(seats)
    all_experts = repository.experts(session)
    excluded = exclusions(all_experts, round.units, terms_over(all_experts, today) | barred)
    excluded_names = {entry["expert"] for entry in excluded}
    able = sorted(
        (account for account in all_experts if account.username not in excluded_names), key=lambda account: account.username
    )
    busy = repository.open_seats(session)
    of_field = set(pool_of(able, field)["of_field"])
    return {
        "needed": round.reviewers_needed,
        "field": field,
        "candidates": [
            {
                "expert": account.username,
                "employer": account.expert["employer"] if account.expert else None,
                "fields": list(account.fields),
                "of_field": account.username in of_field,
                "seated": account.username in seated,
                "open_cases": busy.get(account.username, 0),
            }
            for account in able
        ],
        "excluded": cast(list[ExcludedCandidateAnswerDict], excluded),  # the gateway adds the names
        "third_parties": _third_parties(repository.third_parties(session), round.units, barred, seated, today),
    }


def _third_parties(
    accounts: Iterable[Account], units: frozenset[str], barred: dict[str, str], seated: set[str], today: str
) -> list[ThirdPartyCandidateAnswerDict]:
    """Return every third party of the pool; `excluded` states why that third party cannot be appointed."""
    organisations = sorted(accounts, key=lambda account: account.username)
    why = {entry["expert"]: entry for entry in exclusions(organisations, units, terms_over(organisations, today) | barred)}
    return [
        {
            "account": account.username,
            "organisation": account.organisation,
            "seated": account.username in seated,
            "excluded": why.get(account.username),
        }
        for account in organisations
    ]
