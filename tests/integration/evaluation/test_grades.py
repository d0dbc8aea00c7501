"""Grades: caps, publicity, objections, the public page, and their consequences (A13)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.evaluation.queries.gauges import rectifications_overdue
from services.evaluation.registry import registry
from services.kernel.errors import Conflict
from services.kernel.identity import NOBODY, Actor
from services.kernel.testing import FixedClock, ServiceHarness
from tests.integration.evaluation.played_rounds import (
    answer_deferral,
    ask_deferral,
    graded,
    led,
    notice,
    on,
    part,
    policies,
    published,
    scored,
    submit,
)
from tests.integration.evaluation.scenario import CITY, OFFICER, PROVINCE_CHIEF, PROVINCE_OFFICER, approve, told
from tests.integration.evaluation.test_revocations import NONE, decide, evidence, open_case

STRANGER = Actor("stranger", ("applicant",), organisation="91450200MA5KA99999")
AUDITOR = Actor("auditor", ("auditor",))


def give(bench: ServiceHarness, round: str, consortium: str, grade: str, score: str, reason: str | None = None) -> Any:
    payload = {"id": round, "consortium": consortium, "grade": grade, "score": score, "reason": reason}
    return approve(bench, "grade_participation", **payload)


def publish(bench: ServiceHarness, round: str) -> Any:
    return approve(bench, "publish_grades", PROVINCE_CHIEF, id=round)


def ready(bench: ServiceHarness, round: str, consortium: str, lead: Actor, grade: str = "excellent", score: str = "95") -> Any:
    """Submit a report, let it be reviewed, and grade it twice in the same way; return the answer to the second grading."""
    graded(bench, round, consortium, grade, score, lead=lead)
    return give(bench, round, consortium, grade, score)


# Caps


@pytest.mark.parametrize(("least", "warned"), [(False, True), (True, False)])
def test_a_fifth_of_four_is_none_unless_the_notice_says_at_least_one(bench: ServiceHarness, least: bool, warned: bool) -> None:
    # Given four participants, and a cap by which at most a fifth of them may be graded excellent
    parties = [led(bench, place) for place in range(4)]
    round = notice(bench, caps={"excellent": "0.20"}, caps_at_least_one=least)["id"]
    # When one participant is graded excellent, then the grade is accepted, with a warning that the cap is exceeded unless the
    # notice allows at least one excellent grade
    answer = ready(bench, round, *parties[0])
    assert answer["status"] == "graded"
    assert [warning["code"] for warning in answer["warnings"]] == (["cap_exceeded"] if warned else [])
    for id, lead in parties[1:]:
        ready(bench, round, id, lead, "good", "85")
    # and if the cap is exceeded, the publication of the grades is refused
    if warned:
        with pytest.raises(Conflict) as caught:
            publish(bench, round)
        assert caught.value.details["over"] == {"excellent": {"given": 1, "most": 0}}
    else:
        assert publish(bench, round)["status"] == "publicised"


def test_a_cap_counts_those_still_running_and_graded_and_nobody_else(bench: ServiceHarness) -> None:
    # Given ten invited consortia, of which five end without a grade: one withdrawn, one deferred, three absent
    parties = [led(bench, place) for place in range(10)]
    round = notice(bench, caps={"excellent": "0.20"})["id"]
    for id, lead in parties[:5]:
        submit(bench, round, id, lead=lead)
    bench.tell("withdraw_from_round", parties[5][1], id=round, consortium=parties[5][0], reason="调整")
    ask_deferral(bench, round, parties[6][0], lead=parties[6][1])
    answer_deferral(bench, round, parties[6][0])
    # While the three absent consortia could still submit, the cap counts eight participants: a fifth of eight, rounded down, is
    # one.
    for id, _ in parties[:2]:
        _score(bench, round, id)
    assert give(bench, round, parties[0][0], "excellent", "95")["warnings"] == []
    [warning] = give(bench, round, parties[1][0], "excellent", "95")["warnings"]
    assert "上限 1 个" in warning["message"]["zh"]
    # When the window has closed, then the cap counts five participants, because the three are absent: a fifth of five is one too,
    # and the publication of two excellent grades is refused
    on(bench, date(2026, 8, 9))
    for id, _ in parties[2:5]:
        _score(bench, round, id)
        give(bench, round, id, "good", "95", "综合评定")
    with pytest.raises(Conflict) as caught:
        publish(bench, round)
    assert caught.value.details["over"] == {"excellent": {"given": 2, "most": 1}}
    give(bench, round, parties[1][0], "good", "95", "比例所限")
    assert publish(bench, round)["status"] == "publicised"


def _score(bench: ServiceHarness, round: str, consortium: str) -> None:
    scored(bench, part(bench, round, consortium)["id"], "95")


# Publicity


def test_a_grade_is_public_for_five_working_days_before_it_holds(bench: ServiceHarness) -> None:
    id, lead = led(bench, 0)
    round = notice(bench, caps={})["id"]
    ready(bench, round, id, lead)
    assert part(bench, round, id, lead)["grade"] is None
    publish(bench, round)
    seen = part(bench, round, id, lead)
    assert (seen["grade"], seen["status"]) == ("excellent", "graded")
    on(bench, date(2026, 6, 16))
    assert told(bench, "evaluation.published") == []
    on(bench, date(2026, 6, 17))
    [event] = told(bench, "evaluation.published")
    assert (event["grade"], event["next_round_by"], event["issued_on"]) == ("excellent", "2029-12-31", "2026-06-09")


def test_a_policy_without_publicity_lets_grades_hold_at_once(tmp_path: Path) -> None:
    none = policies(deadlines={"grade_publicity_working_days": 0})
    bench = ServiceHarness(registry, tmp_path / "e.db", policies=none, clock=FixedClock(), signers=("documents",))
    id, lead = led(bench, 0)
    round = notice(bench, caps={})["id"]
    ready(bench, round, id, lead)
    assert publish(bench, round)["status"] == "published"
    assert len(told(bench, "evaluation.published")) == 1


def public(bench: ServiceHarness, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = bench.ask("public_evaluations", NOBODY, limit=50, cursor=None, **query)["items"]
    return found


def test_public_grades_and_commendations_are_there_for_everybody_and_say_no_score(bench: ServiceHarness) -> None:
    (best, best_lead), (good, good_lead) = led(bench, 0), led(bench, 1)
    round = notice(bench, caps={})["id"]
    ready(bench, round, best, best_lead)
    ready(bench, round, good, good_lead, "good", "85")
    assert public(bench) == []
    publish(bench, round)
    assert {(item["grade"], item["in_effect"], item["commended"]) for item in public(bench)} == {
        ("excellent", False, False),
        ("good", False, False),
    }
    on(bench, date(2026, 6, 17))
    [commended] = public(bench, grade="excellent")
    assert (commended["commended"], commended["published_on"]) == (True, "2026-06-17")
    assert commended["grade_title"] == {"zh": "优秀", "en": "excellent"}
    assert commended["consortium"]["id"] == best
    assert not {"score", "reason", "grade_reason"} & set(commended)
    first = bench.ask("public_evaluations", NOBODY, limit=1, cursor=None)
    second = bench.ask("public_evaluations", NOBODY, limit=1, cursor=first["next_cursor"])
    assert {first["items"][0]["id"], second["items"][0]["id"]} == {item["id"] for item in public(bench, evaluation=round)}


# Rectification


def accept(bench: ServiceHarness, id: str, outcome: str = "pass") -> Any:
    body: dict[str, Any] = {"outcome": outcome, "reason": "整改到位", "documents": [], "documents_statement": None}
    return approve(bench, "accept_rectification", PROVINCE_CHIEF, id=id, **body)


def rectification(bench: ServiceHarness, lead: Actor) -> dict[str, Any]:
    [found] = bench.ask("list_rectifications", lead, limit=50, cursor=None)["items"]
    return dict(found)


def to_rectify(bench: ServiceHarness) -> tuple[str, Actor, str]:
    """Create a consortium whose grade sends it into rectification; return the consortium's id, the lead's account and the
    rectification's id."""
    id, lead = led(bench, 0)
    round = notice(bench)["id"]
    ready(bench, round, id, lead, "rectify", "65")
    published(bench, round)
    return id, lead, rectification(bench, lead)["id"]


def report(bench: ServiceHarness, id: str, lead: Actor) -> Any:
    return bench.tell("submit_rectification", lead, id=id, text="已整改", documents=[], documents_statement=None)


def test_acceptance_is_held_when_the_year_is_over_also_where_the_lead_asked_before(bench: ServiceHarness) -> None:
    consortium, lead, id = to_rectify(bench)
    due = date.fromisoformat(rectification(bench, lead)["due_on"])
    report(bench, id, lead)
    with pytest.raises(Conflict) as caught:
        accept(bench, id)
    assert caught.value.code == "acceptance_not_open"
    assert rectification(bench, lead)["acceptance_from"] is None
    # When the year of the rectification is over, then the sweep opens the acceptance by the province
    on(bench, due)
    seen = rectification(bench, lead)
    assert (seen["status"], seen["acceptance_from"]) == ("acceptance", due.isoformat())
    # When the province accepts the rectification, then the consortium stays recognised, and keeps its grade until the next
    # evaluation
    accept(bench, id)
    assert bench.ask("oversight", OFFICER)["consortia"]["by_status"] == {"active": 1}
    assert bench.ask("oversight", OFFICER)["consortia"]["by_grade"] == {"rectify": 1}
    # and a notice of 2029, the consortium's next cycle, obliges it to take part again
    on(bench, date(2029, 1, 1))
    assert part(bench, notice(bench)["id"], consortium)["mandatory"] is True


def test_a_policy_that_allows_it_lets_acceptance_be_held_early_when_the_lead_asks(tmp_path: Path) -> None:
    early = policies(evaluation={"early_acceptance": True})
    bench = ServiceHarness(registry, tmp_path / "e.db", policies=early, clock=FixedClock(), signers=("documents",))
    _, lead, id = to_rectify(bench)
    with pytest.raises(Conflict):
        accept(bench, id)
    report(bench, id, lead)
    assert accept(bench, id)["status"] == "passed"


def test_a_rectification_counts_as_overdue_until_it_is_accepted(bench: ServiceHarness) -> None:
    def overdue() -> dict[tuple[str, ...], float]:
        with bench.database.read() as session:
            return rectifications_overdue(session, bench.clock)

    # Given a rectification whose acceptance the sweep opened on the due day
    _, lead, id = to_rectify(bench)
    due = date.fromisoformat(rectification(bench, lead)["due_on"])
    on(bench, due)
    assert rectification(bench, lead)["status"] == "acceptance"
    assert overdue() == {}
    # When the due day has passed without the province's acceptance, then the gauge counts one overdue rectification for the
    # consortium's recommender
    on(bench, due + timedelta(days=1))
    assert overdue() == {(CITY,): 1}
    # and when the province has accepted the rectification, then the gauge counts none
    accept(bench, id)
    assert overdue() == {}


@pytest.mark.parametrize("how", ["dismissed", "kept"])
def test_a_recognition_that_is_kept_after_a_failed_acceptance_is_active_and_evaluated_again(
    bench: ServiceHarness, how: str
) -> None:
    # Given a rectification that the province did not accept, and the revocation that the platform proposed because of that
    consortium, lead, id = to_rectify(bench)
    on(bench, date.fromisoformat(rectification(bench, lead)["due_on"]))
    accept(bench, id, "fail")
    (case,) = bench.ask("list_revocations", PROVINCE_OFFICER, limit=50, cursor=None)["items"]
    # When the province decides not to revoke the recognition, at the proposal or in the opened case
    if how == "dismissed":
        approve(bench, "confirm_revocation", PROVINCE_OFFICER, id=case["id"], outcome="dismiss", reason="已补正", **NONE)
        (event,) = told(bench, "revocation.dismissed")
    else:
        papers = evidence(bench, consortium)
        approve(bench, "confirm_revocation", PROVINCE_OFFICER, id=case["id"], outcome="open", reason="验收不通过", **papers)
        on(bench, bench.clock.today() + timedelta(days=20))
        approve(bench, "decide_revocation", id=case["id"], outcome="keep", reason="已补正", **NONE)
        (event,) = told(bench, "revocation.decided")
    # Then the consortium is active again, the event about the decision says so, and a notice of 2029 obliges the consortium to
    # take part
    assert event["restored"] is True
    assert bench.ask("oversight", OFFICER)["consortia"]["by_status"] == {"active": 1}
    on(bench, date(2029, 1, 1))
    assert part(bench, notice(bench)["id"], consortium)["mandatory"] is True


def test_another_case_that_is_kept_does_not_end_a_rectification(bench: ServiceHarness) -> None:
    # Given a consortium in rectification, and a revocation case on a ground that has nothing to do with the rectification
    consortium, _, _ = to_rectify(bench)
    case = open_case(bench, consortium, "A14(7)")
    on(bench, bench.clock.today() + timedelta(days=20))
    # When the province decides the revocation case and keeps the recognition, then the rectification continues
    decide(bench, case["id"], "keep")
    assert "restored" not in told(bench, "revocation.decided")[0]
    assert bench.ask("oversight", OFFICER)["consortia"]["by_status"] == {"rectifying": 1}
