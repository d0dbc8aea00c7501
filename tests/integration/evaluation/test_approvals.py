"""An approval of the province (a grade, a publication, an acceptance, a decision) succeeds only on the version that the chief has
read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from services.kernel.errors import PreconditionFailed, PreconditionRequired
from services.kernel.testing import ServiceHarness
from tests.integration.evaluation.played_rounds import ask_deferral, graded, led, notice, on, opined, scored, submit
from tests.integration.evaluation.scenario import PROVINCE_CHIEF, approve, read
from tests.integration.evaluation.test_grades import rectification, report, to_rectify
from tests.integration.evaluation.test_revocations import NONE, arise, cases, open_case

AGREED: dict[str, Any] = {"reason": "属实", **NONE}


@dataclass(frozen=True)
class Approval:
    """The arguments of an action of the province, and a function `meanwhile` that changes the action's subject after a chief has
    read it."""

    payload: dict[str, Any]
    meanwhile: Callable[[], Any]


def grading(bench: ServiceHarness) -> Approval:
    """Prepare a grading; meanwhile, the result of a site visit arrives."""
    id, lead = led(bench, 0)
    round = notice(bench)["id"]
    participation = submit(bench, round, id, lead=lead)
    scored(bench, participation)
    visit = {"id": "1", "comment": "现场不符。", "signed_by": "chief", "drafted_by": None, "answers": {}, "waivers": []}

    def visited() -> None:
        opined(bench, participation, "review.passed", "450000", "site_visit", None, opinion=visit)

    return Approval({"id": round, "consortium": id, "grade": "good", "score": "85"}, visited)


def publishing(bench: ServiceHarness) -> Approval:
    """Prepare the publication of a round's grades; meanwhile, the province gives a participation another grade."""
    id, lead = led(bench, 0)
    round = notice(bench)["id"]
    graded(bench, round, id, "good", "85", lead=lead)
    other = {"id": round, "consortium": id, "grade": "qualified", "score": "85", "reason": "现场不符"}
    return Approval({"id": round}, lambda: approve(bench, "grade_participation", **other))


def accepting(bench: ServiceHarness) -> Approval:
    """Prepare the acceptance of a rectification; meanwhile, the lead submits a report on it."""
    _, lead, id = to_rectify(bench)
    on(bench, date.fromisoformat(rectification(bench, lead)["due_on"]))
    return Approval({"id": id, "outcome": "pass", **AGREED}, lambda: report(bench, id, lead))


def confirming(bench: ServiceHarness) -> Approval:
    """Prepare the dismissal of a proposed revocation; meanwhile, the platform proposes a second ground."""
    id, _ = led(bench, 0)
    arise(bench, id)
    [case] = cases(bench)
    return Approval({"id": case["id"], "outcome": "dismiss", **AGREED}, lambda: arise(bench, id, "A14(5)"))


def deciding(bench: ServiceHarness) -> Approval:
    """Prepare the decision on a revocation; meanwhile, the consortium makes a statement."""
    id, lead = led(bench, 0)
    case = open_case(bench, id)
    bench.clock.advance(days=20)
    payload = {"id": case["id"], "outcome": "revoke", **AGREED}
    return Approval(payload, lambda: bench.tell("state_view", lead, id=case["id"], text="补充陈述", **NONE))


def answering_deferral(bench: ServiceHarness) -> Approval:
    """Prepare the refusal of a deferral; meanwhile, the province refuses the request and the lead makes a second one."""
    id, lead = led(bench, 0)
    round = notice(bench)["id"]
    ask_deferral(bench, round, id, lead=lead)
    payload = {"id": round, "consortium": id, "outcome": "refuse", "reason": "理由不足"}

    def again() -> None:
        approve(bench, "answer_deferral", **payload)
        ask_deferral(bench, round, id, "遭遇洪灾", lead=lead)

    return Approval(payload, again)


ACTS: dict[str, Callable[[ServiceHarness], Approval]] = {
    "grade_participation": grading,
    "publish_grades": publishing,
    "accept_rectification": accepting,
    "confirm_revocation": confirming,
    "decide_revocation": deciding,
    "answer_deferral": answering_deferral,
}


@pytest.mark.parametrize("act", ACTS)
def test_what_is_approved_is_what_was_read(bench: ServiceHarness, act: str) -> None:
    # Given an action that the province is to carry out, and a chief who has read the action's subject
    approval = ACTS[act](bench)
    seen = read(bench, act, **approval.payload)
    # Then a request for the action that does not name the version that the chief read is refused
    with pytest.raises(PreconditionRequired) as unnamed:
        bench.tell(act, PROVINCE_CHIEF, **approval.payload)
    assert (unnamed.value.code, unnamed.value.details) == ("version_not_named", {"etag": seen})
    # When the subject changes meanwhile, then the action on the version that the chief read is refused
    approval.meanwhile()
    with pytest.raises(PreconditionFailed) as changed:
        bench.tell(act, PROVINCE_CHIEF, if_match=seen, **approval.payload)
    present = read(bench, act, **approval.payload)
    assert (changed.value.code, changed.value.details) == ("version_changed", {"etag": present})
    assert present != seen
    # When the chief reads the subject again, then the action on the new version succeeds
    bench.tell(act, PROVINCE_CHIEF, if_match=present, **approval.payload)


@pytest.mark.parametrize("act", ACTS)
def test_an_approval_does_not_take_a_version_that_was_counted(bench: ServiceHarness, act: str) -> None:
    # Given an action that the province is to carry out
    approval = ACTS[act](bench)
    # When a chief names the version by a number instead of its ETag, then the action is refused
    for guessed in map(str, range(1, 20)):
        with pytest.raises(PreconditionFailed):
            bench.tell(act, PROVINCE_CHIEF, if_match=guessed, **approval.payload)
