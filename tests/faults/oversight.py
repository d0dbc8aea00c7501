"""What was promised of evaluation and revocation, looked up in the databases (A13, A14)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.faults.ledger import Promise

Count = Callable[..., None]
Rows = Callable[..., list[Any]]


def keep(promise: Promise, count: Count) -> bool:
    """Look a promise up; False where it is not of this kind."""
    asked, answer = f"{promise.method} {promise.path}", promise.answer
    for pattern, what, statement, values in _PROMISES:
        found = re.fullmatch(pattern, asked)
        if found:
            named = {name: answer[key] for name, key in values.items()}
            for seat in _SEATS.get(pattern, ("evaluation",)):
                count(what, seat, f"SELECT count(*) FROM {statement}", asked, **named)
            return True
    return False


#: Request → where it is looked up; in evaluation unless said.
_SEATS = {"POST /consortia": ("application",), "POST /consortia/[^/]+/confirmation": ("application", "evaluation")}

#: Request → what it is called, what must be there exactly once, and from which members of the answer it is told.
_PROMISES: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("POST /consortia", "old consortia proposed", "proposed_consortia WHERE id = :id", {"id": "id"}),
    ("POST /consortia/[^/]+/confirmation", "old consortia entered", "consortia WHERE id = :id", {"id": "id"}),
    ("POST /evaluations", "rounds", "evaluations WHERE id = :id", {"id": "id"}),
    (
        "PATCH /evaluations/[^/]+",
        "windows extended",
        "evaluations WHERE id = :id AND json_array_length(amendments) = 1",
        {"id": "id"},
    ),
    (
        "POST /evaluations/[^/]+/cancellation",
        "rounds cancelled",
        "evaluations WHERE id = :id AND status = 'cancelled'",
        {"id": "id"},
    ),
    (
        "POST /evaluations/[^/]+/participants/[^/]+/outcomes/allowance",
        "refusals lifted",
        "outcome_allowances WHERE participation = :id",
        {"id": "id"},
    ),
    (
        "POST /evaluations/[^/]+/participants/[^/]+/deferral/answer",
        "deferrals refused",
        "participations WHERE id = :id AND deferral ->> 'status' = 'refused'",
        {"id": "id"},
    ),
    (
        "POST /evaluations/[^/]+/participants/[^/]+/submission",
        "reports for rounds",
        "participation_versions WHERE participation = :id AND number = :version",
        {"id": "id", "version": "version"},
    ),
    (
        "POST /evaluations/[^/]+/participants/[^/]+/grade",
        "grades",
        "participations WHERE id = :id AND grade = :grade",
        {"id": "id", "grade": "grade"},
    ),
    ("POST /evaluations/[^/]+/publication", "publications", "evaluations WHERE id = :id AND status = 'published'", {"id": "id"}),
    ("POST /rectifications/[^/]+/acceptance", "acceptances", "rectifications WHERE id = :id AND status = 'failed'", {"id": "id"}),
    (
        "POST /revocations/[^/]+/confirmation",
        "revocations opened",
        "revocations WHERE id = :id AND status = 'open'",
        {"id": "id"},
    ),
    (
        "POST /revocations/[^/]+/statement",
        "statements",
        "revocations WHERE id = :id AND json_array_length(statements) = 1",
        {"id": "id"},
    ),
)


def whole(rows: Rows, see: Callable[[str, bool, str], None], waiting: dict[str, tuple[str, str]]) -> None:
    """The register and evaluation agree on every consortium; a participation's open case is where its stage says; each published
    one has its outcomes; each failed rectification has its one revocation."""
    register = {
        row.id: (row.status, row.last_grade) for row in rows("application", "SELECT id, status, last_grade FROM consortia")
    }
    overseen = {row.id: (row.status, row.grade) for row in rows("evaluation", "SELECT id, status, grade FROM consortia")}
    see("register equals evaluation", register == overseen, f"{register.items() ^ overseen.items()}")
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
    failed = rows(
        "evaluation",
        "SELECT r.id, (SELECT count(*) FROM revocations v WHERE v.consortium = r.consortium) AS cases"
        " FROM rectifications r WHERE r.status = 'failed'",
    )
    for row in failed:
        see("failed rectifications", row.cases == 1, f"{row.id} has {row.cases} revocations")
