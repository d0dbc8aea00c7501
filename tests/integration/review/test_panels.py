"""Panels of experts, recusals, and scores that stay hidden until scoring closes (A6(2))."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from services.kernel.identity import Actor
from services.review.domain.panel import draw
from tests.integration.review.scenario import (
    LEAD,
    MEMBER,
    RUBRIC,
    House,
    a_call,
    an_expert,
    auditor,
    officer,
    province_chief,
    province_officer,
    third_party,
)


def seats(house: House, id: str, state: str = "seated") -> list[str]:
    return [seat["account"] for seat in house.see(id)["panel"]["seats"] if seat["state"] == state]


def test_a_draw_is_random_recorded_and_can_be_repeated_from_its_seed(house: House) -> None:
    house.experts(12)
    id = house.to_panel()
    answer = house.tell("draw_panel", province_officer, id, size=5)
    # Then the recorded seed and pool give the same panel again
    (record,) = house.see(id)["panel"]["draws"]
    assert record["seed"] == answer["seed"]
    assert len(answer["seed"]) == 32
    assert draw(record["seed"], record["pool"], 5) == answer["experts"] == record["drawn"]
    # And the panel of another case has another seed
    other = house.to_panel("other")
    assert house.tell("draw_panel", province_officer, other, size=5)["seed"] != answer["seed"]


def test_the_answer_lists_who_was_excluded_and_why(house: House) -> None:
    house.experts(3)
    house.account(an_expert(7), expert={"employer": LEAD})
    house.account(an_expert(8), expert={"former_employers": [MEMBER]})
    house.account(an_expert(9), expert={"declared_interests": ["OTHER", MEMBER]})
    house.account(an_expert(10), active=False)
    answer = house.tell("draw_panel", province_officer, house.to_panel(), size=3)
    assert {(entry["expert"], entry["reason"], entry["unit"]) for entry in answer["excluded"]} == {
        ("expert7", "employer", LEAD),
        ("expert8", "former_employer", MEMBER),
        ("expert9", "declared_interest", MEMBER),
    }
    assert sorted(answer["experts"]) == ["expert1", "expert2", "expert3"]


def test_a_reviewer_whose_term_is_over_is_not_seated_and_one_seated_before_scores(house: House) -> None:
    # Given four experts, of whom one has a term that ends today, and a third party whose term has ended
    house.experts(4)
    today = house.clock.today()
    house.account(an_expert(1), term_until=today.isoformat())
    house.account(third_party, term_until=(today - timedelta(days=1)).isoformat())
    id = house.to_panel()
    # Then the third party is refused; the expert whose term ends today gets a seat, because the term includes its last day
    with pytest.raises(Invalid) as refusal:
        house.tell("draw_panel", province_officer, id, third_party=third_party.username)
    assert (refusal.value.code, refusal.value.errors[0].pointer) == ("term_over", "/third_party")
    assert house.tell("draw_panel", province_officer, id, experts=["expert1"], size=3)["experts"][0] == "expert1"
    # When that day is over, then the expert can still score the assigned case, and is drawn for no other case
    house.clock.advance(days=1)
    assert house.score(an_expert(1), id, 80)["comment"]
    other = house.to_panel("other")
    answer = house.tell("draw_panel", province_officer, other, size=3)
    assert [(one["expert"], one["reason"]) for one in answer["excluded"]] == [("expert1", "term_over")]
    with pytest.raises(Invalid) as refusal:
        house.tell("draw_panel", province_officer, other, experts=["expert1"], size=3, reason="指定")
    assert refusal.value.code == "term_over"


def test_the_appointment_is_told_with_the_complete_list_and_the_due_date(house: House) -> None:
    house.experts(3)
    id = house.to_panel()
    answer = house.tell("draw_panel", province_officer, id, size=3)
    (event,) = house.said("panel.appointed")
    assert event.data["experts"] == answer["experts"]
    assert event.data["due_on"] == house.see(id)["due_on"] == answer["due_on"]
    assert (event.data["third_party"], event.bureau) == (None, "450000")


def test_an_expert_with_an_interest_is_refused_on_appointment(house: House) -> None:
    house.experts(3)
    house.account(an_expert(7), expert={"employer": LEAD})
    with pytest.raises(Invalid) as refusal:
        house.tell("draw_panel", province_officer, house.to_panel(), experts=["expert1", "expert2", "expert7"])
    assert [(error.pointer, error.code) for error in refusal.value.errors] == [("/experts/2", "conflict_of_interest")]


def test_experts_named_are_appointed_and_the_rest_is_drawn(house: House) -> None:
    house.experts(6)
    answer = house.tell("draw_panel", province_officer, house.to_panel(), size=4, experts=["expert2"])
    assert answer["experts"][0] == "expert2"
    assert len(set(answer["experts"])) == 4


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"size": 2}, "panel_too_small"),
        ({"experts": ["expert1", "expert2", "nobody"]}, "unknown_expert"),
        ({"experts": ["expert1", "expert2", "expert2"]}, "unknown_expert"),
        ({"third_party": "nobody"}, "unknown_third_party"),
        ({"third_party": "expert1"}, "unknown_third_party"),
    ],
)
def test_a_panel_that_cannot_sit_is_refused(house: House, payload: dict[str, object], code: str) -> None:
    house.experts(3)
    with pytest.raises(Invalid) as refusal:
        house.tell("draw_panel", province_officer, house.to_panel(), **payload)
    assert refusal.value.errors[0].code == code


def test_too_few_experts_are_told_with_those_excluded(house: House) -> None:
    house.experts(2)
    house.account(an_expert(7), expert={"employer": LEAD})
    with pytest.raises(Conflict) as refusal:
        house.tell("draw_panel", province_officer, house.to_panel(), size=3)
    assert refusal.value.code == "too_few_experts"
    assert (refusal.value.details["available"], refusal.value.details["excluded"][0]["expert"]) == (2, "expert7")


def test_only_the_province_seats_a_panel_and_only_before_the_experts(house: House) -> None:
    house.experts(3)
    city_case = house.submit()
    with pytest.raises(Conflict):
        house.tell("draw_panel", officer, city_case, size=3)
    id = house.to_panel("other")
    with pytest.raises(NotFound):
        house.tell("draw_panel", officer, id, size=3)
    with pytest.raises(Forbidden):
        house.tell("draw_panel", an_expert(1), id, size=3)


def test_a_redraw_needs_a_reason_and_keeps_the_scores_of_those_who_stay(house: House) -> None:
    house.experts(5)
    id = house.to_panel()
    house.tell("draw_panel", province_officer, id, experts=["expert1", "expert2", "expert3"])
    house.score(an_expert(1), id, 80)
    with pytest.raises(Invalid) as refusal:
        house.tell("draw_panel", province_officer, id, experts=["expert1", "expert4", "expert5"])
    assert refusal.value.errors[0].pointer == "/reason"
    house.tell("draw_panel", province_officer, id, experts=["expert1", "expert4", "expert5"], reason="专家出差")
    assert sorted(seats(house, id)) == ["expert1", "expert4", "expert5"]
    assert sorted(seats(house, id, "dismissed")) == ["expert2", "expert3"]
    assert house.see(id)["panel"]["submitted"] == 1
    with pytest.raises(NotFound):
        house.score(an_expert(2), id, 10)


def test_whoever_recuses_is_replaced_by_lot_and_not_drawn_again(house: House) -> None:
    house.experts(4)
    id = house.to_panel()
    house.tell("draw_panel", province_officer, id, experts=["expert1", "expert2", "expert3"])
    house.score(an_expert(2), id, 70)
    house.tell("recuse", an_expert(2), id, reason="与牵头单位有合作")
    # Then the last available expert gets the seat, and the score of the reviewer who recused no longer counts
    assert sorted(seats(house, id)) == ["expert1", "expert3", "expert4"]
    assert house.see(id)["panel"]["submitted"] == 0
    assert house.said("panel.appointed")[-1].data["experts"] == ["expert1", "expert3", "expert4"]
    with pytest.raises(NotFound):
        house.see(id, an_expert(2))
    # And if no expert is available, then the panel has one reviewer less
    house.tell("recuse", an_expert(3), id, reason="亲属任职")
    assert sorted(seats(house, id)) == ["expert1", "expert4"]
    excluded = house.tell("draw_panel", province_officer, id, third_party=seat_third_party(house), reason="专家不足")["excluded"]
    assert [(entry["expert"], entry["reason"]) for entry in excluded] == [("expert2", "recused"), ("expert3", "recused")]


def seat_third_party(house: House, organisation: str | None = None) -> str:
    house.account(Actor(third_party.username, ("third_party",), None, organisation))
    return third_party.username


def test_a_third_party_reviews_instead_of_a_panel_and_its_score_alone_ends_the_stage(house: House) -> None:
    id = house.to_panel()
    answer = house.tell("draw_panel", province_officer, id, third_party=seat_third_party(house))
    assert (answer["third_party"], answer["experts"], answer["seed"]) == (third_party.username, [], None)
    house.score(third_party, id, 85)
    assert house.see(id)["stage"] == "decision"


def test_a_third_party_that_is_a_unit_of_the_case_is_refused(house: House) -> None:
    id = house.to_panel()
    with pytest.raises(Invalid) as refusal:
        house.tell("draw_panel", province_officer, id, third_party=seat_third_party(house, MEMBER))
    assert refusal.value.code == "conflict_of_interest"


def test_an_expert_sees_the_assigned_case_without_opinions_experts_or_scores_of_others(house: House) -> None:
    house.experts(4)
    id, other = house.to_panel(), house.to_panel("other")
    house.tell("draw_panel", province_officer, id, experts=["expert1", "expert2", "expert3"])
    house.tell("draw_panel", province_officer, other, experts=["expert2", "expert3", "expert4"])
    house.score(an_expert(2), id, 99)
    seen = house.see(id, an_expert(1))
    assert seen["own_score"] is None
    assert not {"panel", "opinions", "recommendation", "decisions"} & seen.keys()
    assert [item["id"] for item in house.at("450000").ask("list_reviews", an_expert(1))["items"]] == [id]
    with pytest.raises(NotFound):
        house.see(other, an_expert(1))
    with pytest.raises(NotFound):
        house.score(an_expert(1), other, 50)


def test_scores_are_hidden_from_everybody_until_scoring_closes(house: House) -> None:
    house.experts(3)
    id = house.to_panel()
    house.tell("draw_panel", province_officer, id, experts=["expert1", "expert2", "expert3"])
    given = "61.75"  # No id and no time contains this text, so it can only be the score.
    house.score(an_expert(1), id, given)
    house.score(an_expert(2), id, 62)
    for actor in (province_officer, province_chief, auditor):
        assert house.at("450000").ask("case_ranking", actor, id=id) == {"id": id, "submitted": 2, "of": 3, "closed": False}
        assert given not in str(house.see(id, actor))
        assert house.at("450000").ask("call_ranking", actor, call="call")["items"] == []
    assert [event.data["submitted"] for event in house.said("score.submitted")] == [1, 2]
    assert given not in "".join(str(event.data) for event in house.said("score.submitted"))
    house.score(an_expert(3), id, "62.25")
    assert house.at("450000").ask("case_ranking", province_chief, id=id)["aggregate"] == 62.0


def test_a_score_may_be_changed_until_scoring_closes_and_every_edit_is_logged(house: House) -> None:
    house.experts(3)
    id = house.to_panel()
    house.tell("draw_panel", province_officer, id, experts=["expert1", "expert2", "expert3"])
    house.score(an_expert(1), id, 50)
    house.score(an_expert(1), id, 60)
    assert house.see(id, an_expert(1))["own_score"]["scores"] == {"技术先进性": 60.0, "组织能力": 60.0}
    assert house.audited("application/app").count("score.changed") == 1
    assert len(house.said("score.submitted")) == 1
    house.score(an_expert(2), id, 60)
    house.score(an_expert(3), id, 60)
    assert house.at("450000").ask("case_ranking", province_chief, id=id)["aggregate"] == 60.0
    with pytest.raises(Conflict) as refusal:
        house.score(an_expert(1), id, 100)
    assert refusal.value.code == "scoring_closed"


def test_scores_outside_the_rubric_are_refused(house: House) -> None:
    house.experts(3)
    id = house.to_panel()
    house.tell("draw_panel", province_officer, id, experts=["expert1", "expert2", "expert3"])
    house.declare(an_expert(1), id)
    with pytest.raises(Invalid) as refusal:
        house.tell("submit_scores", an_expert(1), id, scores={RUBRIC[0]["criterion"]: "101"}, comment="评审意见")
    assert {error.code for error in refusal.value.errors} == {"score_out_of_range", "score_required"}


def test_an_interest_declared_after_the_draw_stops_the_score(house: House) -> None:
    house.experts(3)
    id = house.to_panel()
    house.tell("draw_panel", province_officer, id, experts=["expert1", "expert2", "expert3"])
    house.account(an_expert(1), expert={"declared_interests": [MEMBER]})
    with pytest.raises(Conflict) as refusal:
        house.score(an_expert(1), id, 90)
    assert refusal.value.code == "conflict_of_interest"


def test_the_province_closes_scoring_early_once_enough_have_scored(house: House) -> None:
    house.experts(3)
    id = house.to_panel(call=a_call(min_reviewers=2))
    house.tell("draw_panel", province_officer, id, experts=["expert1", "expert2", "expert3"])
    house.score(an_expert(1), id, 80)
    with pytest.raises(Conflict) as refusal:
        house.tell("close_scoring", province_officer, id, reason="期限已到")
    assert (refusal.value.details["submitted"], refusal.value.details["needed"]) == (1, 2)
    house.score(an_expert(2), id, 90)
    assert house.tell("close_scoring", province_officer, id, reason="期限已到")["stage"] == "decision"
    assert house.at("450000").ask("case_ranking", province_chief, id=id)["aggregate"] == 85.0
    with pytest.raises(Conflict):
        house.score(an_expert(3), id, 10)


def test_when_all_have_scored_the_case_goes_on_to_the_decision(house: House) -> None:
    house.experts(3)
    id = house.to_decision("app", (80, 80, 80))
    assert house.see(id)["stage"] == "decision"
    event = house.said("review.passed")[-1]
    assert (event.data["stage"], event.data["next_stage"], event.data.get("opinion")) == ("expert_review", "decision", None)
