"""Articles 6 and 11: each bureau does its own part of the procedure, and no other bureau's part."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from deploy.demo.client import as_read, until
from deploy.demo.formation import ANSWERS, Formation, open_call, register
from deploy.demo.invented import EIGHT, consortium
from deploy.demo.people import People
from deploy.demo.review_actions import sign
from tests.acceptance.driver import notice, refusal

CITY, OTHER_CITY = "450200", "450100"
OPINION = {"stage": "recommendation", "outcome": "pass", "comment": "同意推荐。", "waivers": [], "answers": ANSWERS}


def test_a_bureau_sees_its_own_cases_and_no_others(people: People, call: str) -> None:
    # Given an application that waits for the opinion of its lead's city
    case = Formation.complete(people, call)
    [document] = case.hand_in(["attachment"])
    case.submit()
    review = case.review(CITY, "recommendation")

    # When officials of another bureau request the application, then they get "not found"
    for stranger in (people.officer(OTHER_CITY), people.chief(OTHER_CITY), people.officer("GX-MIIT")):
        assert not any(item["subject"] == case.subject for item in stranger.all("/reviews"))
        assert not any(item["id"] == case.id for item in stranger.all("/applications"))
        for path in (f"/reviews/{review}", case.path, f"{case.path}/timeline", f"{case.path}/eligibility"):
            assert refusal(stranger.get, path).status == 404
        assert refusal(stranger.post, f"/reviews/{review}/opinions", OPINION).status == 404
        assert refusal(stranger.get, f"/documents/{document}").status == 404

    # and the province can read the application's case only when the application has reached one of the province's stages
    assert refusal(people.officer().get, case.path).status == 404
    case.recommend()
    case.reaches("submitted", stage="formal_check")
    assert people.officer().get(case.path)["stage"] == "formal_check"

    # and an auditor can read the whole application but change nothing
    auditor = people.role("auditor")
    assert auditor.get(case.path)["id"] == case.id
    assert refusal(auditor.post, f"{case.path}/withdrawal", {}).status == 403


def test_a6_1_an_acting_chief_signs_in_the_chiefs_name_for_the_time_named(people: People, call: str) -> None:
    # Given a case at its city, with an opinion that one officer drafted, and a second officer of that city
    case = Formation.complete(people, call)
    case.submit()
    review = case.review(CITY, "recommendation")
    draft = people.officer(CITY).post(f"/reviews/{review}/opinions", OPINION)
    second, chief = people.new(["officer"], bureau=CITY, name="代理负责人甲"), people.chief(CITY)
    assert refusal(sign, second, review, draft).status == 403

    # When the city's chief appoints the second officer as acting chief from today to tomorrow
    until_day = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    body = {"account": second.username, "until": until_day, "reason": "负责人外出。"}
    appointment = chief.post("/acting-chiefs", body)
    notice(second, f"acting_chief/{appointment['id']}", "acting_chief.appointed")

    # Then the second officer can sign the opinion; the opinion names the chief for whom the officer acted, and the audit log
    # names the role of acting chief
    until(lambda: "chief" in second.get("/me")["roles"], "the appointment being known")
    signed = sign(second, review, draft)
    assert (signed["by"], signed["acting_for"]) == (second.username, chief.username)
    case.reaches("submitted", stage="formal_check")
    entries = people.role("auditor").get("/audit", subject=case.subject, service="review", bureau=CITY, limit=200)["items"]
    assert ("review.recommended", second.username, "acting_chief") in [
        (entry["action"], entry["actor"], entry["role"]) for entry in entries
    ]

    # When the chief returns and ends the appointment, then the second officer no longer has a chief's role
    chief.post(f"/acting-chiefs/{appointment['id']}/ending", {"reason": "提前返回。"})
    until(lambda: second.get("/me")["roles"] == ["officer"], "the end being known")
    [listed] = [one for one in chief.all("/acting-chiefs") if one["id"] == appointment["id"]]
    assert (listed["state"], listed["ended_by"]) == ("ended", chief.username)


def test_no_opinion_is_signed_by_one_person_alone(people: People, call: str) -> None:
    # Given a submitted application at its city
    case = Formation.complete(people, call)
    case.submit()
    review = case.review(CITY, "recommendation")
    officer, chief = people.officer(CITY), people.chief(CITY)

    # When the chief signs an opinion that no officer has drafted, then the platform refuses the signature
    assert refusal(chief.post, f"/reviews/{review}/opinions", OPINION).status == 409

    # When an officer drafts the opinion, then the case stays at its stage
    draft = officer.post(f"/reviews/{review}/opinions", OPINION)
    assert draft["signed"] is False
    assert case.read()["stage"] == "recommendation"

    # When an account that is both officer and chief signs an opinion that no other account drafted, then the platform refuses the
    # signature
    both = people.new(["officer", "chief"], bureau=CITY, name="一人两职")
    second = Formation.complete(people, call)
    second.submit()
    other = second.review(CITY, "recommendation")
    assert refusal(both.post, f"/reviews/{other}/opinions", OPINION).status == 409

    # When the chief signs without naming the version of the draft that the chief has read, or names a version that the officer
    # has replaced since, then the platform refuses the signature
    assert refusal(chief.post, f"/reviews/{review}/opinions", OPINION).status == 428
    first, draft = draft, officer.post(f"/reviews/{review}/opinions", OPINION | {"comment": "补充核查后同意推荐。"})
    assert refusal(sign, chief, review, first).status == 412

    # When the chief signs an opinion with another outcome than the draft's, without a reason for the difference, then the refusal
    # requires the reason
    opposite = OPINION | {"outcome": "reject"}
    refused = refusal(chief.post, f"/reviews/{review}/opinions", opposite, headers=as_read(draft))
    assert refused.pointers == {"/differs_reason": "reason_required"}

    # When the chief signs the officer's draft, then the case moves to the province; the chief cannot sign a second time
    signed = sign(chief, review, draft)
    assert (signed["signed"], signed["comment"], signed["differs"]) == (True, "补充核查后同意推荐。", None)
    case.reaches("submitted", stage="formal_check")
    again = refusal(chief.post, f"/reviews/{review}/opinions", OPINION)
    assert again.status == 409
    assert again.problem["current_status"] == "passed"


def test_the_questions_of_the_stage_are_answered_with_reasons(people: People, call: str) -> None:
    # Given a submitted application at its city
    case = Formation.complete(people, call)
    case.submit()
    review = case.review(CITY, "recommendation")

    # When an officer drafts a passing opinion that leaves the stage's question Q9 without a reply, then the refusal names the
    # question
    answers = {name: answer for name, answer in ANSWERS.items() if name != "Q9"}
    refused = refusal(people.officer(CITY).post, f"/reviews/{review}/opinions", OPINION | {"answers": answers})
    assert refused.status == 422
    assert "Q9" in str(refused.problem)


def test_an_industry_bureau_the_call_allows_recommends_in_the_citys_place(people: People) -> None:
    # Given a call in which an industry bureau may recommend (A6(1)), and a lead of that industry who names the bureau as
    # recommender
    case = industry_case(people, ["GX-MIIT"])
    assert case.submit()["stage"] == "recommendation"

    # Then the industry bureau's officials sign the recommendation, and the lead's city has no case
    case.recommend()
    case.reaches("submitted", stage="formal_check")
    assert not any(item["subject"] == case.subject for item in people.officer(CITY).all("/reviews"))

    # When the call names no industry bureau, then the platform refuses the submission and names the field `recommender`
    refused = refusal(industry_case(people, []).submit)
    assert refused.status == 422
    assert "/recommender" in refused.pointers


def industry_case(people: People, industry_bureaus: list[str]) -> Formation:
    """Create a complete application that names the industry bureau as its recommender."""
    units = consortium(EIGHT, industry="制造业")
    register(people, units)
    call = open_call(people, industry_bureaus=industry_bureaus)["id"]
    case = Formation.complete(people, call, units, recommender="GX-MIIT")
    case.recommender = "GX-MIIT"
    return case
