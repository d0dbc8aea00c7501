"""Query for one case: its bureau gets the complete case, a reviewer only the material."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from services.contracts.application.differences import compare
from services.kernel.clock import Clock
from services.kernel.identity import Actor
from services.review import repository
from services.review.available_actions import bureau_actions, reviewer_actions
from services.review.domain.case import DECISION, OPEN, Case, Round
from services.review.domain.decision import waive_findings
from services.review.domain.declaration import DECLARATION
from services.review.domain.opinion import Opinion, waived
from services.review.domain.panel import SEATED, Account, Seat, conflict_shown
from services.review.domain.signature import etag_of
from services.review.domain.unmet_answers import unmet
from services.review.queries.inbox import item


def get_review(session: Session, clock: Clock, actor: Actor, id: str) -> dict[str, Any]:
    """Return a case as the actor may see it. Before the declaration of no interest a reviewer sees only the lead and the units.
    Raises NotFound for another bureau's case, and for a reviewer who is not assigned to the case or whose case is decided."""
    case = session.get(Case, id)
    if case is None:
        raise repository.unknown_case()
    today = clock.today().isoformat()
    if actor.official and case.bureau == actor.bureau:
        round, given = repository.round_of(session, case), repository.opinions_of(session, case)
        return _tagged(case, today, _whole(session, case)) | {"actions": bureau_actions(session, actor, case, round, given)}
    if actor.has("auditor"):
        return _tagged(case, today, _whole(session, case)) | {"actions": []}
    seat = repository.seat_of(session, case.id, actor.username)
    if seat is None:
        raise repository.unknown_case()
    material = _material(case, repository.round_of(session, case, seat.round))
    if seat.declared_at is None:
        material |= _UNOPENED
    offers = {"declaration": _declaration(seat), "actions": reviewer_actions(case, seat)}
    return _tagged(case, today, material | _own(session, seat)) | offers


def _tagged(case: Case, today: str, shown: dict[str, Any]) -> dict[str, Any]:
    """Return the case with its `etag`. The etag changes with every shown field, except those that change merely with the date."""
    line = item(case, today)
    lasting = {name: value for name, value in line.items() if name not in ("overdue", "working_days_left")}
    said = json.dumps([lasting, shown], ensure_ascii=False, sort_keys=True, default=str)
    return line | shown | {"etag": hashlib.sha256(said.encode()).hexdigest()[:32]}


def _material(case: Case, round: Round) -> dict[str, Any]:
    """Return the material to judge, without contact data and without the scores or comments of other reviewers."""
    names = ("field", "lead", "units", "questions", "documents")
    return {name: round.material[name] for name in names} | {
        "policy": case.policy,
        "round": round.number,
        "rubric": list(round.rubric),
        "report": round.material.get("report"),
        "period": round.material.get("period"),
        "likenesses": round.material.get("likenesses", []),
        "leaving": round.material.get("leaving", []),
        "findings": round.findings,
    }


#: The fields that a reviewer sees in place of the documents before declaring to have no interest.
_UNOPENED: dict[str, Any] = {
    "questions": [],
    "documents": [],
    "report": None,
    "period": None,
    "likenesses": [],
    "leaving": [],
    "findings": [],
}


def _declaration(seat: Seat) -> dict[str, Any]:
    at = seat.declared_at.isoformat() if seat.declared_at else None
    return {"declared_at": at, "text": DECLARATION.to_dict()}


def _own(session: Session, seat: Seat) -> dict[str, Any]:
    score = repository.own_score(session, seat)
    if score is None:
        return {"own_score": None}
    given = {criterion: float(value) for criterion, value in score.scores.items()}
    return {"own_score": {"scores": given, "comment": score.comment, "submitted_at": score.at.isoformat()}}


def _whole(session: Session, case: Case) -> dict[str, Any]:
    rounds = repository.rounds_of(session, case)
    present = rounds[-1]
    given = repository.opinions_of(session, case)
    waivers = waived(present, given)
    reasons = {waiver["rule"]: waiver["reason"] for waiver in waivers}
    return _material(case, present) | {
        "findings": waive_findings(present.findings, reasons),
        "waivers": waivers,
        "waivable": sorted(present.waivable),
        "unmet": unmet(present, given),
        "objections": present.objections,
        "stages": _stages(case, present),
        "opinions": [_opinion(opinion, given) for opinion in given if opinion.stage != DECISION or not opinion.signed],
        "decisions": [_decision(opinion) for opinion in given if opinion.stage == DECISION and opinion.signed],
        "recommendation": present.recommendation,
        "panel": _panel(session, case),
        "content": present.content,
        "unit_names": present.material.get("unit_names", {}),
        "difference": _difference(rounds),
        "rounds": [
            {
                "round": round.number,
                "version": round.version,
                "opened_at": round.opened_at.isoformat(),
                "changed": round.changed,
            }
            for round in rounds
        ],
    }


def _difference(rounds: Sequence[Round]) -> dict[str, Any] | None:
    """The differences between the last two rounds; None in a first round, and for a subject or release without frozen content."""
    if len(rounds) < 2:
        return None
    before, after = rounds[-2], rounds[-1]
    if before.compared is None or after.compared is None:
        return None
    return {
        "from": before.version,
        "to": after.version,
        "sections": compare(before.compared, after.compared),
    }


def _stages(case: Case, round: Round) -> list[dict[str, Any]]:
    """Return the stages of the pipeline with the progress of this bureau's case."""
    names = [stage.name for stage in round.stages]
    here = names.index(case.stage)
    states = ["done" if place < here else "pending" for place in range(len(names))]
    states[here] = "current" if case.status == OPEN else case.status
    return [
        {
            "stage": stage.name,
            "level": stage.level,
            "citation": stage.citation,
            "four_eyes": stage.four_eyes,
            "optional": stage.optional,
            "due_days": stage.due_days,
            "questions": list(stage.questions),
            "outcomes": list(stage.outcomes),
            "state": state,
        }
        for stage, state in zip(round.stages, states, strict=True)
    ]


def _opinion(opinion: Opinion, given: list[Opinion]) -> dict[str, Any]:
    newer = next((other.id for other in given if other.signed and other.corrects == opinion.id), None)
    return opinion.to_dict() | {"corrected_by": newer, "etag": etag_of(opinion)}


def _decision(decision: Opinion) -> dict[str, Any]:
    said = decision.to_dict()
    names = ("id", "round", "version", "outcome", "waivers", "by", "at", "drafted_by", "acting_for", "differs", "void")
    return {name: said[name] for name in names} | {"reason": decision.comment} | (decision.particulars or {})


def _employer(account: Account | None) -> str | None:
    """Return the organisation of an account: an expert's employer, or the third party itself."""
    if account is None:
        return None
    return account.expert["employer"] if account.expert else account.organisation


def _panel(session: Session, case: Case) -> dict[str, Any] | None:
    """Return the reviewers: which of them have scored, without their scores, and which now have a conflict of interest. Also
    return every draw with its seed, so that it can be repeated. None if there is no panel."""
    seats = repository.seats_of(session, case)
    if not seats:
        return None
    submitted = {score.account for score in repository.scores_of(session, [case.id])}
    known = repository.accounts_of(session, [seat.account for seat in seats if seat.state == SEATED])
    units = repository.round_of(session, case).units
    conflicts = {account.username: conflict_shown(account, units) for account in known.values()}
    return {
        "seats": [
            {
                "id": seat.id,
                "account": seat.account,
                "kind": seat.kind,
                "state": seat.state,
                "reason": seat.reason,
                "assigned_at": seat.assigned_at.isoformat(),
                "submitted": seat.state == SEATED and seat.account in submitted,
                "declared_at": seat.declared_at.isoformat() if seat.declared_at else None,
                "replaces": seat.replaces,
                "ended_by": seat.ended_by,
                "ended_at": seat.ended_at.isoformat() if seat.ended_at else None,
                "void": seat.void,
                "conflict": conflicts.get(seat.account) if seat.state == SEATED else None,
                "employer": _employer(known.get(seat.account)),
            }
            for seat in seats
        ],
        "draws": [
            {
                "seed": draw.seed,
                "pool": draw.pool,
                "drawn": draw.drawn,
                "experts": draw.experts,
                "third_party": draw.third_party,
                "excluded": draw.excluded,
                "reason": draw.reason,
                "by": draw.by,
                "at": draw.at.isoformat(),
            }
            for draw in repository.draws_of(session, case)
        ],
        "submitted": len(submitted),
        "of": sum(seat.state == SEATED for seat in seats),
        "closed_at": case.scoring_closed_at.isoformat() if case.scoring_closed_at else None,
    }
