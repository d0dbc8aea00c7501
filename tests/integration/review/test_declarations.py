"""A reviewer sees a case's documents only after declaring that there is no interest and promising confidentiality (A6(2))."""

from __future__ import annotations

import pytest

from services.kernel.errors import Conflict, Forbidden, NotFound
from tests.integration.review.scenario import LEAD, RUBRIC, House, an_expert, province_officer, third_party

SCORES = {row["criterion"]: "80" for row in RUBRIC}


@pytest.fixture
def seated(house: House) -> str:
    """Create a case with a panel of three reviewers who have not made their declarations yet."""
    house.experts(4)
    id = house.to_panel()
    house.tell("draw_panel", province_officer, id, experts=["expert1", "expert2", "expert3"])
    return id


def offers(house: House, id: str) -> dict[str, bool]:
    return {action["id"]: action["allowed"] for action in house.see(id, an_expert(1))["actions"]}


def test_before_the_declaration_a_reviewer_sees_lead_and_units_alone(house: House, seated: str) -> None:
    seen = house.see(seated, an_expert(1))
    assert (seen["lead"]["uscc"], seen["units"]) == (LEAD, house.see(seated)["units"])
    assert (seen["documents"], seen["questions"], seen["findings"], seen["report"]) == ([], [], [], None)
    assert seen["declaration"]["declared_at"] is None
    assert "保密" in seen["declaration"]["text"]["zh"]
    assert offers(house, seated) == {"declare": True, "score": False, "recuse": True}
    with pytest.raises(Conflict) as refusal:
        house.tell("submit_scores", an_expert(1), seated, scores=SCORES, comment="可")
    assert refusal.value.code == "declaration_required"
    # And the panel's event lists no reviewer as declared, so that the documents service lets no reviewer read the documents
    assert house.said("panel.appointed")[-1].data["declared"] == []


def test_after_it_the_papers_open_and_it_is_recorded_with_its_words(house: House, seated: str) -> None:
    answer = house.tell("declare", an_expert(1), seated)
    seen = house.see(seated, an_expert(1))
    assert seen["declaration"]["declared_at"] == answer["declared_at"]
    assert seen["questions"] == house.see(seated)["questions"] != []
    assert offers(house, seated) == {"score": True, "recuse": True}
    [told] = house.said("reviewer.declared")
    assert (told.data["account"], told.bureau, told.actor["username"]) == ("expert1", "450000", "expert1")
    declared = {seat["account"]: seat["declared_at"] for seat in house.see(seated)["panel"]["seats"]}
    assert declared == {"expert1": answer["declared_at"], "expert2": None, "expert3": None}
    # A second declaration changes nothing.
    assert house.tell("declare", an_expert(1), seated) == answer
    assert len(house.said("reviewer.declared")) == 1
    # And a reviewer who stays on a panel that is drawn again keeps the declaration
    house.tell("draw_panel", province_officer, seated, experts=["expert1", "expert2", "expert4"], reason="更换")
    assert house.said("panel.appointed")[-1].data["declared"] == ["expert1"]


def test_one_with_a_known_interest_cannot_declare_to_have_none(house: House, seated: str) -> None:
    house.account(an_expert(1), expert={"employer": LEAD})
    with pytest.raises(Conflict) as refusal:
        house.tell("declare", an_expert(1), seated)
    assert refusal.value.code == "conflict_of_interest"
    house.tell("recuse", an_expert(1), seated, reason="受聘于牵头单位")
    with pytest.raises(NotFound):
        house.tell("declare", an_expert(1), seated)


def test_it_is_for_the_reviewers_of_the_case_alone(house: House, seated: str) -> None:
    for actor in (an_expert(4), third_party):
        with pytest.raises(NotFound):
            house.tell("declare", actor, seated)
    with pytest.raises(Forbidden):
        house.tell("declare", province_officer, seated)


def test_a_replacement_declares_too(house: House) -> None:
    house.experts(4)
    id = house.to_decision("app", (80, 81, 82))
    seat = house.see(id)["panel"]["seats"][0]["id"]
    house.tell("void_score", province_officer, id, seat=seat, reason="受聘于牵头单位")
    house.tell("replace_reviewer", province_officer, id, seat=seat)
    assert house.see(id, an_expert(4))["documents"] == []
    with pytest.raises(Conflict) as refusal:
        house.tell("submit_scores", an_expert(4), id, scores=SCORES, comment="可")
    assert refusal.value.code == "declaration_required"
    assert house.score(an_expert(4), id, 85)["scoring_closed"]
