"""Articles 4 to 6: how a consortium is formed, from the draft to the register."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from deploy.demo.client import until
from deploy.demo.formation import Formation, draft_body, register, sweep_after
from deploy.demo.invented import EIGHT, consortium
from deploy.demo.people import People
from tests.acceptance.driver import failing, refusal, statuses


def test_a_sound_consortium_is_recommended_checked_judged_approved_publicised_and_registered(people: People, call: str) -> None:
    # Given an application that has all its documents and that every member has confirmed
    case = Formation.complete(people, call)
    assert case.eligibility()["eligible"] is True

    # When the lead submits the application, and every bureau and expert approves it
    submitted = case.submit()
    assert (submitted["status"], submitted["stage"], submitted["version"]) == ("submitted", "recommendation", 1)
    assert set(statuses(submitted["verdict"]["findings"]).values()) == {"pass"}
    case.recommend()
    case.reaches("submitted", stage="formal_check")
    case.check()
    case.reaches("submitted", stage="expert_review")
    case.score(case.appoint()["experts"])
    case.reaches("submitted", stage="decision")
    case.decide()
    ends_on = case.reaches("publicised")["publicity"]["ends_on"]

    # Then the consortium enters the register after the publicity period, with a number, its units and their tiers
    sweep_after(people, ends_on)
    recognised = case.reaches("recognised")
    entry = case.lead.get(f"/consortia/{recognised['consortium']}")
    assert entry["number"].startswith("GXCX-")
    assert entry["status"] == "active"
    assert {unit["uscc"]: unit["tier"] for unit in entry["units"]} == {
        case.units[0]["uscc"]: None,
        **{member["organisation"]: member["tier"] for member in recognised["members"]},
    }
    # and everybody can find the consortium in the public register without a login
    public = people.server.ask("GET", "/public/consortia", query={"number": entry["number"]})["items"]
    assert [item["id"] for item in public] == [entry["id"]]
    # and the application's timeline names an article for each step, and the consortium owes its first annual report
    entries = list(case.lead.all(f"{case.path}/timeline", limit=200))
    steps = [entry["type"] for entry in entries]
    assert {"application.submitted", "application.stage_passed", "application.publicised"} <= set(steps)
    assert all(entry["article"] for entry in entries)
    reports = until(lambda: case.lead.get(f"/consortia/{entry['id']}/annual-reports")["items"], "the annual report's obligation")
    assert reports[0]["status"] == "due"


def test_a_failing_mandatory_rule_blocks_the_submission_and_says_which_one(people: People, call: str) -> None:
    # Given a lead without an innovation platform (A5(2)2)
    units = consortium(EIGHT, platforms=[])
    register(people, units)
    case = Formation.complete(people, call, units)

    # When the lead submits the application
    refused = refusal(case.submit)

    # Then the refusal names the rule, its article and advice, and the application is still a draft
    assert (refused.status, refused.code) == (422, "not_eligible")
    platform = next(finding for finding in refused.problem["findings"] if finding["rule"] == "L4")
    assert (platform["citation"], platform["severity"], platform["status"]) == ("A5(2)2", "mandatory", "fail")
    assert platform["message"]
    assert (case.read()["status"], case.read()["version"]) == ("draft", 0)


@pytest.mark.parametrize(("missing", "rule"), [("confirmation", "M1"), ("paper", "D1")])
def test_nothing_is_submitted_without_every_confirmation_and_every_paper(
    people: People, call: str, missing: str, rule: str
) -> None:
    # Given a draft that fails no rule, except that one member has not confirmed, or that only two of its documents are uploaded
    case = Formation.draft(people, call)
    codes = [unit["uscc"] for unit in case.units[1:]]
    case.confirm(codes[:-1] if missing == "confirmation" else codes)
    if missing == "confirmation":
        case.hand_in()
    else:
        case.hand_in(("application_form", "agreement"))

    # When the lead submits the draft, then the rule about confirmations (M1) or documents (D1) prevents the submission (A5(3)1,
    # A6(1))
    refused = refusal(case.submit)
    assert refused.code == "not_eligible"
    assert rule in failing(refused.problem["findings"])


def test_an_in_principle_rule_that_fails_is_shown_to_all_and_needs_the_provinces_waiver(people: People, call: str) -> None:
    # Given a lead with 29 R&D staff, one fewer than the in-principle rule L3 requires (A5(2)2)
    units = consortium(EIGHT, rd_staff=29)
    register(people, units)
    case = Formation.complete(people, call, units)

    # When the lead submits, then the submission is accepted, and its verdict contains the failed rule L3
    assert failing(case.submit()["verdict"]["findings"]) == {"L3"}

    # When the city waives rule L3 in its recommendation, then the recommendation is refused, because only the province may waive
    waiver = {"rule": "L3", "reason": "团队层次高。"}
    assert refusal(case.recommend, waivers=[waiver]).status == 422
    case.recommend()
    case.check()
    case.score(case.appoint()["experts"])

    # When the province approves without a waiver, then the approval is refused; with a waiver that gives a reason it is accepted
    assert refusal(case.decide).code == "unwaived_findings"
    case.decide(waivers=[waiver])
    publicised = case.reaches("publicised")
    assert [(item["rule"], item["reason"]) for item in publicised["decision"]["waivers"]] == [("L3", waiver["reason"])]


def test_an_edit_of_what_was_confirmed_voids_the_confirmations(people: People, call: str) -> None:
    # Given a draft that every member has confirmed (A4(4))
    case = Formation.complete(people, call)
    confirmed = case.read()["agreement_version"]

    # When the lead edits the research direction, which is not part of the agreement version, then the confirmations stay valid
    case.change(research_direction="另一研究方向")
    assert case.read()["agreement_version"] == confirmed

    # When the lead edits a member's tier, which is part of the agreement version, then all confirmations become invalid and the
    # draft cannot be submitted
    members = draft_body(case.units)["members"]
    members[0]["tier"] = "general"
    case.change(members=members)
    seen = case.read()
    assert seen["agreement_version"] != confirmed
    assert not any(member["confirmation"]["stands"] for member in seen["members"])
    assert failing(refusal(case.submit).problem["findings"]) == {"M1"}

    # and a member cannot confirm the former agreement version any more
    member = people.applicant(case.units[1]["uscc"])
    stale = refusal(member.post, f"{case.path}/confirmations", {"decision": "confirm", "agreement_version": confirmed})
    assert stale.status == 409

    # When all members confirm the present agreement version, then the draft can be submitted
    case.confirm()
    assert case.submit()["status"] == "submitted"


def test_a_member_may_decline_and_be_replaced(people: People, call: str) -> None:
    # Given a draft in which one of the members has declined to take part
    case = Formation.draft(people, call)
    decliner = case.units[-1]
    declined = {"decision": "decline", "reason": "研究方向不符。"}
    people.applicant(decliner["uscc"]).post(f"{case.path}/confirmations", declined)

    # When the lead names another unit in place of that member, and all members confirm
    other = consortium(EIGHT)[-1]
    register(people, [other])
    case.units[-1] = other
    case.change(members=draft_body(case.units)["members"])
    case.hand_in()
    case.confirm()

    # Then the draft can be submitted, and the unit that declined can no longer read it
    assert case.submit()["status"] == "submitted"
    assert refusal(people.applicant(decliner["uscc"]).get, case.path).status == 404


def test_of_two_editors_the_second_is_told_that_the_draft_changed(people: People, call: str) -> None:
    # Given two requests by the lead that both name the same version (ETag) of a draft
    case = Formation.draft(people, call)
    etag = case.lead.send("GET", case.path).headers["ETag"]

    # When the lead sends both requests, each with another name for the consortium
    case.lead.patch(case.path, {"name": "甲"}, headers={"If-Match": etag})
    second = refusal(case.lead.patch, case.path, {"name": "乙"}, headers={"If-Match": etag})

    # Then the second request is refused, and the draft has the name from the first request
    assert second.status == 412
    assert case.read()["name"] == "甲"


def test_a_step_repeated_under_its_key_gets_the_first_answer(people: People, call: str) -> None:
    case = Formation.complete(people, call)
    document = case.lead.post("/documents", announcement(case.subject, b"%PDF-1.4\n%%EOF\n"))
    upload = document["upload"]
    people.server.ask(upload["method"], upload["url"], data=b"%PDF-1.4\n%%EOF\n", headers=upload["headers"])
    for path in (f"/documents/{document['id']}/completion", f"{case.path}/submission"):
        key = {"Idempotency-Key": f"repeated-{case.id}"}
        assert case.lead.post(path, headers=key) == case.lead.post(path, headers=key)


def announcement(subject: str, content: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    return {"filename": "补充.pdf", "kind": "attachment", "subject": subject, "size": len(content), "sha256": digest}
