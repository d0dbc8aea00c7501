"""Articles 6 and 8: ranking, decision, publicity, held recognitions, and special cases."""

from __future__ import annotations

import re

from deploy.demo.client import as_read, until
from deploy.demo.formation import ANSWERS, PAPERS, Formation, draft_body, open_call, register, sweep_after
from deploy.demo.invented import EIGHT, consortium
from deploy.demo.papers import pdf
from deploy.demo.people import PROVINCE, People
from deploy.demo.review_actions import uphold
from tests.acceptance.driver import failing, refusal, statuses
from tests.acceptance.test_papers import fetch, text_of


def test_a_decision_out_of_rank_order_needs_its_reason(people: People) -> None:
    # Given two scored applications in a call that recognises one consortium, each reviewed by three experts
    call = open_call(people, min_reviewers=3, places=1)["id"]
    better, worse = (Formation.complete(people, call) for _ in range(2))
    for case, points in ((better, (95, 96, 97)), (worse, (71, 72, 73))):
        case.submit()
        case.recommend()
        case.check()
        case.score(case.appoint(3)["experts"], points)
        case.reaches("submitted", stage="decision")

    # When the province reads the ranking, then the application with the higher scores is first
    rows = people.officer().get(f"/calls/{call}/ranking")["items"]
    assert [row["subject"] for row in rows] == [better.subject, worse.subject]

    # When the chief approves the lower-ranked application without a reason, then the approval is refused; with a reason it is
    # accepted
    assert "/reason" in refusal(worse.decide, reason=" ").pointers
    worse.decide(reason="更符合广西产业布局的急需。")
    worse.reaches("publicised")

    # When the chief declines the higher-ranked application, because the only quota of the call is used, then the lead reads the
    # reason and can no longer withdraw the application
    better.decide("decline", reason="名额已满。")
    assert better.reaches("declined")["reason"] == "名额已满。"
    assert refusal(better.lead.post, f"{better.path}/withdrawal", {}).status == 409


def test_an_objection_during_publicity_stops_recognition_until_it_is_answered(people: People, call: str) -> None:
    # Given an application in its publicity period
    case = Formation.complete(people, call)
    case.submit()
    ends_on = case.publicised()["publicity"]["ends_on"]

    # When an organisation objects to the recognition, with a reason
    other = people.applicant(consortium(EIGHT)[0]["uscc"])
    assert refusal(other.post, f"{case.path}/objections", {}).status == 422
    objection = other.post(f"{case.path}/objections", {"reason": "请核实牵头单位的平台证明。"})

    # Then the application is not recognised at the end of the period, because the objection has no reply
    sweep_after(people, ends_on)
    assert case.read()["status"] == "publicised"

    # When the province replies that it does not uphold the objection, then the application is recognised
    answer = f"{case.path}/objections/{objection['id']}/answer"
    assert refusal(other.post, answer, {"answer": "不"}).status == 403
    people.officer().post(answer, {"answer": "经核查，证明属实。", "outcome": "dismissed"})
    sweep_after(people, ends_on)
    case.reaches("recognised")

    # and an objection after the publicity period is refused
    member = people.applicant(case.units[1]["uscc"])
    assert refusal(member.post, f"{case.path}/objections", {"reason": "迟到的异议。"}).status == 409


def test_a6_an_upheld_objection_takes_two_people_and_a_new_decision_with_new_publicity(people: People, call: str) -> None:
    # Given an application in its publicity period whose approval waived rule L3, and two objections to the recognition: one filed
    # by a unit, one received by letter
    units = consortium(EIGHT, rd_staff=26)
    register(people, units)
    case = Formation.complete(people, call, units)
    case.submit()
    waiver = {"rule": "L3", "reason": "团队层次高。"}
    ends_on = case.publicised(waivers=[waiver])["publicity"]["ends_on"]
    path = f"{case.path}/objections"
    assert refusal(case.lead.post, path, {"reason": "x"}).code == "lead_cannot_object"
    assert refusal(people.role("auditor").post, path, {"reason": "x"}).status == 403
    objection = people.applicant(case.units[1]["uscc"]).post(path, {"reason": "材料不实。"})
    letter = people.officer().upload(case.subject, "written_objection", "来函.pdf", pdf("来函"))
    written = {"objector": {"name": "示例市民", "contact": "示例路 1 号"}, "received_on": ends_on, "document": letter}
    assert "/written/received_on" in refusal(people.officer().post, path, {"reason": "平台不实。", "written": written}).pointers
    written["received_on"] = case.read()["decision"]["on"]
    recorded = people.officer().post(path, {"reason": "平台不实。", "written": written})

    # When an officer of the province prepares one reply that upholds both objections, then a second person must confirm the reply
    # and name the version of the reply that this person has read
    answer = {"answer": "经核查，异议成立。", "outcome": "upheld", "also": [recorded["id"]]}
    prepared = people.officer().post(f"{path}/{objection['id']}/answer", answer)
    assert (prepared["outcome"], case.read()["status"]) == (None, "publicised")
    confirmation = f"{path}/{objection['id']}/confirmation"
    assert refusal(people.officer().post, confirmation, headers=as_read(prepared)).status == 403
    assert refusal(people.chief().post, confirmation).status == 428
    people.chief().post(confirmation, headers=as_read(prepared))
    case.reaches("held")
    sweep_after(people, ends_on)
    assert case.read()["status"] == "held"

    # Then the province must decide again: the approval names both objections, waives rule L3 again, and begins another publicity
    # period
    named = [objection["id"], recorded["id"]]
    review = case.review(PROVINCE, "decision")
    assert [each["id"] for each in people.officer().get(f"/reviews/{review}")["objections"]] == named
    assert refusal(case.decide, waivers=[waiver]).pointers == {"/objections": "objection_not_named"}
    assert refusal(case.decide, objections=named).code == "unwaived_findings"
    case.decide(objections=named, waivers=[waiver], reason="已核减不实材料，仍符合条件。")
    again = until(lambda: case.read()["publicity"], "another publicity")["ends_on"]
    assert again > ends_on
    sweep_after(people, again)
    case.reaches("recognised")
    # The lead and the city can read the objections, but not the objectors' names
    for reader in (case.lead, people.officer(case.recommender)):
        assert {(each["by"], each["organisation"], each["objector"]) for each in reader.get(path)["items"]} == {(None,) * 3}
    assert refusal(case.lead.get, f"/documents/{letter}").status == 404


def test_a6_decisions_of_a_call_are_signed_and_publicised_as_one_list(people: People) -> None:
    # Given three scored applications of a call, and an officer's list of decisions that approves the first two and declines the
    # third
    call = open_call(people, min_reviewers=3, places=2)["id"]
    cases = [Formation.complete(people, call) for _ in range(3)]
    for case, points in zip(cases, ((95, 96, 97), (85, 86, 87), (65, 66, 67)), strict=True):
        case.submit()
        case.recommend()
        case.check()
        case.score(case.appoint(3)["experts"], points)
    reviews = [case.review(PROVINCE, "decision") for case in cases]
    rows = [{"review": review, "outcome": "approve", "reason": "排名靠前。"} for review in reviews[:2]]
    rows.append({"review": reviews[2], "outcome": "decline", "reason": "名额已满。"})
    path = f"/calls/{call}/decision-lists"
    assert (
        "/rows/0/review"
        in refusal(people.officer().post, path, {"title": "第一批", "rows": [rows[0] | {"review": "x"}]}).pointers
    )
    drawn = people.officer().post(path, {"title": "第一批拟认定名单", "rows": rows})

    # When a chief signs the list, naming the version that the chief has read, then each row of the list shows its result
    assert refusal(people.chief().post, f"{path}/{drawn['id']}/confirmation").status == 428
    signed = people.chief().approve(f"{path}/{drawn['id']}", "confirmation")
    assert [row["result"]["status"] for row in signed["rows"]] == ["approved", "approved", "declined"]

    # Then both approved applications are in one published list, and their decisions have the same last day of publicity and the
    # same document number
    ends = {case.reaches("publicised")["publicity"]["ends_on"] for case in cases[:2]}
    cases[2].reaches("declined")
    listed = {"id": drawn["id"], "title": "第一批拟认定名单", "on": signed["decided_on"]}
    public = people.server.ask("GET", "/public/publicity", query={"limit": 200})["items"]
    assert [item["list"] for item in public if item["application"] in {case.id for case in cases}] == [listed, listed]
    numbers = {re.search("〔[0-9]+〕[0-9]+号", text_of(fetch(case.lead, f"{case.path}/decision.pdf"))).group() for case in cases}
    assert (len(ends), len(numbers)) == (1, 2)  # The declined application's decision has a document number of its own.
    # and everybody may read the published list, which shows the document number of the approvals
    shown = fetch(people.server, f"/calls/{call}/decision-lists/{drawn['id']}/publicity.pdf")
    assert re.search("〔[0-9]+〕[0-9]+号", text_of(shown)).group() in numbers
    assert "第一批拟认定名单" in text_of(shown) and "拟认定2个" in text_of(shown)
    # and it shows the province's own contact for written objections, because the call names no contact
    assert "联系方式" in text_of(shown)

    # When an upheld objection holds the recognition of the first application, then the second application is recognised at the
    # end of the publicity period
    path = f"{cases[0].path}/objections"
    objection = people.applicant(cases[0].units[1]["uscc"]).post(path, {"reason": "材料不实。"})
    uphold(people, path, objection["id"], "经核查，异议成立。")
    cases[0].reaches("held")
    sweep_after(people, ends.pop())
    cases[1].reaches("recognised")
    assert cases[0].read()["status"] == "held"


def test_an_upheld_objection_may_end_in_a_refusal(people: People, call: str) -> None:
    # Given an application in its publicity period, with an objection that the province upheld
    case = Formation.complete(people, call)
    case.submit()
    case.publicised()
    objection = people.applicant(case.units[1]["uscc"]).post(f"{case.path}/objections", {"reason": "材料不实。"})
    uphold(people, f"{case.path}/objections", objection["id"], "经核查，异议成立。")
    case.reaches("held")

    # When the province then declines the application, then the units' quotas are released
    case.decide("decline", reason="异议成立，不予组建。")
    case.reaches("declined")
    assert people.officer().get(f"/organisations/{case.units[1]['uscc']}/standing")["joins"] == 0


def test_a_recognition_is_held_when_a_unit_becomes_untrustworthy_meanwhile(people: People, call: str) -> None:
    # Given an approved application in its publicity period
    case = Formation.complete(people, call)
    case.submit()
    ends_on = case.publicised()["publicity"]["ends_on"]

    # When an officer enters an integrity record of one unit before the period ends (A14(4))
    record = {"uscc": case.units[2]["uscc"], "reason": "科研失信行为", "recorded_on": "2026-01-05", "penalty_until": None}
    people.officer().post("/integrity-records", {"records": [record]})
    sweep_after(people, ends_on)

    # Then the application is not recognised automatically: its recognition is held, and the province's case is at the decision
    # again, with the failed rule I1
    case.reaches("held")
    review = case.review(PROVINCE, "decision")
    findings = people.officer().get(f"/reviews/{review}")["findings"]
    assert failing(findings) == {"I1"}
    assert refusal(case.decide).code == "unwaived_findings"

    # When the province waives rule I1 with a reason, then the application is recognised after the publicity
    case.decide(waivers=[{"rule": "I1", "reason": "该单位不承担攻关任务，已责令整改。"}])
    until(lambda: case.read()["status"] in ("publicised", "recognised"), "the second decision")
    sweep_after(people, ends_on)
    case.reaches("recognised")


def test_a_special_case_is_opened_by_the_province_and_goes_straight_to_the_decision(people: People) -> None:
    # Given units that fail the in-principle rule L3, and a document of the government that is the basis of a special case (A8)
    units = consortium(EIGHT, rd_staff=12)
    register(people, units)
    basis = {"text": "自治区人民政府专题会议纪要〔2026〕1 号。"}
    body = draft_body(units, channel="special_case", basis=basis)

    # When the lead opens a special case, then the request is refused, because only the province may open one
    assert refusal(people.applicant(units[0]["uscc"]).post, "/applications", body).status == 403
    id = people.officer().post("/applications", body)["id"]
    case = Formation(people, units, id)
    case.confirm()
    for kind in (*PAPERS, "basis"):
        people.officer().upload(case.subject, kind, f"{kind.replace(':', '-')}.pdf", pdf(kind))

    # Then the special case's findings list rule L3 as waived, and the case is at the decision without any earlier stage
    submitted = people.chief().post(f"{case.path}/submission")
    assert statuses(submitted["verdict"]["findings"])["L3"] == "waived"
    review = case.review(PROVINCE, "decision")

    # When the chief who submitted the special case decides on it, then the decision is refused, because another person must sign
    # it (A8)
    assert refusal(case.decide).code == "opened_by_you"
    decision = {"outcome": "approve", "reason": "自治区重点扶持。"}
    people.new(["chief"], bureau=PROVINCE, name="另一负责人").post(f"/reviews/{review}/decision", decision)

    # and the published entry names the waived rule with its title and its article
    publicised = case.reaches("publicised")
    published = people.server.ask("GET", "/public/publicity", query={"limit": "200"})["items"]
    (shown,) = (item for item in published if item["application"] == id)
    assert [(waiver["rule"], waiver["citation"]) for waiver in shown["waivers"]] == [("L3", "A5(2)2")]
    assert shown["waivers"][0]["title"]
    # and it gives the text of the special case's basis as the reason; the form announces to the officer that this text is
    # published
    assert shown["waivers"][0]["reason"] == basis["text"]
    sweep_after(people, publicised["publicity"]["ends_on"])
    assert case.reaches("recognised")["channel"] == "special_case"


def test_mandatory_rules_hold_for_a_special_case_too_unless_its_basis_names_them(people: People) -> None:
    # Given special cases with a lead that has no innovation platform, which is a mandatory condition (rule L4)
    units = consortium(EIGHT, platforms=[])
    register(people, units)

    def special(**basis: object) -> Formation:
        body = draft_body(units, channel="special_case", basis={"text": "专题会议纪要。", **basis})
        case = Formation(people, units, people.officer().post("/applications", body)["id"])
        case.confirm()
        for kind in (*PAPERS, "basis"):
            people.chief().upload(case.subject, kind, f"{kind.replace(':', '-')}.pdf", pdf(kind))
        return case

    # When the special case's basis does not name rule L4, then the rule prevents the submission; when the basis names rule L4,
    # then the submission is accepted
    plain = special()
    refused = refusal(people.chief().post, f"{plain.path}/submission")
    assert failing(refused.problem["findings"]) == {"L4"}
    named = special(waives_mandatory=["L4"])
    assert people.chief().post(f"{named.path}/submission")["status"] == "submitted"


def test_a4_a5_a_decision_acknowledges_each_condition_that_is_not_met(people: People, call: str) -> None:
    # Given an application that its city recommends, although the city's reply to question Q8 says that the direction is not
    # unique (A4(1))
    case = Formation.complete(people, call)
    case.submit()
    answers = ANSWERS | {"Q8": {"met": False, "reason": "与已认定联合体的方向相近。"}}
    case.recommend(answers=answers)
    case.check()
    case.score(case.appoint()["experts"])

    # Then the province sees the condition that is not met, and an approval that does not acknowledge it is refused
    review = case.review(PROVINCE, "decision")
    (unmet,) = people.chief().get(f"/reviews/{review}")["unmet"]
    assert (unmet["question"], unmet["answers"][0]["reason"]) == ("Q8", "与已认定联合体的方向相近。")
    refused = refusal(case.decide)
    assert (refused.status, refused.code) == (422, "unacknowledged_answers")
    assert unmet["text"] in refused.problem["detail"]

    # When the approval acknowledges the condition, with a reason, then the decision and its generated document contain the reason
    case.decide(acknowledgements=[{"question": "Q8", "reason": "侧重不同，产业急需。"}])
    decision = case.reaches("publicised")["decision"]
    assert [(each["question"], each["reason"]) for each in decision["acknowledgements"]] == [("Q8", "侧重不同，产业急需。")]
    assert "侧重不同，产业急需。" in text_of(fetch(case.lead, f"{case.path}/decision.pdf"))
