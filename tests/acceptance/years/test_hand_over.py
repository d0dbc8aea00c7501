"""Articles 6(1), 11 and 12: a consortium gets another recommender, and its open cases continue at the new one."""

from __future__ import annotations

from datetime import timedelta

from deploy.demo.client import until
from deploy.demo.formation import put_organisation, register
from deploy.demo.invented import EIGHT, consortium
from deploy.demo.oversight import Calendar, Change, Member
from deploy.demo.people import People
from tests.acceptance.driver import notice, refusal

GUILIN = "450300"


def registered(people: People) -> Member:
    units = consortium(EIGHT)
    register(people, units)
    return Member.imported(people, units)


def test_a6_1_the_recommender_follows_a_lead_that_moves_to_another_city(people: People, calendar: Calendar) -> None:
    # Given a change that waits for the opinion of Liuzhou's bureau, where an officer has drafted the opinion
    member = registered(people)
    change = Change.reported(member, "name", calendar.today + timedelta(days=30), detail={"name": "迁址后的创新联合体"})
    old = change.review(member.recommender, "recommendation")
    draft = {"stage": "recommendation", "outcome": "pass", "comment": "拟同意。", "waivers": []}
    people.officer(member.recommender).post(f"/reviews/{old}/opinions", draft)

    # When the consortium's lead moves to Guilin
    put_organisation(people.applicant(member.units[0]["uscc"]), member.units[0] | {"region": "450302"})
    assert member.read()["recommender"] == GUILIN
    notice(people.officer(GUILIN), f"consortium/{member.id}", "consortium.handed_over")

    # Then Liuzhou's case has ended and keeps the draft, which cannot be signed any more, and Guilin's bureau gives the opinion in
    # a case of its own
    def ended() -> bool:
        return str(people.officer(member.recommender).get(f"/reviews/{old}")["status"]) == "handed_over"

    until(ended, "the old case being handed over")
    seen = people.officer(member.recommender).get(f"/reviews/{old}")
    assert [opinion["signed"] for opinion in seen["opinions"]] == [False]
    assert refusal(people.chief(member.recommender).post, f"/reviews/{old}/opinions", draft).status == 409
    assert refusal(people.officer(member.recommender).get, member.path).status == 404
    change.opine(GUILIN, "recommendation")
    change.decide(reason="同意。")
    assert change.reaches("approved")["recommendation"]["by"] == GUILIN


def test_a11_the_province_hands_a_consortium_over_and_the_old_bureau_reads_what_it_signed(
    people: People, calendar: Calendar
) -> None:
    # Given a consortium that Liuzhou's bureau has inspected, and a change on which the bureau has signed an opinion
    member = registered(people)
    change = Change.reported(member, "name", calendar.today + timedelta(days=30), detail={"name": "移交的创新联合体"})
    change.opine(member.recommender, "recommendation")
    until(lambda: change.read()["stage"] == "decision", "the province's turn")
    seen = {"consortium": member.id, "inspected_on": calendar.today.isoformat(), "result": "good", "findings": "正常"}
    inspection = people.officer(member.recommender).post("/inspections", seen)["id"]

    # When the province makes the industry bureau the consortium's recommender
    body = {"recommender": "GX-MIIT", "reason": "按行业归口管理。"}
    assert refusal(people.chief(member.recommender).post, f"{member.path}/hand-over", body).status == 403
    assert people.chief().post(f"{member.path}/hand-over", body)["recommender"] == "GX-MIIT"

    # Then the consortium is on the industry bureau's inspection board, and Liuzhou's bureau can still read its own inspection
    # record and opinion
    def on_the_board() -> bool:
        board = people.officer("GX-MIIT").all("/inspections/board", year=calendar.today.year)
        return member.id in {line["consortium"]["id"] for line in board}

    until(on_the_board, "the new bureau's board")
    old = people.officer(member.recommender)
    assert old.get(f"/inspections/{inspection}")["result"] == "good"
    assert old.get(change.path)["recommendation"]["by"] == member.recommender
    change.decide(reason="同意。")
    change.reaches("approved")
    assert "consortium.handed_over" in member.timeline()
