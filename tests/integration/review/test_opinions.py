"""Opinions of the recommender and the province: drafts, signatures, returns, corrections (A6)."""

from __future__ import annotations

import pytest

from services.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from services.kernel.identity import PROVINCE, Actor
from tests.integration.review.scenario import (
    CITY,
    INDUSTRY,
    LEAD,
    MEMBER,
    House,
    a_finding,
    applicant,
    auditor,
    chief,
    officer,
    other_chief,
    province_chief,
    province_officer,
)


def refused(kind: type[DomainError], code: str, house: House, actor: Actor, id: str, *args: str, **more: object) -> DomainError:
    with pytest.raises(kind) as refusal:
        house.opinion(actor, id, *args, **more)
    assert refusal.value.code == code
    return refusal.value


def test_a_submission_opens_the_recommenders_case_with_its_due_date(house: House) -> None:
    # Given a submission on Monday 2 March 2026, under a policy that gives the recommendation 15 working days
    id = house.submit()
    # Then the case waits in the city's inbox until 23 March
    seen = house.see(id)
    assert id.startswith(f"{CITY}-")
    assert (seen["stage"], seen["status"], seen["due_on"]) == ("recommendation", "open", "2026-03-23")
    assert [stage["state"] for stage in seen["stages"]] == ["current", "pending", "pending", "pending"]
    (event,) = house.said("review.opened")
    assert (event.producer, event.bureau) == (f"review.{CITY}", CITY)


def test_an_officers_opinion_is_a_draft_and_moves_nothing(house: House) -> None:
    id = house.submit()
    answer = house.opinion(officer, id)
    assert answer["signed"] is False
    assert house.see(id)["status"] == "open"
    assert house.said("review.recommended") == []


def test_a_chiefs_opinion_signs_and_opens_the_provinces_case(house: House) -> None:
    id = house.submit()
    house.opinion(officer, id, comment="同意推荐。")
    answer = house.opinion(chief, id, comment="同意推荐。")
    assert (answer["signed"], answer["drafted_by"]) == (True, officer.username)
    assert house.see(id)["status"] == "passed"
    (event,) = house.said("review.recommended")
    assert (event.producer, event.bureau, event.recommender) == (f"review.{CITY}", CITY, CITY)
    province = house.see(house.case(PROVINCE))
    assert (province["stage"], province["version"], province["recommender"]) == ("formal_check", 1, CITY)
    assert province["recommendation"]["comment"] == "同意推荐。"
    assert province["recommendation"]["bureau"] == CITY


def test_the_next_stage_of_the_same_bureau_has_a_day_of_its_own_which_is_told(house: House) -> None:
    id = house.recommend()
    house.opinion(province_officer, id, stage="formal_check")
    house.opinion(province_chief, id, stage="formal_check")
    (event,) = house.said("review.passed")
    assert event.data["due_on"] == house.see(id)["due_on"] != house.see(house.case(CITY))["due_on"]


def test_where_four_eyes_apply_a_chief_alone_is_refused(house: House) -> None:
    id = house.submit()
    error = refused(Conflict, "draft_required", house, chief, id)
    assert error.details["stage"] == "recommendation"
    assert house.see(id)["opinions"] == []


def test_nobody_signs_their_own_draft(house: House) -> None:
    id = house.submit()
    promoted = Actor(officer.username, ("chief",), CITY)
    house.opinion(officer, id)
    refused(Conflict, "own_draft", house, promoted, id)
    # When another officer drafts too, then the first officer, who is now a chief, may sign the other officer's draft
    house.opinion(Actor("liuzhou.officer2", ("officer",), CITY), id)
    assert house.opinion(promoted, id)["drafted_by"] == "liuzhou.officer2"


def test_a_bureau_sees_and_touches_only_its_own_cases(house: House) -> None:
    id = house.submit()
    for actor in (other_chief, province_chief):
        refused(NotFound, "unknown_review", house, actor, id)
        with pytest.raises(NotFound):
            house.see(id, actor)
    assert house.see(id, auditor)["id"] == id


def test_only_officers_and_chiefs_give_opinions(house: House) -> None:
    refused(Forbidden, "role_required", house, applicant, house.submit())


def test_an_industry_bureau_reviews_under_its_own_code(house: House) -> None:
    id = house.submit(bureau=INDUSTRY)
    assert id.startswith(f"{INDUSTRY}-")
    house.opinion(Actor("o", ("officer",), INDUSTRY), id)
    house.opinion(Actor("c", ("chief",), INDUSTRY), id)
    assert house.see(house.case(PROVINCE))["recommendation"]["bureau"] == INDUSTRY


def test_a_return_goes_to_the_applicant_and_comes_back_as_the_next_round_of_the_same_case(house: House) -> None:
    # Given an opinion that returns the application and names a section
    id = house.submit()
    sections = [{"section": "members", "comment": "请补充协作层单位"}]
    house.opinion(officer, id, outcome="return", sections=sections)
    house.opinion(chief, id, outcome="return", sections=sections)
    assert house.see(id)["status"] == "returned"
    (event,) = house.said("review.returned")
    assert (event.data["sections"], event.data["stage"], event.data["version"]) == (sections, "recommendation", 1)
    # Until the next version arrives, no bureau may act on the case
    refused(Conflict, "review_closed", house, officer, id)
    assert house.submit(version=2, changed=["members"]) == id
    # Then the same case is at version 2, and the opinions on version 1 can still be read
    seen = house.see(id)
    assert (seen["status"], seen["version"], seen["round"]) == ("open", 2, 2)
    assert [(one["version"], one["outcome"]) for one in seen["opinions"]] == [(1, "return"), (1, "return")]
    assert [entry["changed"] for entry in seen["rounds"]] == [[], ["members"]]
    # And a draft about version 1 does not count for version 2
    refused(Conflict, "draft_required", house, chief, id)


def test_what_the_province_returned_comes_back_to_the_province_and_the_city_is_not_asked_again(house: House) -> None:
    id = house.recommend()
    sections = [{"section": "documents", "comment": "缺少协议盖章页"}]
    house.opinion(province_officer, id, "formal_check", "return", sections=sections)
    house.opinion(province_chief, id, "formal_check", "return", sections=sections)
    again = house.submit(version=2, bureau=PROVINCE, stage="formal_check")
    assert again == id
    seen = house.see(id)
    assert (seen["stage"], seen["round"], seen["recommendation"]["bureau"]) == ("formal_check", 2, CITY)
    assert house.see(house.case(CITY))["status"] == "passed"


def test_a_rejection_is_final(house: House) -> None:
    id = house.submit()
    house.opinion(officer, id, outcome="reject")
    house.opinion(chief, id, outcome="reject")
    assert house.said("review.rejected")[0].data["signed_by"] == chief.username
    house.submit(version=2)
    assert house.see(id)["status"] == "rejected"


def test_an_opinion_about_another_stage_than_the_present_is_refused_with_the_state(house: House) -> None:
    id = house.recommend()
    error = refused(Conflict, "wrong_stage", house, province_officer, id, "recommendation")
    assert error.details == {"status": "open", "stage": "formal_check"}


def test_passing_the_formal_check_leads_to_the_experts(house: House) -> None:
    id = house.to_panel()
    assert house.see(id)["stage"] == "expert_review"
    (event,) = house.said("review.passed")
    assert (event.data["stage"], event.data["next_stage"]) == ("formal_check", "expert_review")
    assert event.data["opinion"]["signed_by"] == province_chief.username


@pytest.mark.parametrize("stage", ["expert_review", "decision"])
def test_stages_that_end_by_scores_or_a_decision_are_not_signed(house: House, stage: str) -> None:
    house.experts(3)
    id = house.to_panel() if stage == "expert_review" else house.to_decision("app", (80, 80, 80))
    refused(Conflict, "not_by_opinion", house, province_chief, id, stage)


def test_the_recommender_may_not_waive(house: House) -> None:
    id = house.submit(findings=[a_finding("L2")])
    error = refused(Invalid, "invalid_opinion", house, officer, id, waivers=[{"rule": "L2", "reason": "产业急需"}])
    assert [one.code for one in error.errors] == ["waiver_by_province_only"]


def test_a_signed_waiver_shows_in_the_findings_with_its_reason(house: House) -> None:
    id = house.recommend(findings=[a_finding("L2"), a_finding("C1", status="pass")])
    waivers = [{"rule": "L2", "reason": "产业急需"}]
    house.opinion(province_officer, id, "formal_check", waivers=waivers)
    assert house.see(id)["findings"][0]["status"] == "fail"
    house.opinion(province_chief, id, "formal_check", waivers=waivers)
    assert (house.see(id)["findings"][0]["status"], house.see(id)["findings"][0]["reason"]) == ("waived", "产业急需")


def test_a_signed_opinion_is_corrected_by_a_new_signed_one_and_nothing_moves(house: House) -> None:
    # Given a recommendation that was signed and sent to the province
    id = house.submit()
    house.opinion(officer, id)
    signed = house.opinion(chief, id)["id"]
    # When a chief corrects the signed opinion, the correction needs a draft by another person
    refused(Conflict, "draft_required", house, chief, id, corrects=signed)
    house.opinion(officer, id, comment="更正：营收应为 12 亿元。", corrects=signed)
    correction = house.opinion(chief, id, comment="更正：营收应为 12 亿元。", corrects=signed)
    # Then both opinions can be read and refer to each other
    opinions = {one["id"]: one for one in house.see(id)["opinions"]}
    assert opinions[signed]["corrected_by"] == correction["id"]
    assert (house.see(id)["status"], len(house.said("review.recommended"))) == ("passed", 1)
    assert house.said("review.corrected")[0].data["corrects"] == signed
    # And the province reads the correction beside the recommendation
    recommendation = house.see(house.case(PROVINCE))["recommendation"]
    assert (recommendation["id"], [one["id"] for one in recommendation["corrections"]]) == (signed, [correction["id"]])
    assert recommendation["corrections"][0]["comment"] == "更正：营收应为 12 亿元。"


def test_a_correction_cannot_turn_a_pass_into_a_rejection(house: House) -> None:
    id = house.submit()
    house.opinion(officer, id)
    signed = house.opinion(chief, id)["id"]
    refused(Invalid, "invalid_input", house, officer, id, "recommendation", "reject", corrects=signed)


def test_every_step_is_audited_under_its_bureau_with_the_article(house: House) -> None:
    house.recommend()
    entries = house.at(CITY).ask("audit_entries", auditor, subject="application/app", limit=50, cursor=None)["items"]
    assert [(entry["action"], entry["bureau"], entry["article"]) for entry in entries] == [
        ("review.opened", CITY, "A6(1)"),
        ("opinion.drafted", CITY, "A6(1)"),
        ("review.recommended", CITY, "A6(1)"),
        ("review.opened", PROVINCE, "A6(2)"),
    ]
    assert [entry["actor"] for entry in entries][1:3] == [officer.username, chief.username]


def test_a_case_is_assigned_to_an_active_official_of_its_own_bureau(house: House) -> None:
    id = house.submit()
    for actor in (officer, other_chief, Actor("left", ("officer",), CITY)):
        house.account(actor, active=actor.username != "left")
    for name in (other_chief.username, "left", "nobody"):
        with pytest.raises(Invalid):
            house.tell("assign_case", chief, id, account=name)
    house.tell("assign_case", chief, id, account=officer.username)
    assert house.see(id)["assigned_to"] == officer.username
    (event,) = house.said("review.assigned")
    assert (event.data["account"], event.bureau) == (officer.username, CITY)


def test_the_etag_of_a_case_changes_with_what_is_shown_and_not_with_the_date(house: House) -> None:
    id = house.submit()
    first = house.see(id)["etag"]
    house.clock.advance(days=40)
    assert house.see(id)["overdue"] is True
    assert house.see(id)["etag"] == first
    house.opinion(officer, id)
    drafted = house.see(id)["etag"]
    house.opinion(chief, id)
    assert len({first, drafted, house.see(id)["etag"]}) == 3


def test_a_return_names_everything_to_correct_at_once(house: House) -> None:
    # Given a signed return that names one section
    id = house.submit("app")
    sections = [{"section": "operating_systems", "comment": "缺少决策机构章程"}]
    more = [*sections, {"section": "goals", "comment": "缺少指标"}]
    house.opinion(officer, id, outcome="return", sections=sections)
    signed = house.opinion(chief, id, outcome="return", sections=sections)["id"]
    # When the bureau returns the same version a second time, then the opinion is refused
    with pytest.raises(Conflict):
        house.opinion(officer, id, outcome="return", sections=more)
    # and a correction adds no section; it may change the comments on the named sections
    with pytest.raises(Invalid) as caught:
        house.opinion(officer, id, outcome="return", sections=more, corrects=signed)
    assert [(error.pointer, error.code) for error in caught.value.errors] == [("/sections/1/section", "section_added")]
    worded = [{"section": "operating_systems", "comment": "缺少决策机构章程和议事规则"}]
    assert house.opinion(officer, id, outcome="return", sections=worded, corrects=signed)["corrects"] == signed


def test_a_case_has_the_frozen_content_the_names_and_what_changed_since_the_return(house: House) -> None:
    # Given an application that was returned and corrected
    content = {"name": "广西糖业创新联合体", "members": [{"organisation": MEMBER, "tier": "close"}], "goals": []}
    names = {LEAD: "柳州桂博一号科技股份有限公司", MEMBER: "南宁桂博二号科技有限公司"}
    id = house.submit(content=content, unit_names=names)
    sections = [{"section": "members", "comment": "请核对层级"}]
    house.opinion(officer, id, outcome="return", sections=sections)
    house.opinion(chief, id, outcome="return", sections=sections)
    corrected = content | {"members": [{"organisation": MEMBER, "tier": "core"}]}
    house.submit(version=2, content=corrected, unit_names=names)
    # Then the bureau's own case shows the version under review and every value that was changed
    seen = house.see(id)
    assert (seen["content"], seen["unit_names"]) == (corrected, names)
    [section] = seen["difference"]["sections"]
    [change] = section["changes"]
    assert (section["section"], change["path"], change["before"], change["after"]) == (
        "members",
        f"/{MEMBER}/tier",
        "close",
        "core",
    )
    # and the province's case shows the same content
    house.opinion(officer, id)
    house.opinion(chief, id)
    assert house.see(house.case(PROVINCE))["content"] == corrected


def test_a_case_of_an_earlier_release_has_no_frozen_content(house: House) -> None:
    seen = house.see(house.submit())
    assert (seen["content"], seen["difference"], seen["unit_names"]) == (None, None, {})
