"""The actions that a case offers to its reader now, and for each action that is not possible the reason."""

from __future__ import annotations

from services.kernel.identity import Actor
from tests.integration.review.scenario import House, an_expert, auditor, chief, officer, province_chief, province_officer


def offers(house: House, id: str, actor: Actor) -> dict[str, str | None]:
    """Return, for each action that a case shows to an account, the reason in English why it is not possible; None if it is
    possible."""
    return {action["id"]: action["why"] and action["why"]["en"] for action in house.see(id, actor)["actions"]}


def test_an_officer_drafts_and_a_chief_signs_what_another_person_drafted(house: House) -> None:
    id = house.submit()
    assert offers(house, id, officer) == {"draft": None, "assign": None}
    assert offers(house, id, chief) == {"sign": "Here an officer drafts the opinion before a chief signs it.", "assign": None}
    house.opinion(officer, id)
    assert offers(house, id, chief) == {"sign": None, "assign": None}
    # When the draft is signed, then no action on the case is possible at the city any more
    house.opinion(chief, id)
    ended = "The opinion is signed and was passed on."
    assert offers(house, id, officer) == {"draft": ended, "assign": ended}


def test_nobody_is_offered_to_sign_their_own_draft(house: House) -> None:
    id = house.submit()
    house.opinion(Actor("both", ("officer",), "450200"), id)
    both = Actor("both", ("officer", "chief"), "450200")
    assert offers(house, id, both)["sign"] == "Nobody signs their own draft; another person drafts or signs it."


def test_the_province_appoints_a_panel_closes_the_scoring_and_decides(house: House) -> None:
    one, *others = house.experts(4)
    id = house.to_panel()
    at_panel = offers(house, id, province_chief)
    assert at_panel["appoint_panel"] is None
    assert at_panel["decide"] is not None
    assert at_panel["close_scoring"] == "0 scores are in, 3 are needed, and scoring must still be open."
    assert "decide" not in offers(house, id, province_officer)
    # When three of the four experts have scored, then the province may close the scoring, and after that the chief may decide
    house.tell("draw_panel", province_officer, id, size=4)
    first = "Declare that you have no interest and promise confidentiality first; recuse yourself where you have one."
    assert offers(house, id, one) == {"declare": None, "score": first, "recuse": None}
    house.declare(one, id)
    assert offers(house, id, one) == {"score": None, "recuse": None}
    for expert in others:
        house.score(expert, id, 80)
    assert offers(house, id, province_officer)["close_scoring"] is None
    house.tell("close_scoring", province_officer, id, reason="逾期")
    decided = offers(house, id, province_chief)
    assert (decided["decide"], decided["appoint_panel"]) == (None, "Scoring is closed; the panel can no longer be changed.")
    assert offers(house, id, one) == {"score": "Scoring is closed.", "recuse": "Scoring is closed."}


def test_a_score_that_counts_is_voided_and_its_seat_is_then_replaced(house: House) -> None:
    house.experts(4)
    id = house.to_panel()
    house.tell("draw_panel", province_officer, id, size=3)
    before = offers(house, id, province_officer)
    assert (before["void_score"], before["replace_reviewer"]) == ("No score counts.", "No expert's seat is vacant.")
    panel = house.see(id)["panel"]["seats"]
    house.score(an_expert(int(panel[0]["account"][-1])), id, 80)
    assert offers(house, id, province_officer)["void_score"] is None
    house.tell("void_score", province_officer, id, seat=panel[0]["id"], reason="受聘于牵头单位")
    assert offers(house, id, province_officer)["replace_reviewer"] is None
    house.tell("replace_reviewer", province_officer, id, seat=panel[0]["id"])
    assert offers(house, id, province_officer)["replace_reviewer"] == "No expert's seat is vacant."


def test_an_auditor_reads_and_is_offered_nothing(house: House) -> None:
    assert offers(house, house.submit(), auditor) == {}
