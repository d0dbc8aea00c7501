"""The allowed content of a notice, and how the province extends, corrects and cancels it (A13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from services.contracts.evaluation.rounds import NoticeChange
from services.kernel.clock import end_of_day, start_of_day
from services.kernel.errors import Conflict, Forbidden, Invalid, PreconditionFailed
from services.kernel.identity import NOBODY, Actor
from services.kernel.testing import ServiceHarness
from services.policy import Policies, add_working_days, add_years
from tests.integration.evaluation.played_rounds import (
    PATENT,
    ask_deferral,
    graded,
    led,
    notice,
    part,
    participants,
    stated,
    submit,
)
from tests.integration.evaluation.scenario import CHIEF, LEAD, PROVINCE_CHIEF, PROVINCE_OFFICER, approve, say, swept, to, told

TODAY = date(2026, 6, 9)  # A Tuesday. 19 June, a holiday, is within the next twenty working days.


def window(opens: date, closes: date) -> dict[str, Any]:
    return {"opens_at": start_of_day(opens).isoformat(), "closes_at": end_of_day(closes).isoformat()}


def refused(bench: ServiceHarness, **change: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        notice(bench, **change)
    return {error.pointer: error.code for error in caught.value.errors}


def amend(bench: ServiceHarness, round: str, actor: Actor = PROVINCE_CHIEF, if_match: str | None = None, **change: Any) -> Any:
    return bench.tell("change_notice", actor, id=round, change=NoticeChange().load(change), if_match=if_match)


def cancel(bench: ServiceHarness, round: str, actor: Actor = PROVINCE_CHIEF) -> Any:
    return bench.tell("cancel_notice", actor, id=round, reason="评估指标调整。")


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"issued_on": "2026-06-10"}, {"/issued_on": "date_ahead"}),
        ({"issued_on": "2026-06-08"}, {"/issued_on": "date_behind"}),
        ({"issued_on": "1999-01-01"}, {"/issued_on": "date_behind"}),
        ({"period": {"from": "2026-06-01", "to": "2026-05-31"}}, {"/period/to": "period_empty"}),
        ({"rubric": [{"criterion": "成果", "weight": 0, "max": 100}]}, {"/rubric/0": "not_positive"}),
        ({"bands": [{"grade": "excellent", "at_least": 90}]}, {"/bands": "bands_incomplete"}),
        ({"caps": {"perfect": "0.10"}}, {"/caps/perfect": "unknown_grade"}),
        ({"window": window(TODAY, TODAY - timedelta(days=1))}, {"/window/closes_at": "window_empty"}),
    ],
)
def test_a_notice_that_cannot_be_is_refused_where_it_is_wrong(
    bench: ServiceHarness, change: dict[str, Any], errors: dict[str, str]
) -> None:
    assert refused(bench, **change) == errors


def test_a_round_keeps_the_policy_that_was_in_force_when_its_notice_was_issued(bench: ServiceHarness) -> None:
    # Given a notice of June, and a version of the policy that is published afterwards and takes effect on 1 July
    before = notice(bench)
    document = Policies.builtin().get("guangxi_trial@1").to_dict() | {"version": 2, "effective_from": "2026-07-01"}
    data = {"policy": "guangxi_trial@2", "policy_title": document["title"], "effective_from": "2026-07-01", "document": document}
    say(bench, "policy.published", "application", "policy/guangxi_trial@2", data | {"article": "A15"})
    # When the province issues a second notice on 1 July, then its round follows the new version, and the first round keeps the
    # old version
    to(bench, date(2026, 7, 1))
    after = notice(bench)
    assert (before["policy"], after["policy"]) == ("guangxi_trial@1", "guangxi_trial@2")
    assert bench.ask("get_evaluation", PROVINCE_OFFICER, id=before["id"])["policy"] == "guangxi_trial@1"


def test_a_window_that_is_over_is_refused_and_makes_nobody_absent(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    recognise(recognised_on="2020-01-01")
    assert refused(bench, window=window(date(2025, 1, 1), date(2025, 12, 31))) == {"/window/closes_at": "window_too_short"}
    assert swept(bench, "evaluation_windows") == []


@pytest.mark.parametrize("opens", [date(2026, 1, 1), TODAY, date(2026, 7, 1)])
def test_a_window_lasts_twenty_working_days_from_the_later_of_issue_and_opening(bench: ServiceHarness, opens: date) -> None:
    last = add_working_days(max(opens, TODAY), 20)
    assert refused(bench, window=window(opens, last - timedelta(days=1))) == {"/window/closes_at": "window_too_short"}
    # A window that closes at the midnight with which its last day begins does not include that day, so it is a day too short.
    midnight = window(opens, last) | {"closes_at": start_of_day(last).isoformat()}
    assert refused(bench, window=midnight) == {"/window/closes_at": "window_too_short"}
    assert notice(bench, window=window(opens, last))["status"] == "open"


@pytest.mark.parametrize("begin", [date(2022, 6, 9), date(2020, 2, 29)])
def test_a_period_lasts_four_years_at_most(bench: ServiceHarness, begin: date) -> None:
    end = add_years(begin, 4)
    longer = {"from": begin.isoformat(), "to": (end + timedelta(days=1)).isoformat()}
    assert refused(bench, period=longer) == {"/period/to": "period_too_long"}
    assert notice(bench, period={"from": begin.isoformat(), "to": end.isoformat()})["status"] == "open"


def test_a_window_is_extended_while_it_lasts_and_the_invited_are_told(
    bench: ServiceHarness, recognise: Callable[..., str]
) -> None:
    id, waiting = recognise(recognised_on="2023-01-01"), led(bench, 1)
    round = notice(bench)
    ask_deferral(bench, round["id"], waiting[0], lead=waiting[1])
    # When the province extends the window, with a reason
    later = date(2026, 8, 31)
    body = {"window": {"closes_at": end_of_day(later).isoformat()}, "reason": "台风影响。"}
    answer = amend(bench, round["id"], **body)
    assert answer["window"]["closes_at"] == end_of_day(later).isoformat()
    assert [(one["by"], one["reason"]) for one in answer["amendments"]] == [("province-chief", "台风影响。")]
    # Then the leads of both invited consortia are notified, and the province must answer the open request for deferral by the new
    # end of the window
    said = {event["consortium"]: event for event in told(bench, "participation.extended")}
    assert {id: (event["closes_on"], event["answer_by"]) for id, event in said.items()} == {
        id: ("2026-08-31", None),
        waiting[0]: ("2026-08-31", "2026-08-31"),
    }
    # and the sweep marks no participant as absent before the new end
    to(bench, date(2026, 8, 9))
    assert swept(bench, "evaluation_windows") == []
    submit(bench, round["id"], id)
    with pytest.raises(Invalid):
        amend(bench, round["id"], window={"closes_at": end_of_day(date(2026, 8, 30)).isoformat()})
    to(bench, date(2026, 9, 1))
    with pytest.raises(Conflict) as caught:
        amend(bench, round["id"], window={"closes_at": end_of_day(date(2026, 10, 31)).isoformat()})
    assert caught.value.code == "window_closed"


def test_a_title_is_corrected_by_a_chief_of_the_province_alone(bench: ServiceHarness) -> None:
    round = notice(bench, title="2026 年度评沽")
    answer = amend(bench, round["id"], if_match=round["etag"], title="2026 年度评估")
    assert answer["title"] == "2026 年度评估"
    assert answer["amendments"][0]["before"]["title"] == "2026 年度评沽"
    with pytest.raises(PreconditionFailed):
        amend(bench, round["id"], if_match=round["etag"], title="又改")
    with pytest.raises(Invalid):
        amend(bench, round["id"])
    for actor in (CHIEF, PROVINCE_OFFICER, LEAD):
        with pytest.raises(Forbidden):
            amend(bench, round["id"], actor, title="又改")
        with pytest.raises(Forbidden):
            cancel(bench, round["id"], actor)


def test_whom_to_ask_is_named_by_the_notice_and_may_change_until_the_grades_hold(
    bench: ServiceHarness, recognise: Callable[..., str]
) -> None:
    contact = {"name": "示例处", "telephone": "0771-0000000", "address": "示例路 1 号", "email": None}
    id, round = recognise(recognised_on="2023-01-01"), notice(bench, contact=contact)["id"]
    graded(bench, round, id, "good", "85")
    approve(bench, "publish_grades", PROVINCE_CHIEF, id=round)
    # A reader without an account sees the contact for objections beside the public grade
    assert [item["contact"] for item in bench.ask("public_evaluations", NOBODY, limit=5, cursor=None)["items"]] == [contact]
    other = contact | {"name": "示例二处"}
    assert amend(bench, round, contact=other)["contact"] == other
    assert told(bench, "evaluation.changed") == [], "nobody's duty changed"
    to(bench, date(2026, 6, 17))
    swept(bench, "grade_publicity")
    with pytest.raises(Conflict):
        amend(bench, round, contact=contact)


def test_a_cancelled_notice_ends_every_part_frees_claims_and_voids_what_came_of_it(bench: ServiceHarness) -> None:
    # Given five participations in a round: submitted, graded, withdrawn, absent and deferred
    kinds = ("submitted", "graded", "withdrawn", "absent", "deferred")
    parties = {kind: led(bench, place) for place, kind in enumerate(kinds)}
    round = notice(bench)["id"]
    submit(bench, round, parties["submitted"][0], PATENT, lead=parties["submitted"][1])
    graded(bench, round, parties["graded"][0], "good", "85", lead=parties["graded"][1])
    bench.tell("withdraw_from_round", parties["withdrawn"][1], id=round, consortium=parties["withdrawn"][0], reason="调整")
    ask_deferral(bench, round, parties["deferred"][0], lead=parties["deferred"][1])
    answer = {"outcome": "grant", "reason": "属实"}
    approve(bench, "answer_deferral", PROVINCE_CHIEF, id=round, consortium=parties["deferred"][0], **answer)
    to(bench, date(2026, 8, 9))
    swept(bench, "evaluation_windows")
    assert {kind: part(bench, round, id)["status"] for kind, (id, _) in parties.items()} == {kind: kind for kind in kinds}
    assert len(told(bench, "revocation.proposed")) == 2

    # When the province cancels the notice, with a reason
    assert cancel(bench, round)["cancellation"]["reason"] == "评估指标调整。"

    # Then all participations end, the leads are notified, and the proposed revocations of the withdrawn and the absent consortium
    # are void
    assert {part(bench, round, id)["status"] for id, _ in parties.values()} == {"cancelled"}
    assert {event["reason"] for event in told(bench, "participation.withdrawn")[1:]} == {"cancelled"}
    cases = bench.ask("list_revocations", PROVINCE_OFFICER, limit=50, cursor=None)["items"]
    assert {case["status"] for case in cases} == {"void"}
    assert all(fact["void"]["reason"].startswith("评估通知已取消") for case in cases for fact in case["facts"])
    assert len(told(bench, "revocation.dismissed")) == 2
    # and afterwards no sweep changes these participations, their grades cannot be published, and the notice cannot be cancelled
    # again
    assert swept(bench, "evaluation_windows", "grade_publicity") == []
    with pytest.raises(Conflict) as caught:
        approve(bench, "publish_grades", PROVINCE_CHIEF, id=round)
    assert caught.value.code == "evaluation_cancelled"
    with pytest.raises(Conflict):
        cancel(bench, round)

    # and the next notice obliges all five consortia to take part, and an outcome that was claimed in the cancelled round can be
    # claimed
    again = notice(bench, title="重新发布")["id"]
    assert participants(bench, again) == {id: True for id, _ in parties.values()}
    id, lead = parties["graded"]
    submit(bench, again, id, PATENT, lead=lead)


def test_an_open_revocation_that_rests_on_a_cancelled_round_alone_keeps_the_recognition(bench: ServiceHarness) -> None:
    # Given two consortia that were absent from a round: the first has an open revocation case; the second has a proposed
    # revocation, which has a late change as a second ground
    (opened, _), (waiting, _) = led(bench, 0), led(bench, 1)
    round = notice(bench)["id"]
    to(bench, date(2026, 8, 9))
    swept(bench, "evaluation_windows")
    cases = {case["consortium"]["id"]: case["id"] for case in _cases(bench)}
    evidence = {"documents": ["paper"], "documents_statement": stated(bench, "paper", f"consortium/{opened}")}
    approve(bench, "confirm_revocation", PROVINCE_OFFICER, id=cases[opened], outcome="open", reason="未参加", **evidence)
    arisen = {"ground": "A14(1)", "reason": "late", "source": "change/1", "said": "迟报", "confirmed": False}
    say(bench, "ground.arisen", "application", f"consortium/{waiting}", arisen)
    # When the province cancels the round, then the first consortium keeps its recognition, and the proposed revocation of the
    # second continues on the ground of the late change alone
    cancel(bench, round)
    found = {case["consortium"]["id"]: (case["status"], case["grounds"]) for case in _cases(bench)}
    assert found == {opened: ("void", ["A14(2)"]), waiting: ("proposed", ["A14(1)"])}
    assert [event["outcome"] for event in told(bench, "revocation.decided")] == ["keep"]
    assert told(bench, "revocation.dismissed") == []


def _cases(bench: ServiceHarness) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = bench.ask("list_revocations", PROVINCE_OFFICER, limit=50, cursor=None)["items"]
    return found


def test_a_notice_whose_grades_are_public_is_not_cancelled(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    id = recognise(recognised_on="2023-01-01")
    round = notice(bench)["id"]
    graded(bench, round, id, "good", "85")
    approve(bench, "publish_grades", PROVINCE_CHIEF, id=round)
    with pytest.raises(Conflict) as caught:
        cancel(bench, round)
    assert caught.value.code == "evaluation_closed"
    assert part(bench, round, id)["grade"] == "good"
