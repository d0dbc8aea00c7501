"""Articles 6, 12 and 13: the whole life of a consortium, with two rounds of evaluation and the changes in between."""

from __future__ import annotations

from datetime import date

from deploy.demo.client import until
from deploy.demo.formation import put_organisation, register
from deploy.demo.invented import EIGHT, consortium, organisation
from deploy.demo.oversight import Calendar, Member, Participation, notice, publish
from deploy.demo.people import People
from deploy.demo.review_actions import uphold
from services.policy import add_years
from tests.acceptance.driver import notice as message
from tests.acceptance.driver import refusal

GUILIN = "450300"
PATENT = "ZL 2031 1 0098765.4"


def test_a13_a_life_over_two_rounds_of_evaluation(people: People, calendar: Calendar) -> None:
    # Given a consortium that was recognised through a call
    units = consortium(EIGHT)
    register(people, units)
    member = Member.formed(people, units)
    recognised_on = date.fromisoformat(member.read()["recognised_on"])

    # Before the consortium's three years are over, a round of evaluation does not invite the consortium
    early = notice(calendar, title="提前一轮")
    assert _is_not_asked(member, early)
    people.chief().post(f"/evaluations/{early['id']}/cancellation", {"reason": "仅为摸底。"})

    # A member merges into another organisation: the register names the successor, and the watch list gets no entry
    old, new = units[4], organisation(units[4]["region"], units[4]["kind"])
    put_organisation(people.applicant(new["uscc"]), new)
    merger = {"kind": "merged", "successor": new["uscc"], "effective_on": calendar.today.isoformat(), "reason": "吸收合并。"}
    people.officer().post(f"/organisations/{old['uscc']}/succession", merger)
    assert new["uscc"] in {unit["uscc"] for unit in member.read()["units"]}
    assert people.officer().get("/watch-list", consortium=member.id)["items"] == []

    # The lead moves to Guilin, whose bureau is the recommender from then on
    put_organisation(people.applicant(units[0]["uscc"]), units[0] | {"region": "450302"})
    assert member.read()["recommender"] == GUILIN
    message(people.officer(GUILIN), f"consortium/{member.id}", "consortium.handed_over")
    member.recommender = GUILIN

    # After three years a round obliges the consortium to take part, and the consortium submits its report; when the province
    # cancels the round, the participation is cancelled with it
    calendar.move(add_years(recognised_on, 3))
    cancelled = Participation(member, notice(calendar, title="有误的通知"))
    assert cancelled.read()["mandatory"] is True
    cancelled.hand_in(cancelled.outcome(PATENT))
    people.chief().post(f"/evaluations/{cancelled.round['id']}/cancellation", {"reason": "指标有误。"})
    assert cancelled.read()["status"] == "cancelled"

    # In the next round the consortium gets a deferral, and the round after that obliges the consortium to take part; no
    # revocation is proposed
    deferred = Participation(member, notice(calendar, title="延期的一轮"))
    member.lead.post(f"{deferred.path}/deferral", {"reason": "厂区搬迁。"})
    people.chief().approve(deferred.path, "deferral/answer", {"outcome": "grant", "reason": "属实。"})
    calendar.forward(61)
    first = Participation(member, notice(calendar, title="首轮评估", caps={}))
    assert first.read()["mandatory"] is True
    assert people.officer().get("/revocations", consortium=member.id)["items"] == []

    # The consortium reports the outcome that the cancelled round released, is reviewed with the opinion of the new recommender,
    # and is graded
    first.hand_in(first.outcome(PATENT))
    first.scored((95, 95, 95))
    first.grade("excellent")
    calendar.forward(61)
    publish(people, first.round, in_effect=False)

    # The province upholds an objection to the grade: it grades again, names the objection, and publishes the new grade, which
    # then takes effect
    objecting = people.applicant(units[1]["uscc"])
    objection = objecting.post(f"{first.path}/objections", {"reason": "预算绩效不实。"})["id"]
    uphold(people, f"{first.path}/objections", objection, "成立。")
    first.grade("rectify", 65, reason="预算绩效不实。", objections=[objection])
    publish(people, first.round)
    assert member.reaches("rectifying")["last_grade"] == "rectify"

    # The consortium is in rectification for a year and passes the acceptance; its last grade stays "rectify", so support for
    # evaluated consortia is not available
    rectification = member.rectification()
    calendar.move(date.fromisoformat(rectification["due_on"]))
    passed = {"outcome": "pass", "reason": "整改到位。"}
    people.chief().approve(f"/rectifications/{rectification['id']}", "acceptance", passed)
    assert member.reaches("active")["last_grade"] == "rectify"
    measures = {item["measure"]: item["allowed"] for item in member.lead.get(f"{member.path}/entitlements")["items"]}
    assert (measures["special_project_evaluated"], measures["strategy_study"]) == (False, True)

    # Before the third year after its first graded round, a round does not invite the consortium
    issued = date.fromisoformat(first.round["issued_on"])
    if calendar.today.year < issued.year + 3:
        between = notice(calendar, title="其间的一轮")
        assert _is_not_asked(member, between)
        people.chief().post(f"/evaluations/{between['id']}/cancellation", {"reason": "合并开展。"})

    # The second graded round obliges the consortium to take part, refuses the outcome that the first round has used, and ends
    # with the grade "good"
    calendar.move(date(issued.year + 3, 2, 1))
    second = Participation(member, notice(calendar, title="第二轮评估", caps={}))
    assert second.read()["mandatory"] is True
    used = refusal(second.hand_in, second.outcome(PATENT))
    assert (used.code, used.problem["evaluation"]["title"]) == ("outcome_already_used", "首轮评估")
    second.hand_in()
    second.scored((85, 85, 85))
    second.grade("good")
    calendar.forward(61)
    publish(people, second.round)
    assert until(lambda: member.read()["last_grade"] == "good", "the second grade")
    assert second.read()["next_round_by"] == f"{date.fromisoformat(second.round['issued_on']).year + 3}-12-31"

    # The consortium's timeline shows the recognition, the hand-over, the rectification and the cancelled round
    told = member.timeline()
    assert {"consortium.recognised", "consortium.handed_over", "rectification.opened", "rectification.closed"} <= set(told)
    assert told.count("participation.withdrawn") == 1


def _is_not_asked(member: Member, round: dict[str, str]) -> bool:
    return member.lead.send("GET", f"/evaluations/{round['id']}/participants/{member.id}").status == 404
