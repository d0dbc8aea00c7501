"""To-do lists in review: drafts, signatures, panels, decisions and scores."""

from __future__ import annotations

from services.kernel.identity import Actor
from services.kernel.worklist import LISTED
from tests.integration.review.scenario import (
    House,
    an_expert,
    applicant,
    auditor,
    chief,
    officer,
    other_chief,
    other_officer,
    province_chief,
    province_officer,
)

OPERATOR = Actor("operator", ("operator",))


def waiting(house: House, actor: Actor) -> dict[str, list[str]]:
    """Return the cases that wait for an account, by the kind of task."""
    answer = house.at(actor.bureau or "450000").ask("todo", actor)
    found: dict[str, list[str]] = {}
    for item in answer["items"]:
        assert item["subject"]["kind"] == "review"
        found.setdefault(item["kind"], []).append(item["subject"]["id"])
    assert {count["kind"]: count["count"] for count in answer["counts"]} == {kind: len(all) for kind, all in found.items()}
    assert house.at(actor.bureau or "450000").ask("todo_counts", actor) == {name: answer[name] for name in ("as_of", "counts")}
    return found


def test_a_case_waits_for_the_draft_and_then_for_the_signature(house: House) -> None:
    # Given a new case
    id = house.submit()
    [item] = house.at("450200").ask("todo", officer)["items"]
    assert (item["kind"], item["action"], item["title"]) == ("opinion_to_draft", "draft", "广西糖业创新联合体")
    assert (item["due_on"], item["lead"]) == (house.see(id)["due_on"], house.see(id)["lead"]["name"])
    # And the chief has nothing to sign yet, because a recommendation needs two persons: one drafts, another signs
    assert waiting(house, chief) == {}
    # When the officer has drafted, then the case waits only for the chief
    house.opinion(officer, id)
    assert (waiting(house, officer), waiting(house, chief)) == ({}, {"opinion_to_sign": [id]})
    # When the chief has signed, then the case waits for no official of the city
    house.opinion(chief, id)
    assert (waiting(house, officer), waiting(house, chief)) == ({}, {})


def test_nobody_is_asked_to_sign_their_own_draft(house: House) -> None:
    # Given a draft by an account that is officer and chief
    id = house.submit()
    both = Actor("both", ("officer", "chief"), "450200")
    house.opinion(Actor("both", ("officer",), "450200"), id)
    # Then another chief must sign the draft
    assert (waiting(house, both), waiting(house, chief)) == ({}, {"opinion_to_sign": [id]})


def test_without_four_eyes_a_case_waits_for_officer_and_chief_alike(house: House) -> None:
    # Given an annual report, which a chief may accept without a draft
    id = house.submit(kind="annual_report", stage="acceptance")
    assert (waiting(house, officer), waiting(house, chief)) == ({"opinion_to_draft": [id]}, {"opinion_to_sign": [id]})
    # When the officer has drafted, then the case waits for the chief only
    house.opinion(officer, id, "acceptance")
    assert (waiting(house, officer), waiting(house, chief)) == ({}, {"opinion_to_sign": [id]})


def test_a_panel_waits_for_the_province_and_then_the_scores_for_its_experts(house: House) -> None:
    one, two, three = house.experts(3)
    id = house.to_panel()
    assert waiting(house, province_officer) == waiting(house, province_chief) == {"panel": [id]}
    # When the panel is appointed, then each expert must score the case, and the province has no task
    house.tell("draw_panel", province_officer, id, size=3)
    assert [waiting(house, expert) for expert in (one, two, three)] == [{"score": [id]}] * 3
    assert (waiting(house, province_officer), waiting(house, an_expert(4))) == ({}, {})
    # When one expert has scored, then the case waits for the other two experts; when it is overdue, it waits for the province too
    house.score(one, id, 80)
    assert [waiting(house, expert) for expert in (one, two)] == [{}, {"score": [id]}]
    house.clock.advance(days=60)
    assert waiting(house, province_officer) == waiting(house, province_chief) == {"scoring_overdue": [id]}


def test_a_scored_case_waits_for_the_chief_to_decide(house: House) -> None:
    house.experts(3)
    id = house.to_decision("app", [80, 81, 82])
    assert (waiting(house, province_officer), waiting(house, province_chief)) == ({}, {"decision": [id]})
    # The decision does not require a draft, so a draft changes no task.
    house.opinion(province_officer, id, "decision")
    assert (waiting(house, province_officer), waiting(house, province_chief)) == ({}, {"decision": [id]})


def test_after_a_voided_score_the_case_waits_for_the_replacement_and_then_for_the_chief(house: House) -> None:
    # Given a scored case with one voided score
    house.experts(4)
    id = house.to_decision("app", [80, 81, 82, 83])
    seat = next(seat["id"] for seat in house.see(id)["panel"]["seats"] if seat["account"] == "expert1")
    house.tell("void_score", province_officer, id, seat=seat, reason="受聘于牵头单位")
    house.account(an_expert(5), expert={})
    # When another expert gets the seat, then the case waits only for that expert's score
    house.tell("replace_reviewer", province_officer, id, seat=seat)
    assert waiting(house, province_chief) == {}
    assert [waiting(house, an_expert(number)) for number in (1, 2, 5)] == [{}, {}, {"score": [id]}]
    house.score(an_expert(5), id, 84)
    assert (waiting(house, an_expert(5)), waiting(house, province_chief)) == ({}, {"decision": [id]})


def test_what_waits_is_the_bureaus_own(house: House) -> None:
    house.submit()
    others = (other_officer, other_chief, auditor, applicant, OPERATOR, an_expert(1))
    assert [waiting(house, other) for other in others] == [{}] * len(others)
    # When the application is withdrawn, then the case waits for no account
    house.withdraw()
    assert (waiting(house, officer), waiting(house, chief)) == ({}, {})


def test_counts_go_on_beyond_what_the_list_shows(house: House) -> None:
    for number in range(LISTED + 3):
        house.submit(f"app{number}")
    listed, counted = (house.at("450200").ask(query, officer) for query in ("todo", "todo_counts"))
    assert len(listed["items"]) == LISTED
    assert counted["counts"] == listed["counts"] == [{"kind": "opinion_to_draft", "count": LISTED + 3}]
