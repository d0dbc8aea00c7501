"""The possible members of a panel, before the draw; and rankings that do not name the reviewers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.kernel.errors import Forbidden, NotFound
from tests.integration.review.scenario import (
    LEAD,
    House,
    an_expert,
    auditor,
    officer,
    province_chief,
    province_officer,
    third_party,
)


def test_the_province_reads_every_candidate_and_every_exclusion_before_the_draw(house: House) -> None:
    # Given six experts: one is employed by the lead, the term of one has ended, three have another case to score, and one belongs
    # to the case's field
    house.experts(6)
    house.account(an_expert(1), expert={"employer": LEAD})
    house.account(an_expert(2), term_until=(house.clock.today() - timedelta(days=1)).isoformat())
    house.account(third_party)
    other = house.to_panel("other")
    house.tell("draw_panel", province_officer, other, experts=["expert3", "expert4", "expert5"])
    id = house.to_panel()
    house.account(an_expert(6), expert={"fields": [house.see(id)["field"]]})
    # When the province queries the candidates for a panel
    answer = house.at("450000").ask("panel_candidates", province_officer, id=id)
    # Then the answer lists four experts as candidates and two as excluded, and no panel is drawn
    assert [(one["expert"], one["reason"], one["unit"]) for one in answer["excluded"]] == [
        ("expert1", "employer", LEAD),
        ("expert2", "term_over", None),
    ]
    known = {one["expert"]: one for one in answer["candidates"]}
    assert list(known) == ["expert3", "expert4", "expert5", "expert6"]
    assert {name for name, one in known.items() if one["of_field"]} == {"expert6"}
    assert {name: one["open_cases"] for name, one in known.items()} == {"expert3": 1, "expert4": 1, "expert5": 1, "expert6": 0}
    [institution] = answer["third_parties"]
    assert (institution["account"], institution["excluded"]) == (third_party.username, None)
    assert "seed" not in answer
    assert house.see(id)["panel"] is None
    # And the draw excludes the same experts and draws from the same pool
    drawn = house.tell("draw_panel", province_officer, id, size=3)
    assert (drawn["excluded"], set(drawn["experts"]) <= set(known)) == (answer["excluded"], True)
    # And an expert who recuses is excluded from then on
    leaving = drawn["experts"][0]
    house.tell("recuse", an_expert(int(leaving[-1])), id, reason="有合作")
    again = house.at("450000").ask("panel_candidates", province_chief, id=id)
    assert (leaving, "recused") in [(one["expert"], one["reason"]) for one in again["excluded"]]
    assert all(one["seated"] for one in again["candidates"])


def test_candidates_are_the_provinces_to_read(house: House) -> None:
    house.experts(3)
    id = house.to_panel()
    for actor in (officer, an_expert(1), auditor):
        with pytest.raises(Forbidden):
            house.at("450000").ask("panel_candidates", actor, id=id)
    # A city's officials see no experts, not even for the city's own cases.
    city = house.submit("third")
    with pytest.raises(Forbidden) as refusal:
        house.at("450200").ask("panel_candidates", officer, id=city)
    assert refusal.value.code == "province_only"
    with pytest.raises(NotFound):
        house.at("450000").ask("panel_candidates", province_officer, id=city)


def test_an_anonymous_ranking_names_no_reviewer_and_says_the_same(house: House) -> None:
    # Given scores, one of which is voided
    house.experts(5)
    id = house.to_decision("app", (95, 60, 61, 62, 63))
    seat = next(seat["id"] for seat in house.see(id)["panel"]["seats"] if seat["account"] == "expert2")
    house.tell("void_score", province_officer, id, seat=seat, reason="expert2 受聘于牵头单位")
    named = house.at("450000").ask("case_ranking", province_chief, id=id)
    # When the province queries the ranking of the case and the ranking of its call without names
    blind = house.at("450000").ask("case_ranking", province_chief, id=id, anonymous=True)
    by_call = house.at("450000").ask("call_ranking", province_chief, call="call", anonymous=True)
    # Then neither ranking contains a reviewer's account, and the figures are those of the ranking with names
    assert "expert" not in str(blind) + str(by_call)
    assert (blind["aggregate"], blind["rank"], blind["spread"]) == (named["aggregate"], named["rank"], named["spread"])
    assert sorted(one["total"] for one in blind["scores"]) == sorted(one["total"] for one in named["scores"])
    assert [one["reviewer"] for one in blind["scores"]] == ["1", "2", "3", "4"]
    assert named["outliers"] == ["expert1"]
    [outlier] = [one for one in blind["scores"] if one["outlier"]]
    assert (outlier["total"], by_call["items"][0]["outliers"]) == (95.0, [outlier["reviewer"]])
    assert [voided["total"] for voided in blind["voided"]] == [60.0]
    # And each reviewer has the same number in every answer
    assert house.at("450000").ask("case_ranking", province_chief, id=id, anonymous=True) == blind
