"""Query for one case: its bureau and auditors get the complete case, a reviewer gets only the material to judge."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import NotRequired, TypedDict, cast

from sqlalchemy.orm import Session

from services.contracts.application.application_responses import DiffAnswerDict
from services.contracts.application.differences import compare
from services.contracts.attachment import Attachment
from services.contracts.payload import JsonObject
from services.contracts.review.answers import (
    DeclarationAnswerDict,
    OpinionAnswerDict,
    OwnScore,
    PastDecisionAnswerDict,
    ReviewAnswerDict,
    RoundAnswerDict,
    StageAnswerDict,
    UnmetAnswerDict,
)
from services.contracts.review.case_parts import (
    Criterion,
    GivenWaiver,
    Organisation,
    Question,
    Recommendation,
    ReviewFinding,
    UpheldObjectionDict,
)
from services.contracts.review.panel_answers import SeatedPanelAnswerDict
from services.kernel.clock import Clock
from services.kernel.identity import Actor
from services.review import repository
from services.review.available_actions import bureau_actions, reviewer_actions
from services.review.domain.case import DECISION, Case, CaseStatus, Round
from services.review.domain.decision import waive_findings
from services.review.domain.declaration import DECLARATION
from services.review.domain.opinion import Opinion, particulars_answer, waived
from services.review.domain.panel import Account, Seat, SeatState, conflict_answer
from services.review.domain.signature import etag_of
from services.review.domain.unmet_answers import unmet
from services.review.queries.inbox import item


class Unopened(TypedDict):
    """The members of a case that a reviewer sees only after the declaration of no interest."""

    questions: list[Question]
    documents: list[Attachment]
    report: JsonObject | None
    period: JsonObject | None
    likenesses: list[JsonObject]
    leaving: list[Organisation]
    findings: list[ReviewFinding]


class Shown(Unopened):
    """The members of the answer that a row of the inbox does not have: the required members for every reader, `own_score` for a
    reviewer, all other members for the bureau and auditors."""

    field: str
    lead: Organisation
    units: list[str]
    policy: str
    round: int
    rubric: list[Criterion]
    own_score: NotRequired[OwnScore | None]
    waivers: NotRequired[list[GivenWaiver]]
    waivable: NotRequired[list[str]]
    unmet: NotRequired[list[UnmetAnswerDict]]
    objections: NotRequired[list[UpheldObjectionDict]]
    stages: NotRequired[list[StageAnswerDict]]
    opinions: NotRequired[list[OpinionAnswerDict]]
    decisions: NotRequired[list[PastDecisionAnswerDict]]
    recommendation: NotRequired[Recommendation | None]
    panel: NotRequired[SeatedPanelAnswerDict | None]
    rounds: NotRequired[list[RoundAnswerDict]]
    content: NotRequired[JsonObject | None]
    unit_names: NotRequired[dict[str, str | None]]
    difference: NotRequired[DiffAnswerDict | None]


def get_review(session: Session, clock: Clock, actor: Actor, id: str) -> ReviewAnswerDict:
    """Return a case as the actor may see it. Before the declaration of no interest a reviewer sees only the lead and the units.
    Raises NotFound for another bureau's case, and for a reviewer who is not assigned to the case or whose case is decided."""
    case = session.get(Case, id)
    if case is None:
        raise repository.unknown_case()
    today = clock.today().isoformat()
    if actor.official and case.bureau == actor.bureau:
        round, opinions = repository.round_of(session, case), repository.opinions_of(session, case)
        return {
            **_with_etag(case, today, _full_case(session, case)),
            "actions": bureau_actions(session, actor, case, round, opinions),
        }
    if actor.has("auditor"):
        return {**_with_etag(case, today, _full_case(session, case)), "actions": []}
    seat = repository.seat_of(session, case.id, actor.username)
    if seat is None:
        raise repository.unknown_case()
    material = _material(case, repository.round_of(session, case, seat.round))
    if seat.declared_at is None:
        material = {**material, **_UNOPENED}
    material_shown: Shown = {**material, "own_score": _own_score(session, seat)}
    return {**_with_etag(case, today, material_shown), "declaration": _declaration(seat), "actions": reviewer_actions(case, seat)}


def _with_etag(case: Case, today: str, fields: Shown) -> ReviewAnswerDict:
    """Return the case with its `etag`. The etag changes with every field of the answer, except the fields that change only with
    the date."""
    line = item(case, today)
    dated_line = {name: value for name, value in line.items() if name not in ("overdue", "working_days_left")}
    content = json.dumps([dated_line, fields], ensure_ascii=False, sort_keys=True, default=str)
    etag = hashlib.sha256(content.encode()).hexdigest()[:32]
    return cast(ReviewAnswerDict, {**line, **fields, "etag": etag})


def _material(case: Case, round: Round) -> Shown:
    """Return the material to judge, without contact data and without the scores or comments of other reviewers."""
    material = round.material
    return {
        "field": material["field"],
        "lead": material["lead"],
        "units": material["units"],
        "questions": material["questions"],
        "documents": material["documents"],
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
_UNOPENED: Unopened = {
    "questions": [],
    "documents": [],
    "report": None,
    "period": None,
    "likenesses": [],
    "leaving": [],
    "findings": [],
}


def _declaration(seat: Seat) -> DeclarationAnswerDict:
    at = seat.declared_at.isoformat() if seat.declared_at else None
    return {"declared_at": at, "text": DECLARATION.to_dict()}


def _own_score(session: Session, seat: Seat) -> OwnScore | None:
    score = repository.own_score(session, seat)
    if score is None:
        return None
    values = {criterion: float(value) for criterion, value in score.scores.items()}
    return {"scores": values, "comment": score.comment, "submitted_at": score.at.isoformat()}


def _full_case(session: Session, case: Case) -> Shown:
    rounds = repository.rounds_of(session, case)
    present = rounds[-1]
    opinions = repository.opinions_of(session, case)
    waivers = waived(present, opinions)
    reasons = {waiver["rule"]: waiver["reason"] for waiver in waivers}
    return {
        **_material(case, present),
        "findings": waive_findings(present.findings, reasons),
        "waivers": waivers,
        "waivable": sorted(present.waivable),
        "unmet": unmet(present, opinions),
        "objections": present.objections,
        "stages": _stages(case, present),
        "opinions": [_opinion(opinion, opinions) for opinion in opinions if opinion.stage != DECISION or not opinion.signed],
        "decisions": [_decision(opinion) for opinion in opinions if opinion.stage == DECISION and opinion.signed],
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


def _difference(rounds: Sequence[Round]) -> DiffAnswerDict | None:
    """Return the differences between the versions of the case's last two rounds; None in the first round, and if one of the
    versions has no frozen content."""
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


def _stages(case: Case, round: Round) -> list[StageAnswerDict]:
    """Return the stages of the pipeline with the progress of this bureau's case."""
    names = [stage.name for stage in round.stages]
    current = names.index(case.stage)
    states = ["done" if index < current else "pending" for index in range(len(names))]
    states[current] = "current" if case.status == CaseStatus.OPEN else case.status
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


def _opinion(opinion: Opinion, opinions: list[Opinion]) -> OpinionAnswerDict:
    newer = next((correction.id for correction in opinions if correction.signed and correction.corrects == opinion.id), None)
    return {**opinion.to_dict(), "corrected_by": newer, "etag": etag_of(opinion)}


def _decision(decision: Opinion) -> PastDecisionAnswerDict:
    return {
        "id": decision.id,
        "round": decision.round,
        "version": decision.version,
        "outcome": decision.outcome,
        "waivers": decision.waivers,
        "by": decision.by,
        "at": decision.at.isoformat(),
        "drafted_by": decision.drafted_by,
        "acting_for": decision.acting_for,
        "differs": decision.differs,
        "void": decision.void,
        "reason": decision.comment,
        "amount": decision.amount,
        **particulars_answer(decision),
    }


def _employer(account: Account | None) -> str | None:
    """Return the organisation of an account: an expert's employer, or the third party itself."""
    if account is None:
        return None
    return account.expert["employer"] if account.expert else account.organisation


def _panel(session: Session, case: Case) -> SeatedPanelAnswerDict | None:
    """Return the reviewers: which of them have scored, without their scores, and which now have a conflict of interest. Also
    return every draw with its seed, so that it can be repeated. None if there is no panel."""
    seats = repository.seats_of(session, case)
    if not seats:
        return None
    submitted = {score.account for score in repository.scores_of(session, [case.id])}
    accounts = repository.accounts_of(session, [seat.account for seat in seats if seat.state == SeatState.SEATED])
    units = repository.round_of(session, case).units
    conflicts = {account.username: conflict_answer(account, units) for account in accounts.values()}
    return {
        "seats": [
            {
                "id": seat.id,
                "account": seat.account,
                "kind": seat.kind,
                "state": seat.state,
                "reason": seat.reason,
                "assigned_at": seat.assigned_at.isoformat(),
                "submitted": seat.state == SeatState.SEATED and seat.account in submitted,
                "declared_at": seat.declared_at.isoformat() if seat.declared_at else None,
                "replaces": seat.replaces,
                "ended_by": seat.ended_by,
                "ended_at": seat.ended_at.isoformat() if seat.ended_at else None,
                "void": seat.void,
                "conflict": conflicts.get(seat.account) if seat.state == SeatState.SEATED else None,
                "employer": _employer(accounts.get(seat.account)),
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
        "of": sum(seat.state == SeatState.SEATED for seat in seats),
        "closed_at": case.scoring_closed_at.isoformat() if case.scoring_closed_at else None,
    }
