"""Articles 5(4)7 and 12: changes of a consortium, its major matters, and the succession of organisations."""

from __future__ import annotations

from datetime import date, timedelta

from deploy.demo.client import until
from deploy.demo.formation import put_organisation, register
from deploy.demo.invented import EIGHT, consortium, lead, new_code, organisation
from deploy.demo.oversight import Calendar, Change, Member
from deploy.demo.people import People
from tests.acceptance.driver import fetch, notice, refusal, require_adverse, statuses, text_of


def member_of_three_years(people: People, calendar: Calendar) -> Member:
    """Create a consortium that was recognised more than three years ago; its lead has figures for the three years before the
    platform's date."""
    units = consortium(EIGHT)
    year = calendar.today.year
    units[0]["figures"] = [row | {"year": year - 1 - place} for place, row in enumerate(units[0]["figures"][:3])]
    register(people, units)
    return Member.imported(people, units)


def test_a_member_joins_when_it_has_confirmed_and_the_province_agrees(people: People, calendar: Calendar) -> None:
    member = member_of_three_years(people, calendar)
    newcomer = organisation("450300", "enterprise")
    put_organisation(people.applicant(newcomer["uscc"]), newcomer)
    tomorrow = calendar.today + timedelta(days=30)
    detail = {"organisation": newcomer["uscc"], "tier": "core", "role": "中试"}

    # When the lead reports a joining member without the documents and the source of the tasks, then the refusal names both
    refused = refusal(Change.reported, member, "add_member", tomorrow, detail=detail, documents=[], task_source=None)
    assert refused.pointers == {"/task_source": "required", "/documents": "document_lacking"}
    assert refusal(Change.reported, member, "add_member", tomorrow, detail={"tier": "core"}).pointers == {
        "/detail/organisation": "required"
    }

    # When the lead reports the change completely, then the joining unit must confirm, and the register shows the eight present
    # units and the pending change
    change = Change.reported(member, "add_member", tomorrow, detail=detail)
    assert change.read()["status"] == "awaiting_confirmations"
    assert len(member.read()["units"]) == 8
    assert member.read()["pending_changes"][0]["kind"] == "add_member"
    other = people.applicant(member.units[1]["uscc"])
    assert refusal(other.post, f"{change.path}/confirmations", {"decision": "confirm"}).code == "not_joining"
    people.applicant(newcomer["uscc"]).post(f"{change.path}/confirmations", {"decision": "confirm"})

    # Then, after the confirmation, the rules of article 5 are evaluated for the proposed units, and a quota of the joining unit
    # is reserved
    assert set(statuses(change.read()["findings"]).values()) == {"pass"}
    assert people.officer().get(f"/organisations/{newcomer['uscc']}/standing")["joins"] == 1
    # the lead cannot report a second change that concerns the joining unit, but it can report a change that concerns another unit
    again = refusal(Change.reported, member, "add_member", tomorrow, detail=detail)
    assert again.code == "change_pending"
    beside = Change.reported(member, "remove_member", tomorrow, detail={"organisation": other_code(member)})
    member.lead.post(f"{beside.path}/withdrawal", {"reason": "另行协商。"})

    # When recommender and province agree, then the change takes effect on its planned day and not before
    change.opine(member.recommender, "recommendation")
    change.decide(reason="同意吸收新成员。")
    change.reaches("approved")
    assert len(member.read()["units"]) == 8
    calendar.move(tomorrow)
    change.reaches("effective")
    assert len(member.read()["units"]) == 9
    assert "consortium.changed" in member.timeline()


def other_code(member: Member) -> str:
    return str(member.units[2]["uscc"])


def test_a_late_change_needs_its_reason_and_is_never_refused_for_its_date(people: People, calendar: Calendar) -> None:
    member = member_of_three_years(people, calendar)
    yesterday = calendar.today - timedelta(days=1)
    detail = {"organisation": other_code(member)}
    late = refusal(Change.reported, member, "remove_member", yesterday, detail=detail)
    assert (late.status, late.code, late.problem["article"]) == (409, "late_reason_required", "A12")

    # When the lead reports the change late but with a reason, then the change is accepted and marked as late, and ground 1 of
    # revocation is proposed
    change = Change.reported(member, "remove_member", yesterday, detail=detail, late_reason="该单位昨日注销。")
    assert change.read()["late"] is True
    assert member.revocation(status="proposed")["grounds"] == ["A14(1)"]
    # after the change seven units remain, one fewer than the in-principle rule C1 requires, so the province may waive the rule
    assert statuses(change.read()["findings"])["C1"] == "fail"
    change.opine(member.recommender, "recommendation")
    assert refusal(change.decide).code == "unwaived_findings"
    change.decide(reason="成员注销，客观原因。", waivers=[{"rule": "C1", "reason": "尽快补充成员。"}])
    change.reaches("effective")
    assert len(member.read()["units"]) == 7
    assert people.officer().get(f"/organisations/{other_code(member)}/standing")["joins"] == 0


def test_a_change_that_breaks_a_mandatory_rule_is_approved_knowingly_or_not_at_all(people: People, calendar: Calendar) -> None:
    member = member_of_three_years(people, calendar)
    outsiders = [organisation("440100", "university") for _ in range(14)]
    for unit in outsiders:
        put_organisation(people.applicant(unit["uscc"]), unit)
    add = [{"organisation": unit["uscc"], "tier": "general"} for unit in outsiders]
    change = Change.reported(member, "units", calendar.today + timedelta(days=1), detail={"add": add})
    change.confirm()
    change.opine(member.recommender, "recommendation")

    # When the change would leave fewer than 30 % enterprises (mandatory rule C4), then an approval that is not marked as given
    # knowingly is refused
    refused = refusal(change.decide)
    assert refused.code == "mandatory_rules_fail"
    assert {finding["rule"] for finding in refused.problem["findings"]} == {"C4"}

    # When the province marks its approval as given knowingly, then the change is approved, and a revocation case opens in the
    # same act
    change.decide(reason="国家战略需要。", knowingly=True)
    change.reaches("approved")
    assert member.revocation(status="open")["grounds"] == ["A14(1)"]


def test_a_refused_change_that_takes_place_all_the_same_is_a_ground(people: People, calendar: Calendar) -> None:
    member = member_of_three_years(people, calendar)
    change = Change.reported(member, "name", calendar.today + timedelta(days=5), detail={"name": "改名后的创新联合体"})
    change.opine(member.recommender, "recommendation")
    change.decide("decline", reason="与已有名称相近。")
    change.reaches("refused")
    # Then the document of the decision says that the province refuses the change, states the reason, and names the legal remedies
    id = change.subject.partition("/")[2]
    require_adverse(text_of(fetch(member.lead, f"{member.path}/changes/{id}/decision.pdf")), "不同意该变更", "与已有名称相近。")
    found = {"found_on": calendar.today.isoformat(), "text": "官网已启用新名称。", "change": id}
    path = f"{member.path}/unreported-changes"
    assert refusal(people.officer("450300").post, path, found).status == 404
    people.officer(member.recommender).post(path, found)
    assert member.revocation(status="proposed")["facts"][0]["fact"] == "refused_but_done"


def test_a_name_a_lead_and_the_end_change_the_register(people: People, calendar: Calendar) -> None:
    member = member_of_three_years(people, calendar)
    soon = calendar.today + timedelta(days=3)

    # When the lead reports a change of the lead to a member, then rules L1 to L6 are evaluated for that member, and it is the
    # lead from the planned day on
    new_lead = member.units[3]["uscc"]
    body = {"lead": new_lead, "former_lead_tier": "core"}
    change = Change.reported(member, "lead", soon, detail=body)
    assert change.read()["status"] == "awaiting_confirmations"
    change.confirm()
    failing = {rule for rule, status in statuses(change.read()["findings"]).items() if status == "fail"}
    assert "L4" in failing
    change.opine(member.recommender, "recommendation")
    assert refusal(change.decide).code == "mandatory_rules_fail"
    member.lead.post(f"{change.path}/withdrawal", {"reason": "另行协商。"})
    assert change.read()["status"] == "withdrawn"
    put_organisation(people.applicant(new_lead), lead(running=calendar.today.year) | {"uscc": new_lead})
    change = Change.reported(member, "lead", soon, detail=body)
    change.confirm()
    change.opine(member.recommender, "recommendation")
    change.decide()
    change.reaches("approved")
    calendar.move(soon)
    former, member.lead = member.lead, people.applicant(new_lead)
    change.reaches("effective")
    assert member.read()["lead"]["uscc"] == new_lead
    until(lambda: former.send("PUT", f"{member.path}/annual-reports/{soon.year}", body={}).status == 403, "evaluation hearing")
    assert people.officer().get(f"/organisations/{new_lead}/standing")["leads"] == 1
    soon = calendar.today + timedelta(days=3)
    renamed = Change.reported(member, "name", soon, detail={"name": "广西新名创新联合体"})
    renamed.opine(member.recommender, "recommendation")
    renamed.decide()
    renamed.reaches("approved")
    calendar.move(soon)
    renamed.reaches("effective")
    found = people.server.ask("GET", "/public/consortia", query={"q": "广西新名"})["items"]
    assert member.id in {item["id"] for item in found}

    # When the consortium dissolves, then its units' quotas are released, and it can report no further change
    end = Change.reported(member, "dissolution", calendar.today + timedelta(days=1))
    end.opine(member.recommender, "recommendation")
    end.decide()
    calendar.forward(1)
    member.reaches("dissolved")
    assert people.officer().get(f"/organisations/{new_lead}/standing")["joins"] == 0
    assert refusal(Change.reported, member, "name", soon, detail={"name": "再改"}).code == "consortium_gone"


def test_a_major_matter_is_acknowledged_and_needs_no_consent(people: People, calendar: Calendar) -> None:
    member = member_of_three_years(people, calendar)
    body = {
        "kind": "breakthrough",
        "title": "甘蔗脱毒技术取得突破",
        "detail": "通过专家鉴定。",
        "occurred_on": calendar.today.isoformat(),
    }
    filed = member.lead.post(f"{member.path}/major-matters", body)
    seen = people.officer(member.recommender).get(f"{member.path}/major-matters")["items"]
    assert [item["id"] for item in seen] == [filed["id"]]
    path = f"{member.path}/major-matters/{filed['id']}/acknowledgement"
    assert refusal(people.officer(member.recommender).post, path, {}).status == 403
    assert people.officer().post(path, {"note": "祝贺。"})["acknowledged"]["note"] == "祝贺。"


def test_a_planned_major_matter_is_applied_for_and_the_province_may_object(people: People, calendar: Calendar) -> None:
    # Given a lead that plans a conference (A5(4)7: 及时…提出申请)
    member = member_of_three_years(people, calendar)
    body = {
        "kind": "academic_event",
        "title": "东盟糖业技术研讨会",
        "detail": "拟邀请境外专家。",
        "occurred_on": (calendar.today + timedelta(days=20)).isoformat(),
    }
    # When the lead reports the planned conference, then the recommender is notified and can read the report, and only the
    # province may object, with a reason
    filed = member.lead.post(f"{member.path}/major-matters", body)
    assert (filed["planned"], filed["status"]) == (True, "applied_for")
    notice(people.officer(member.recommender), f"matter/{filed['id']}", "matter.filed")
    path = f"{member.path}/major-matters/{filed['id']}/objection"
    assert refusal(people.officer(member.recommender).post, path, {"reason": "x"}).status == 403
    objected = people.officer().post(path, {"reason": "请先办理外事审批。"})
    assert (objected["status"], objected["objection"]["reason"]) == ("objected", "请先办理外事审批。")
    assert refusal(people.officer().post, f"{path.rpartition('/')[0]}/acknowledgement", {}).code == "already_objected"
    notice(member.lead, f"matter/{filed['id']}", "matter.objected")
    assert "matter.objected" in member.timeline()
    # When the lead reports a matter that has happened already, then the province cannot object to it
    past = member.lead.post(f"{member.path}/major-matters", body | {"occurred_on": calendar.today.isoformat()})
    assert past["status"] == "reported"
    assert (
        refusal(people.officer().post, f"{member.path}/major-matters/{past['id']}/objection", {"reason": "x"}).code
        == "not_planned"
    )


def test_an_organisation_that_merges_keeps_its_history_under_both_codes(people: People, calendar: Calendar) -> None:
    member = member_of_three_years(people, calendar)
    old, new = member.units[4]["uscc"], new_code("450100", "enterprise")
    body = {
        "kind": "recoded",
        "successor": new,
        "name": "换码后的科技有限公司",
        "effective_on": calendar.today.isoformat(),
        "reason": "三证合一换码。",
    }
    path = f"/organisations/{old}/succession"
    assert refusal(people.officer(member.recommender).post, path, body).status == 403
    answer = people.officer().post(path, body)
    assert answer["consortia"] == [member.id]
    assert new in {unit["uscc"] for unit in member.read()["units"]}
    assert people.officer().get(f"/organisations/{new}/standing")["joins"] == 1
    standing = people.officer().get(f"/organisations/{old}/standing")
    assert (standing["joins"], standing["succession"][0]["successor"]) == (0, new)
    until(lambda: "organisation.succeeded" in member.timeline(), "the timeline")
    assert refusal(people.officer().post, path, body).code == "already_succeeded"


def test_a_change_earlier_than_three_months_ahead_is_taken_too(people: People, calendar: Calendar) -> None:
    member = member_of_three_years(people, calendar)
    change = Change.reported(
        member, "chief_scientist", date(calendar.today.year + 1, 12, 31), detail={"name": "首席科学家乙", "title": "研究员"}
    )
    assert change.read()["late"] is False


def test_a_city_against_a_change_does_not_refuse_it_the_province_decides(people: People, calendar: Calendar) -> None:
    # Given two changes on which the city's bureau gives a negative opinion (A12: 经自治区科技厅同意)
    member = member_of_three_years(people, calendar)
    soon = calendar.today + timedelta(days=3)
    name = Change.reported(member, "name", soon, detail={"name": "改名后的创新联合体"})
    scientist = Change.reported(member, "chief_scientist", soon, detail={"name": "首席科学家乙", "title": "研究员"})
    for change in (name, scientist):
        change.opine(member.recommender, "recommendation", outcome="reject", comment="不符合要求。")
    # Then the province sees the city's negative opinion with each change, agrees to the first change and refuses the second
    review = people.officer().get(f"/reviews/{name.review('450000', 'decision')}")
    assert (review["recommendation"]["outcome"], review["recommendation"]["comment"]) == ("reject", "不符合要求。")
    name.decide(reason="情况特殊，同意。")
    name.reaches("approved")
    scientist.decide("decline", reason="人选不符合要求。")
    assert scientist.reaches("refused")["recommendation"]["outcome"] == "reject"


def test_the_recommender_judges_who_bears_a_main_task_not_the_lead_alone(people: People, calendar: Calendar) -> None:
    # Given a change by which a member leaves, in which the lead does not say whether that member has a main part of the task
    # (A12: 承担攻关任务主要成员单位)
    member = member_of_three_years(people, calendar)
    detail = {"organisation": other_code(member)}
    change = Change.reported(member, "remove_member", calendar.today + timedelta(days=3), detail=detail)
    # When the recommender states in its opinion that the leaving member has a main part of the task
    change.opine(member.recommender, "recommendation", main_task_bearing=[other_code(member)])
    # Then the province can approve the change only after the lead has added the documents of project management
    waivers = [{"rule": "C1", "reason": "尽快补充成员。"}]
    assert refusal(change.decide, waivers=waivers).code == "documents_lacking"
    until(lambda: change.read()["main_task_bearing"], "the register hearing of it")
    notice(member.lead, change.subject, "change.documents_asked")
    member.lead.post(f"{change.path}/supplement", {"documents": [member.paper("project_change")]})
    review = change.review("450000", "decision")

    def has_the_paper() -> bool:
        return "project_change" in {paper["kind"] for paper in people.officer().get(f"/reviews/{review}")["documents"]}

    until(has_the_paper, "the province having the paper")
    change.decide(waivers=waivers)
    change.reaches("approved")


def test_what_nobody_could_report_ahead_is_no_late_change(people: People, calendar: Calendar) -> None:
    member = member_of_three_years(people, calendar)
    yesterday = calendar.today - timedelta(days=1)
    unforeseen = {"cause": "ended", "known_on": calendar.today.isoformat()}
    detail = {"organisation": other_code(member)}
    body = {"detail": detail, "unforeseen": unforeseen, "technical_need": None, "task_source": None}
    change = Change.reported(member, "remove_member", yesterday, **body)
    assert (change.read()["late"], other_code(member) in change.read()["signatories"]) == (False, False)
    assert people.officer().get("/revocations", consortium=member.id)["items"] == []


def test_a_late_change_that_is_withdrawn_takes_its_ground_back(people: People, calendar: Calendar) -> None:
    member = member_of_three_years(people, calendar)
    yesterday = calendar.today - timedelta(days=1)
    change = Change.reported(member, "name", yesterday, detail={"name": "改"}, late_reason="经办人疏忽。")
    assert member.revocation(status="proposed")["grounds"] == ["A14(1)"]
    member.lead.post(f"{change.path}/withdrawal", {"reason": "不再更名。"})
    assert member.revocation(status="void")["decision"]["outcome"] == "dismiss"
