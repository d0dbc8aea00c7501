"""Articles 12 and 14: the platform notices changes outside it, asks the lead to report them, and proposes revocations."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from deploy.demo.client import until
from deploy.demo.formation import put_organisation, register
from deploy.demo.invented import EIGHT, Organisation, consortium
from deploy.demo.oversight import Calendar, Change, Member
from deploy.demo.papers import pdf
from deploy.demo.people import People
from tests.acceptance.driver import notice, refusal


def registered(people: People) -> Member:
    units = consortium(EIGHT)
    register(people, units)
    return Member.imported(people, units)


def listed(member: Member, **query: Any) -> dict[str, dict[str, Any]]:
    """Return the consortium's entries of the watch list, keyed by the kind of entry."""
    items = member.people.officer().get("/watch-list", consortium=member.id, **query)["items"]
    return {item["kind"]: item for item in items}


def change_data(people: People, unit: Organisation, **data: Any) -> None:
    put_organisation(people.applicant(unit["uscc"]), unit | data)


def test_a14_5_a_lead_that_has_ended_is_proposed_for_revocation_and_a_mistake_is_taken_back(
    people: People, calendar: Calendar
) -> None:
    # Given a recognised consortium whose lead is no longer a legal person
    member = registered(people)
    change_data(people, member.units[0], legal_person=False)
    # Then the province sees on the watch list which rules fail, and a revocation with ground 5 is proposed
    assert {finding["rule"] for finding in listed(member)["conditions"]["findings"]} == {"C2", "L1"}
    assert member.revocation(status="proposed")["grounds"] == ["A14(5)"]
    assert refusal(people.officer(member.recommender).get, "/watch-list").status == 403
    # When the lead corrects its data, then the watch list has no entry any more, and the proposed revocation is void
    change_data(people, member.units[0], legal_person=True)
    assert listed(member) == {}
    assert member.revocation(status="void")["decision"]["outcome"] == "dismiss"


def test_a14_4_a_leads_record_is_ground_four_until_it_is_repaired(people: People, calendar: Calendar) -> None:
    member = registered(people)
    lead, officer = member.units[0]["uscc"], people.officer()
    record = {"uscc": lead, "reason": "伪造数据", "recorded_on": calendar.today.isoformat()}
    (id,) = officer.post("/integrity-records", {"records": [record]})["ids"]
    assert member.revocation(status="proposed")["grounds"] == ["A14(4)"]
    notice(member.lead, f"organisation/{lead}", "integrity.recorded")
    # When the province withdraws the lead's integrity record, with a reason and a document (信用修复)
    paper = officer.upload(f"organisation/{lead}", "basis", "决定.pdf", pdf("撤销决定"))
    body = {"kind": "withdrawn", "reason": "原处理决定已撤销。", "documents": [paper]}
    assert refusal(officer.post, f"/integrity-records/{id}/repair", body | {"documents": []}).status == 422
    assert officer.post(f"/integrity-records/{id}/repair", body)["in_force"] is False
    # Then the watch list has no entry any more, and the revocation that was proposed because of the record is void
    assert listed(member) == {}
    assert member.revocation(status="void")["facts"][0]["ground"] == "A14(4)"


def test_a12_a_member_that_leaves_says_so_and_the_lead_reports_it_in_time(people: People, calendar: Calendar) -> None:
    # Given a member that declares that it leaves the consortium, so that the lead must report the change within 60 days
    member = registered(people)
    leaver = people.applicant(member.units[4]["uscc"])
    declared = leaver.post(f"{member.path}/departures", {"reason": "主营业务调整。"})
    notice(member.lead, f"consortium/{member.id}", "change.asked")
    assert declared["due_on"] == (calendar.today + timedelta(days=60)).isoformat()
    assert member.read()["asked"][0]["organisation"]["uscc"] == member.units[4]["uscc"]
    # When the lead reports the change within that term, even with yesterday as the day on which it takes effect, then the report
    # is not late
    yesterday = calendar.today - timedelta(days=1)
    detail = {"organisation": member.units[4]["uscc"]}
    change = Change.reported(member, "remove_member", yesterday, detail=detail)
    assert change.read()["late"] is False
    change.opine(member.recommender, "recommendation")
    change.decide(waivers=[{"rule": "C1", "reason": "尽快补充成员。"}])
    change.reaches("effective")
    # Then the entry that asked for the report is settled, and a new entry lists the rule that fails after the change
    assert listed(member, status="settled")["change_asked"]["outcome"] == "cured"
    assert {kind: [finding["rule"] for finding in entry["findings"]] for kind, entry in listed(member).items()} == {
        "conditions": ["C1"]
    }


def test_a14_1_what_the_lead_was_asked_and_does_not_report_is_ground_one(people: People, calendar: Calendar) -> None:
    # Given a member whose legal personality has ended, so that the watch list asks the lead to report a change
    member = registered(people)
    change_data(people, member.units[5], legal_person=False)
    asked = listed(member)["change_asked"]
    assert (asked["cause"], asked["organisation"]["uscc"]) == ("unit_ended", member.units[5]["uscc"])
    # When the lead does not report by the last day of the term, then a revocation with ground 1 is proposed on the following day
    calendar.move(date.fromisoformat(asked["due_on"]))
    assert member.people.officer().get("/revocations", consortium=member.id)["items"] == []
    calendar.forward(1)
    proposed = member.revocation(status="proposed")
    assert (proposed["grounds"], proposed["facts"][0]["fact"]) == (["A14(1)"], "nothing_reported")
    assert listed(member)["change_asked"]["status"] == "overdue"
    until(lambda: "change.ask_closed" in member.timeline(), "the timeline")
