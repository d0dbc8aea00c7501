"""The acknowledged changes of evaluation and revocation, and the traces that each must have left in the databases (A13, A14)."""

from __future__ import annotations

import json
from collections import Counter

from tests.faults.promises import Kept, Rows, See

_PART = "/evaluations/[^/]+/participants/[^/]+"
_OBJECTION = f"POST {_PART}/objections"

PROMISES = (
    Kept("POST /consortia", "old consortia proposed", "proposed_consortia WHERE id = :id", "application"),
    Kept("POST /consortia/[^/]+/confirmation", "old consortia in the register", "consortia WHERE id = :id", "application"),
    Kept("POST /consortia/[^/]+/confirmation", "old consortia entered", "consortia WHERE id = :id"),
    Kept("POST /evaluations", "rounds", "evaluations WHERE id = :id"),
    Kept(
        "PATCH /evaluations/[^/]+",
        "windows extended",
        "evaluations WHERE id = :id AND json_array_length(amendments) = 1",
        subject="evaluation/{id}",
        event="evaluation.changed",
    ),
    Kept(
        "POST /evaluations/[^/]+/cancellation",
        "rounds cancelled",
        "evaluations WHERE id = :id AND status = 'cancelled'",
        subject="evaluation/{id}",
        event="evaluation.cancelled",
    ),
    Kept(f"POST {_PART}/outcomes/allowance", "refusals lifted", "outcome_allowances WHERE participation = :id"),
    Kept(
        f"POST {_PART}/deferral/answer",
        "deferrals refused",
        "participations WHERE id = :id AND deferral ->> 'status' = 'refused'",
        subject="participation/{id}",
        event="participation.deferral_answered",
        message="participation.deferral_answered",
    ),
    Kept(
        f"POST {_PART}/correction-extension",
        "correction windows of reports extended",
        "participations WHERE id = :id",
        subject="participation/{id}",
        event="participation.correction_extended",
        message="participation.correction_extended",
    ),
    Kept(
        f"POST {_PART}/submission",
        "reports for rounds",
        "participation_versions WHERE participation = :id AND number = :version",
    ),
    Kept(f"POST {_PART}/grade", "grades", "participations WHERE id = :id AND grade = :grade"),
    Kept(
        _OBJECTION,
        "objections to grades",
        "grade_objections WHERE id = :id",
        subject="participation/{participation}",
        event="grade.objected",
        names="id",
        message="grade.objected",
    ),
    Kept(
        f"{_OBJECTION}/(?P<objection>[^/]+)/answer",
        "answers to objections to grades",
        "grade_objections WHERE id = :objection AND (prepared IS NOT NULL OR outcome IS NOT NULL)",
    ),
    Kept(
        f"{_OBJECTION}/(?P<objection>[^/]+)/confirmation",
        "objections to grades upheld by two people",
        "grade_objections WHERE id = :objection AND outcome = 'upheld' AND answered_by <> confirmed_by",
    ),
    Kept("POST /evaluations/[^/]+/publication", "publications", "evaluations WHERE id = :id AND status = 'published'"),
    Kept("POST /rectifications/[^/]+/acceptance", "acceptances", "rectifications WHERE id = :id AND status = 'failed'"),
    Kept("POST /revocations/[^/]+/confirmation", "revocations opened", "revocations WHERE id = :id AND status = 'open'"),
    Kept("POST /revocations/[^/]+/statement", "statements", "revocations WHERE id = :id AND json_array_length(statements) = 1"),
)


def whole(rows: Rows, see: See, waiting: dict[str, tuple[str, str]], *, publicity_over: bool) -> None:
    """Check that the register and evaluation agree on every consortium and its recommender; that a participation's open case is
    at the participation's stage; that each published participation has its outcomes; that each objection to a grade is answered
    once; that once the publicity is over every grade is in effect; that each failed rectification has one revocation; and that no
    consortium has two proposals."""
    register = {tuple(row) for row in rows("application", "SELECT id, status, last_grade, recommender FROM consortia")}
    overseen = {tuple(row) for row in rows("evaluation", "SELECT id, status, grade, recommender FROM consortia")}
    see("register equals evaluation", register == overseen, f"{register ^ overseen}")
    for row in rows("evaluation", "SELECT id, status, stage, recommender FROM participations"):
        at = waiting.get(f"participation/{row.id}")
        if row.status == "submitted" and row.stage != "grading":
            bureau = row.recommender if row.stage == "recommendation" else "450000"
            see("participations", at == (bureau, row.stage), f"{row.id} is at {row.stage}, its case at {at}")
        else:
            see("participations", at is None, f"{row.id} is {row.status}, its case at {at}")
    unclaimed = rows(
        "evaluation",
        "SELECT id FROM participations p WHERE status = 'published' AND json_array_length(content -> 'outcomes') <>"
        " (SELECT count(*) FROM outcome_claims c WHERE c.participation = p.id)",
    )
    see("outcomes", not unclaimed, f"{len(unclaimed)} published participations without their claims")
    _objections(rows, see)
    held = rows("evaluation", "SELECT id FROM participations WHERE status = 'graded'") if publicity_over else []
    see("grades in effect", not held, f"{len(held)} wait after their publicity")
    failed = rows(
        "evaluation",
        "SELECT r.id, (SELECT count(*) FROM revocations v WHERE v.consortium = r.consortium) AS cases"
        " FROM rectifications r WHERE r.status = 'failed'",
    )
    for row in failed:
        see("failed rectifications", row.cases == 1, f"{row.id} has {row.cases} revocations")
    twice = rows(
        "evaluation", "SELECT consortium FROM revocations WHERE status = 'proposed' GROUP BY consortium HAVING count(*) > 1"
    )
    see("proposals", not twice, f"{len(twice)} consortia have two")


def _objections(rows: Rows, see: See) -> None:
    """Check that each objection to a grade is answered, by exactly one event, and that a later grade took each upheld objection
    into account."""
    told = rows("evaluation", "SELECT body FROM outbox WHERE type = 'grade.objection_answered'")
    answered = Counter(json.loads(row.body)["data"]["objection"] for row in told)
    for row in rows("evaluation", "SELECT id, outcome, resolved_at FROM grade_objections"):
        once = row.outcome is not None and answered[row.id] == 1
        see("objections to grades answered", once, f"{row.id} is {row.outcome}, answered by {answered[row.id]} events")
        settled = row.outcome != "upheld" or row.resolved_at is not None
        see("upheld objections to grades", settled, f"no later grade took {row.id} into account")
