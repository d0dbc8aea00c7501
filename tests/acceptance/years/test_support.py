"""Article 9: what a consortium may use, and how it asks for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from deploy.demo.client import until
from deploy.demo.formation import open_call, register
from deploy.demo.invented import EIGHT, consortium
from deploy.demo.oversight import Calendar, Member, Participation, Support, notice, publish
from deploy.demo.people import People
from services.policy import add_years
from tests.acceptance.driver import refusal


def recognised(people: People, calendar: Calendar, years: int = 0) -> Member:
    units = consortium(EIGHT)
    register(people, units)
    return Member.imported(people, add_years(calendar.today, -years), units)


def answer(member: Member, measure: str, **query: Any) -> dict[str, Any]:
    items = member.lead.get(f"{member.path}/entitlements", **query)["items"]
    return next(item for item in items if item["measure"] == measure)


def test_the_special_project_is_asked_for_once_within_its_ceiling_and_decided(people: People, calendar: Calendar) -> None:
    member = recognised(people, calendar)
    before = answer(member, "special_project_new")
    assert (before["allowed"], before["limit"], before["left"], before["ceiling"]) == (True, 1, 1, "5000000.00")
    assert before["outside_project_limits"] is True
    assert before["why"][0]["citation"] == "A9(1)1"

    # When more than the ceiling is asked for, or nothing, then the field is named
    assert refusal(Support.asked, member, "special_project_new", amount="5000000.01").pointers == {"/amount": "above_ceiling"}
    assert refusal(Support.asked, member, "special_project_new").pointers == {"/amount": "required"}

    # When it is asked for, then its use is reserved, and a second one is refused
    request = Support.asked(member, "special_project_new", amount="4000000.00")
    assert answer(member, "special_project_new")["left"] == 0
    again = refusal(Support.asked, member, "special_project_new", amount="1.00")
    assert (again.code, again.problem["article"]) == ("limit_reached", "A9(1)1")

    # When the province grants too much, or no amount, then it is refused; a declined one is free again
    assert refusal(request.decide, amount="6000000.00").pointers == {"/amount": "above_ceiling"}
    assert refusal(request.decide).pointers == {"/amount": "required"}
    request.decide("decline", reason="名额有限。")
    request.reaches("declined")
    assert answer(member, "special_project_new")["left"] == 1
    second = Support.asked(member, "special_project_new", amount="4000000.00")
    second.decide(amount="3500000.00")
    assert second.reaches("granted")["amount"] == "3500000.00"
    assert answer(member, "special_project_new")["allowed"] is False


def test_what_competes_for_a_call_is_ranked_and_excellent_stands_first(people: People, calendar: Calendar) -> None:
    # Given an excellent and a good consortium
    members = [recognised(people, calendar, 4) for _ in range(2)]
    round = notice(calendar, title="评估：专项")
    for member, points, grade in zip(members, ((95, 95, 95), (85, 85, 85)), ("excellent", "good"), strict=True):
        part = Participation(member, round)
        part.hand_in()
        part.scored(points)
        part.grade(grade)
    calendar.forward(61)
    publish(people, round)
    excellent, good = members
    for member in members:
        until(lambda member=member: member.read()["last_grade"], "the grade")

    # When both apply to a call for special projects and the good one is scored higher
    call = open_call(people, kind="special_project", fields=[], min_reviewers=3, places=1)["id"]
    requests = {}
    for member, points in ((excellent, (80, 80, 80)), (good, (90, 90, 90))):
        requests[member.id] = Support.asked(member, "special_project_evaluated", amount="2000000.00", round=call)
        requests[member.id].panel(points)

    # Then the excellent one ranks first all the same, and the other needs a reason
    rows = people.officer().get(f"/calls/{call}/ranking")["items"]
    assert [row["subject"] for row in rows] == [requests[excellent.id].subject, requests[good.id].subject]
    assert refusal(requests[good.id].decide, amount="2000000.00", reason=" ").status == 422
    requests[excellent.id].decide(amount="2000000.00")
    requests[excellent.id].reaches("granted")
    assert answer(excellent, "special_project_evaluated")["left"] == 0


def test_young_talents_are_one_a_round_five_in_all_and_none_under_rectification(people: People, calendar: Calendar) -> None:
    member = recognised(people, calendar)
    lead = member.units[0]["uscc"]

    def nominate(place: int, round: str, organisation: str = lead) -> Support:
        person = {"name": f"青年人才{place}", "organisation": organisation}
        return Support.asked(member, "young_talent", round=round, person=person)

    assert refusal(nominate, 0, "批次0", member.units[1]["uscc"]).pointers == {"/person/organisation": "not_a_beneficiary"}
    call = open_call(people, kind="young_talent", fields=[])["id"]
    nominate(0, call)
    assert refusal(nominate, 1, call).code == "round_used"
    for place in range(1, 5):
        nominate(place, f"批次{place}")
    sixth = refusal(nominate, 6, "批次6")
    assert (sixth.status, sixth.code, sixth.problem["article"]) == (409, "limit_reached", "A9(3)2")
    item = answer(member, "young_talent")
    assert (item["limit"], item["used"], item["left"], item["per_round"]) == (5, 5, 0, 1)

    # When a consortium is rectifying, then it nominates nobody, and is told what holds
    other = recognised(people, calendar, 4)
    round = notice(calendar, title="评估：整改与推荐")
    part = Participation(other, round)
    part.hand_in()
    part.scored((61, 61, 61))
    part.grade("rectify")
    calendar.forward(61)
    publish(people, round)
    other.reaches("rectifying")
    person = {"name": "青年人才甲", "organisation": other.units[0]["uscc"]}
    refused = refusal(Support.asked, other, "young_talent", round="批次1", person=person)
    assert (refused.status, refused.code, refused.problem["article"]) == (409, "not_entitled", "A9(3)2")


def test_certificates_and_records_are_given_at_once_to_whom_the_measure_is_for(people: People, calendar: Calendar) -> None:
    member = recognised(people, calendar)
    certificate = Support.asked(member, "programme").read()["certificate"]
    assert certificate["citation"] == "A9(1)2"
    core, close = member.units[1], member.units[5]
    university = {"name": "引进人才甲", "organisation": core["uscc"]}
    assert Support.asked(member, "staffing_policy", person=university).read()["status"] == "certified"
    # a close unit is not for the fast channel, and a person has one file
    refused = refusal(Support.asked, member, "talent_fast_channel", person={"name": "乙", "organisation": close["uscc"]})
    assert refused.pointers == {"/person/organisation": "not_a_beneficiary"}
    Support.asked(member, "talent_fast_channel", person=university)
    assert refusal(Support.asked, member, "talent_fast_channel", person=university).code == "person_already"
    # pilots are named by the province
    assert refusal(Support.asked, member, "pilot").status == 403
    people.officer().post(f"{member.path}/support-requests", {"measure": "pilot", "reason": "科技成果权属改革试点"})


def test_under_guidance_nobody_is_referred_to_banks(people: People, calendar: Calendar) -> None:
    member = recognised(people, calendar)
    unit = member.units[3]["uscc"]
    record = {
        "consortium": member.id,
        "inspected_on": calendar.today.isoformat(),
        "result": "weak",
        "findings": "进展缓慢。",
        "under_guidance": True,
        "follow_up_on": (calendar.today + timedelta(days=90)).isoformat(),
    }
    people.officer(member.recommender).post("/inspections", record)
    until(lambda: member.read()["under_guidance"], "the register hearing of it")
    assert refusal(Support.asked, member, "financing_referral", unit=unit).code == "not_entitled"
    calendar.forward(1)
    people.officer(member.recommender).post(
        "/inspections",
        record
        | {
            "inspected_on": calendar.today.isoformat(),
            "result": "good",
            "under_guidance": False,
            "follow_up_on": None,
        },
    )
    until(lambda: not member.read()["under_guidance"], "the register hearing of it")
    request = Support.asked(member, "financing_referral", unit=unit)
    request.decide(reason="向三家银行推荐。")
    request.reaches("granted")


def test_any_day_has_its_answer(people: People, calendar: Calendar) -> None:
    member = recognised(people, calendar, 1)
    before = add_years(calendar.today, -2).isoformat()
    assert {item["allowed"] for item in member.lead.get(f"{member.path}/entitlements", on=before)["items"]} == {False}
    after = add_years(calendar.today, 3).isoformat()
    assert answer(member, "special_project_new", on=after)["allowed"] is False
    assert answer(member, "special_project_new")["allowed"] is True
    stranger = people.applicant(consortium(EIGHT)[0]["uscc"])
    assert refusal(stranger.get, f"{member.path}/entitlements").status == 404
