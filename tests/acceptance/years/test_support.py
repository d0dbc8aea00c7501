"""Article 9: the support measures that a consortium may use, and how it requests them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from deploy.demo.client import until
from deploy.demo.formation import open_call, put_organisation, register, verify
from deploy.demo.invented import EIGHT, consortium
from deploy.demo.oversight import Calendar, Member, Participation, Support, notice, publish
from deploy.demo.people import People
from services.policy import add_years
from tests.acceptance.driver import fetch, refusal, require_adverse, text_of
from tests.acceptance.driver import notice as notice_of


def recognised(people: People) -> Member:
    """Create a consortium that was recognised today through an application and has not been evaluated yet."""
    units = consortium(EIGHT)
    register(people, units)
    return Member.formed(people, units)


def old(people: People) -> Member:
    """Create a consortium that was recognised more than three years ago, so that the next round of evaluation obliges it to take
    part."""
    units = consortium(EIGHT)
    register(people, units)
    return Member.imported(people, units)


def answer(member: Member, measure: str, **query: Any) -> dict[str, Any]:
    items = member.lead.get(f"{member.path}/entitlements", **query)["items"]
    return next(item for item in items if item["measure"] == measure)


def test_the_special_project_is_asked_for_once_within_its_ceiling_and_decided(people: People, calendar: Calendar) -> None:
    member = recognised(people)
    before = answer(member, "special_project_new")
    assert (before["allowed"], before["limit"], before["left"], before["ceiling"]) == (True, 1, 1, "5000000.00")
    assert before["outside_project_limits"] is True
    assert before["why"][0]["citation"] == "A9(1)1"

    # When the lead requests an amount above the ceiling, or no amount, then the refusal names the field
    assert refusal(Support.asked, member, "special_project_new", amount="5000000.01").pointers == {"/amount": "above_ceiling"}
    assert refusal(Support.asked, member, "special_project_new").pointers == {"/amount": "required"}

    # When the lead requests the support, then the only use is reserved, and a second request is refused
    request = Support.asked(member, "special_project_new", amount="4000000.00")
    assert answer(member, "special_project_new")["left"] == 0
    again = refusal(Support.asked, member, "special_project_new", amount="1.00")
    assert (again.code, again.problem["article"]) == ("limit_reached", "A9(1)1")

    # When the province grants more than the ceiling, or no amount, then the decision is refused; when it declines the request,
    # the use is free again
    assert refusal(request.decide, amount="6000000.00").pointers == {"/amount": "above_ceiling"}
    assert refusal(request.decide).pointers == {"/amount": "required"}
    request.decide("decline", reason="名额有限。")
    request.reaches("declined")
    paper = f"{member.path}/support-requests/{request.subject.partition('/')[2]}/decision.pdf"
    require_adverse(text_of(fetch(member.lead, paper)), "平台能力建设专项", "第九条第（一）项第1目", "名额有限。")
    assert answer(member, "special_project_new")["left"] == 1
    second = Support.asked(member, "special_project_new", amount="4000000.00")
    second.decide(amount="3500000.00")
    assert second.reaches("granted")["amount"] == "3500000.00"
    assert answer(member, "special_project_new")["allowed"] is False


def test_what_competes_for_a_call_is_ranked_and_excellent_stands_first(people: People, calendar: Calendar) -> None:
    # Given two consortia, one graded excellent and one graded good
    members = [old(people) for _ in range(2)]
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

    # When both consortia request support in a call for special projects, and experts give the consortium graded good the higher
    # score
    call = open_call(people, kind="special_project", fields=[], min_reviewers=3, places=1)["id"]
    requests = {}
    for member, points in ((excellent, (80, 80, 80)), (good, (90, 90, 90))):
        requests[member.id] = Support.asked(member, "special_project_evaluated", amount="2000000.00", round=call)
        requests[member.id].panel(points)

    # Then the consortium graded excellent still ranks first, and an approval of the consortium graded good needs a reason
    rows = people.officer().get(f"/calls/{call}/ranking")["items"]
    assert [row["subject"] for row in rows] == [requests[excellent.id].subject, requests[good.id].subject]
    assert refusal(requests[good.id].decide, amount="2000000.00", reason=" ").status == 422
    requests[excellent.id].decide(amount="2000000.00")
    requests[excellent.id].reaches("granted")
    assert answer(excellent, "special_project_evaluated")["left"] == 0


def nomination_round(people: People, **data: Any) -> str:
    """Open a call for young talents, which is a round of nominations; return the call's id."""
    return str(open_call(people, kind="young_talent", fields=[], **data)["id"])


def nominate(member: Member, round: str, name: str, organisation: str | None = None) -> Support:
    """Nominate, as the consortium's lead, a person of this organisation; by default a person of the lead itself."""
    person = {"name": name, "organisation": organisation or member.units[0]["uscc"]}
    return Support.asked(member, "young_talent", round=round, person=person)


def test_a9_3_2_a_round_is_an_open_call_named_by_its_id(people: People, calendar: Calendar) -> None:
    # Given a consortium, an open call for young talents, and a closed call for young talents
    member = recognised(people)
    now = datetime.now(UTC)
    open_, closed = nomination_round(people), nomination_round(people, closes_at=(now - timedelta(hours=1)).isoformat())
    title = member.lead.get(f"/calls/{open_}")["title"]

    # When the lead names the round by anything but the exact id of the open call for young talents, then the nomination is
    # refused and no use is counted
    for round in (f"{open_} ", f" {open_}", open_.upper(), title, "批次1", f"{closed} "):
        refused = refusal(nominate, member, round, "青年人才甲")
        assert (refused.status, refused.pointers) == (422, {"/round": "unknown_call"})
    assert refusal(nominate, member, closed, "青年人才甲").code == "call_closed"
    special = open_call(people, kind="special_project", fields=[])["id"]
    assert refusal(nominate, member, special, "青年人才甲").pointers == {"/round": "wrong_call"}
    assert refusal(Support.asked, member, "young_talent").pointers == {"/round": "required"}
    assert answer(member, "young_talent")["used"] == 0

    # and a request for a special project must name its call in the same way, and a support measure without calls may name none
    for round in (f"{special} ", open_call(people, kind="special_project", title="专项通知")["title"]):
        refused = refusal(Support.asked, member, "special_project_new", amount="1.00", round=round)
        assert refused.pointers == {"/round": "unknown_call"}
    refused = refusal(Support.asked, member, "special_project_new", amount="1.00", round=open_)
    assert refused.pointers == {"/round": "wrong_call"}
    assert refusal(Support.asked, member, "programme", round=open_).pointers == {"/round": "no_round"}
    nominate(member, open_, "青年人才甲")
    assert refusal(nominate, member, open_, "青年人才乙").code == "round_used"


def test_a9_3_2_the_province_replaces_a_nomination_made_by_mistake_until_the_call_closes(
    people: People, calendar: Calendar
) -> None:
    # Given a nomination of a wrong person, in a call that closes tomorrow
    member = recognised(people)
    closes_at = datetime.combine(calendar.today + timedelta(days=1), time(12, 0), UTC)
    round = nomination_round(people, closes_at=closes_at.isoformat())
    wrong = nominate(member, round, "填错的人")
    person = {"name": "青年人才甲", "organisation": member.units[0]["uscc"]}
    body = {"person": person, "reason": "人选填写有误。"}

    # When the lead tries to replace the nominated person, or the province names a person of an organisation that may not use the
    # support measure, then the replacement is refused
    assert refusal(member.lead.post, f"{wrong.path}/replacement", body).status == 403
    stranger = body | {"person": person | {"organisation": member.units[1]["uscc"]}}
    refused = refusal(people.officer().post, f"{wrong.path}/replacement", stranger)
    assert refused.pointers == {"/person/organisation": "not_a_beneficiary"}

    # When the province names another person, then this person's nomination takes the place of the first one in the round, and the
    # lead can still read the first one
    other = people.officer().post(f"{wrong.path}/replacement", body)
    assert (other["status"], other["person"], other["replaces"]) == ("recorded", person, wrong.read()["id"])
    assert (wrong.read()["status"], wrong.read()["replaced_by"]) == ("replaced", other["id"])
    assert answer(member, "young_talent")["used"] == 1
    assert refusal(nominate, member, round, "青年人才乙").code == "round_used"
    assert refusal(people.officer().post, f"{wrong.path}/replacement", body).code == "not_replaceable"
    said = notice_of(member.lead, f"support/{other['id']}", "support.replaced")
    assert "人选填写有误" in said["body"]

    # When the call has closed, then the province can no longer replace the person
    calendar.forward(2)
    late = body | {"person": person | {"name": "青年人才丙"}}
    path = f"{member.path}/support-requests/{other['id']}/replacement"
    assert refusal(people.officer().post, path, late).code == "call_closed"


def test_young_talents_are_one_a_round_five_in_all_and_none_under_rectification(people: People, calendar: Calendar) -> None:
    member = recognised(people)
    call = nomination_round(people)
    refused = refusal(nominate, member, call, "青年人才0", member.units[1]["uscc"])
    assert refused.pointers == {"/person/organisation": "not_a_beneficiary"}
    nominate(member, call, "青年人才0")
    assert refusal(nominate, member, call, "青年人才1").code == "round_used"
    for place in range(1, 5):
        nominate(member, nomination_round(people), f"青年人才{place}")
    sixth = refusal(nominate, member, nomination_round(people), "青年人才6")
    assert (sixth.status, sixth.code, sixth.problem["article"]) == (409, "limit_reached", "A9(3)2")
    item = answer(member, "young_talent")
    assert (item["limit"], item["used"], item["left"], item["per_round"]) == (5, 5, 0, 1)

    # When a consortium is in rectification, then its nomination is refused with the reason
    other = old(people)
    round = notice(calendar, title="评估：整改与推荐")
    part = Participation(other, round)
    part.hand_in()
    part.scored((61, 61, 61))
    part.grade("rectify")
    calendar.forward(61)
    publish(people, round)
    other.reaches("rectifying")
    refused = refusal(nominate, other, nomination_round(people), "青年人才甲")
    assert (refused.status, refused.code, refused.problem["article"]) == (409, "not_entitled", "A9(3)2")


def test_certificates_and_records_are_given_at_once_to_whom_the_measure_is_for(people: People, calendar: Calendar) -> None:
    member = recognised(people)
    certificate = Support.asked(member, "programme").read()["certificate"]
    assert certificate["citation"] == "A9(1)2"
    core, close = member.units[1], member.units[5]
    university = {"name": "引进人才甲", "organisation": core["uscc"]}
    verify(people, core["uscc"], "public_institution")
    assert Support.asked(member, "staffing_policy", person=university).read()["status"] == "certified"
    # a person of a close-tier unit (紧密合作单位) may not use the fast channel for talents, and a person may use it only once
    refused = refusal(Support.asked, member, "talent_fast_channel", person={"name": "乙", "organisation": close["uscc"]})
    assert refused.pointers == {"/person/organisation": "not_a_beneficiary"}
    Support.asked(member, "talent_fast_channel", person=university)
    assert refusal(Support.asked, member, "talent_fast_channel", person=university).code == "person_already"
    # only the province, not the lead, may name the consortium a pilot
    assert refusal(Support.asked, member, "pilot").status == 403
    people.officer().post(f"{member.path}/support-requests", {"measure": "pilot", "reason": "科技成果权属改革试点"})


def test_a9_3_4_what_a_unit_says_of_itself_counts_once_its_city_has_verified_it(people: People, calendar: Calendar) -> None:
    # Given a consortium with a university in its core tier that states of itself that it is a public institution
    member = recognised(people)
    core = member.units[1]
    person = {"name": "引进人才甲", "organisation": core["uscc"]}
    city, account = f"{core['region'][:4]}00", people.applicant(core["uscc"])

    # When the lead requests certificates for a person of the university before the statement is verified, then the requests are
    # refused
    for measure in ("staffing_policy", "pay_policy"):
        refused = refusal(Support.asked, member, measure, person=person)
        assert refused.pointers == {"/person/organisation": "not_verified"}

    # When an officer of the university's city has read the university's data and examined the evidence, then the data show the
    # verification with its evidence, and the certificate names the verified fact
    assert core["uscc"] in {item["uscc"] for item in people.officer(city).all("/verifications", limit=200)}
    facts = {"facts": [{"fact": "public_institution", "evidence": "事业单位法人证书原件"}]}
    path = f"/organisations/{core['uscc']}"
    assert refusal(people.officer(city).post, f"{path}/verifications", facts).status == 428
    assert refusal(people.officer(member.recommender).approve, path, "verifications", facts).status == 404
    people.officer(city).approve(path, "verifications", facts)
    (shown,) = (entry for entry in account.get(path)["verifications"] if entry["fact"] == "public_institution")
    assert (shown["verified"], shown["bureau"], shown["evidence"]) == (True, city, "事业单位法人证书原件")
    assert "事业单位" in notice_of(account, f"organisation/{core['uscc']}", "organisation.verified")["body"]
    certificate = Support.asked(member, "staffing_policy", person=person).read()["certificate"]
    assert [fact["fact"] for fact in certificate["verified"]] == ["public_institution"]

    # When the university edits the fact, then the verification ends, certificates are refused again, and the city is notified
    put_organisation(account, core | {"public_institution": False})
    put_organisation(account, core)
    refused = refusal(Support.asked, member, "pay_policy", person=person)
    assert refused.pointers == {"/person/organisation": "not_verified"}
    said = notice_of(people.officer(city), f"organisation/{core['uscc']}", "organisation.verification_ended")
    assert core["name"] in said["body"]


def test_under_guidance_nobody_is_referred_to_banks(people: People, calendar: Calendar) -> None:
    member = recognised(people)
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
    member = recognised(people)
    before = add_years(calendar.today, -2).isoformat()
    assert {item["allowed"] for item in member.lead.get(f"{member.path}/entitlements", on=before)["items"]} == {False}
    after = add_years(calendar.today, 3).isoformat()
    assert answer(member, "special_project_new", on=after)["allowed"] is False
    assert answer(member, "special_project_new")["allowed"] is True
    stranger = people.applicant(consortium(EIGHT)[0]["uscc"])
    assert refusal(stranger.get, f"{member.path}/entitlements").status == 404
