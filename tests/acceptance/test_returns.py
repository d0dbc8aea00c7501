"""Articles 4 and 6: applications that are returned and corrected, lapse, are withdrawn or are rejected."""

from __future__ import annotations

from deploy.demo.formation import Formation, draft_body, sweep_after
from deploy.demo.people import PROVINCE, People
from tests.acceptance.driver import refusal

GOALS = [{"section": "goals", "comment": "请补充科学普及目标。"}]


def joins(people: People, uscc: str) -> int:
    """Return the number of consortia, recognised or applied for, in which an organisation takes part."""
    return int(people.officer().get(f"/organisations/{uscc}/standing")["joins"])


def test_a_returned_application_is_corrected_and_goes_back_to_who_returned_it(people: People, call: str) -> None:
    # Given an application that the province returns at the formal check, with a comment on one section
    case = Formation.complete(people, call)
    case.submit()
    case.recommend()
    refused = refusal(case.check, outcome="return", comment="退回。", sections=[])
    assert refused.status == 422  # An opinion that returns an application must name sections.
    case.check(outcome="return", comment="目标任务不完整。", sections=GOALS)
    returned = case.reaches("returned")
    assert [(item["section"], item["comment"]) for item in returned["correction"]["sections"]] == [("goals", GOALS[0]["comment"])]

    # When the lead changes the recommender, which cannot be changed after the first submission, then the change is refused
    assert refusal(case.change, recommender="450100").status in (409, 422)

    # When the lead corrects the named section and submits again
    goals = draft_body(case.units)["goals"]
    goals.append({"kind": "science_popularisation", "statement": "每年开放实验室。", "indicators": []})
    case.change(goals=goals)
    again = case.submit()

    # Then version 2 of the application is at the province's formal check, and the city gets no second case
    assert (again["version"], again["stage"]) == (2, "formal_check")
    review = case.review(PROVINCE, "formal_check")
    assert people.officer().get(f"/reviews/{review}")["version"] == 2
    assert not any(item["subject"] == case.subject for item in people.officer(case.recommender).all("/reviews", status="open"))
    # and both the lead and the province see that only this section has changed
    for reader in (case.lead, people.officer()):
        sections = reader.get(f"{case.path}/diff", **{"from": 1, "to": 2})["sections"]
        assert [section["section"] for section in sections] == ["goals"]
    versions = case.lead.get(f"{case.path}/versions")["items"]
    assert sorted(version["version"] for version in versions) == [1, 2]
    case.check()
    case.reaches("submitted", stage="expert_review")


def test_a_correction_window_that_lapses_ends_the_application_and_frees_its_places(people: People, call: str) -> None:
    # Given an application that its city has returned for correction
    case = Formation.complete(people, call)
    case.submit()
    member = case.units[1]["uscc"]
    assert joins(people, member) == 1
    case.recommend(outcome="return", comment="请补正。", sections=GOALS)
    due = case.reaches("returned")["correction"]["due_at"]

    # When the correction window passes before the lead has submitted again
    sweep_after(people, due)

    # Then the application is withdrawn, cannot be submitted again, and the units' quotas are released
    assert case.reaches("withdrawn")
    assert refusal(case.submit).status == 409
    assert joins(people, member) == 0
    # and a second sweep (processing of items whose date has come) does nothing with the application
    swept = sweep_after(people, due)
    assert not any(case.id in str(step) for step in swept["done"])


def test_a_withdrawal_closes_the_review_and_frees_the_places(people: People, call: str) -> None:
    # Given a submitted application that waits for its city
    case = Formation.complete(people, call)
    case.submit()
    review = case.review(case.recommender, "recommendation")
    member = case.units[1]["uscc"]

    # When the lead withdraws the application
    withdrawn = case.lead.post(f"{case.path}/withdrawal", {"reason": "调整组成单位。"})

    # Then the quotas are released with the withdrawal itself, the city's case closes, and neither a second withdrawal nor a
    # submission is possible
    assert withdrawn["status"] == "withdrawn"
    assert joins(people, member) == 0
    case.closed(case.recommender, review)
    assert refusal(case.lead.post, f"{case.path}/withdrawal", {}).status == 409
    assert refusal(case.submit).status == 409


def test_a_rejection_by_the_city_is_final(people: People, call: str) -> None:
    # Given an application that its city rejects
    case = Formation.complete(people, call)
    case.submit()
    case.recommend(outcome="reject", comment="不符合本市布局方向。")

    # Then the application is rejected, with the city's reason; its quotas are released, and it cannot be submitted again
    rejected = case.reaches("rejected")
    assert "布局方向" in rejected["reason"]
    assert joins(people, case.units[1]["uscc"]) == 0
    assert refusal(case.submit).status == 409
