"""A chief signs one list with several decisions of a call; the answer has a result for each row (A6(2))."""

from __future__ import annotations

from typing import Any

import pytest

from services.kernel.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed, PreconditionRequired
from services.kernel.identity import PROVINCE, Actor
from services.kernel.ids import new_id
from tests.integration.review.scenario import (
    ANSWERS,
    LEAD,
    House,
    a_finding,
    an_expert,
    auditor,
    chief,
    officer,
    province_chief,
    province_officer,
)

WAIVER = {"rule": "L2", "reason": "产业急需"}


def row(review: str, outcome: str = "approve", **more: Any) -> dict[str, Any]:
    plain = {"reason": "评审排名靠前", "waivers": [], "acknowledgements": [], "objections": [], "amount": None}
    return {"review": review, "outcome": outcome} | plain | more


def draft(house: House, *rows: dict[str, Any], actor: Actor = province_officer, call: str = "call") -> dict[str, Any]:
    answer: dict[str, Any] = house.at(PROVINCE).tell("draft_decision_list", actor, call=call, title="第一批", rows=list(rows))
    house.settle()
    return answer


def sign(house: House, drawn: dict[str, Any], actor: Actor = province_chief, etag: str | None = None) -> dict[str, Any]:
    named = {"call": "call", "id": drawn["id"], "if_match": etag or drawn["etag"]}
    answer: dict[str, Any] = house.at(PROVINCE).tell("sign_decision_list", actor, **named)
    house.settle()
    return answer


def results(signed: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(each["result"]["status"], each["result"]["code"]) for each in signed["rows"]]


@pytest.fixture
def cases(house: House) -> list[str]:
    """Create three scored cases of a call at their decision; L2 fails in the second."""
    house.experts(3)
    found = [[], [a_finding("L2")], []]
    return [house.to_decision(f"app{place}", (90 - place, 80, 85), findings=findings) for place, findings in enumerate(found)]


def test_a_list_is_signed_at_once_and_each_row_has_its_result(house: House, cases: list[str]) -> None:
    # Given an officer's list of proposed decisions: two approvals and one refusal
    drawn = draft(house, row(cases[0]), row(cases[1], waivers=[WAIVER]), row(cases[2], "decline", reason="排名靠后"))
    assert (drawn["status"], drawn["decided_on"], [each["result"] for each in drawn["rows"]]) == ("draft", None, [None] * 3)
    assert house.said("decision_list.drafted")[-1].data["cases"] == 3
    assert house.said("review.decided") == []
    # When a chief signs the version of the list that the chief has read
    signed = sign(house, drawn)
    # Then each case is decided as the officer proposed, and the event of each approval names this list and the day of its
    # signature
    assert results(signed) == [("approved", None), ("approved", None), ("declined", None)]
    assert (signed["status"], signed["decided_on"]) == ("signed", house.clock.today().isoformat())
    decided = {event.data["case"]: event.data for event in house.said("review.decided")}
    listed = {"id": drawn["id"], "title": "第一批", "on": signed["decided_on"]}
    assert [decided[case].get("list") for case in cases] == [listed, listed, None]
    assert house.see(cases[1])["decisions"][0]["drafted_by"] == province_officer.username
    assert house.audited(f"decision-list/{drawn['id']}") == ["decision_list.drafted", "decision_list.signed"]
    with pytest.raises(Conflict):
        sign(house, signed)


def test_a_row_that_cannot_be_decided_leaves_the_list_and_delays_no_other(house: House, cases: list[str]) -> None:
    # Given a list in which the second row lacks a waiver, and the third case is decided by other means before the signature
    drawn = draft(house, *(row(case) for case in cases))
    review = house.see(cases[2])["opinions"][-1]
    house.tell("decide", province_chief, cases[2], outcome="approve", reason="评审排名靠前", if_match=review["etag"])
    signed = sign(house, drawn)
    assert results(signed) == [("approved", None), ("refused", "unwaived_findings"), ("refused", "review_closed")]
    assert "第五条" in str(signed["rows"][1]["result"]["why"])
    # A case that was removed from one list may be in another list.
    again = draft(house, row(cases[1], waivers=[WAIVER]))
    assert results(sign(house, again)) == [("approved", None)]


def withdraw(house: House, drawn: dict[str, Any], actor: Actor = province_officer) -> dict[str, Any]:
    answer: dict[str, Any] = house.at(PROVINCE).tell("withdraw_decision_list", actor, call="call", id=drawn["id"])
    return answer


def test_a_case_in_an_unsigned_list_is_not_drafted_again(house: House, cases: list[str]) -> None:
    # Given a decision list with two cases that waits for a chief's signature
    first = draft(house, row(cases[0]), row(cases[2], "decline"))
    # When an officer puts one of its cases into a second list, then the refusal names the waiting list and changes nothing
    for actor in (province_officer, Actor("province.officer2", ("officer",), PROVINCE)):
        with pytest.raises(Invalid) as refused:
            draft(house, row(cases[0], "decline"), row(cases[1], waivers=[WAIVER]), actor=actor)
        [error] = refused.value.errors
        assert (error.pointer, error.code, "“第一批”" in error.text.zh) == ("/rows/0/review", "already_listed", True)
    # And a draft about a listed case outside the list is refused, so that it cannot replace the draft on which the list is based
    with pytest.raises(Conflict) as one:
        house.opinion(province_officer, cases[0], "decision", "reject")
    assert (one.value.code, one.value.details["decision_list"]) == ("already_listed", first["id"])
    [drafted] = [each for each in house.see(cases[0], province_officer)["actions"] if each["id"] == "draft"]
    assert drafted["allowed"] is False
    assert results(sign(house, first)) == [("approved", None), ("declined", None)]


def test_a_list_is_withdrawn_before_its_cases_are_listed_again(house: House, cases: list[str]) -> None:
    drawn = draft(house, row(cases[0]))
    for actor in (province_chief, officer, auditor):
        with pytest.raises(Forbidden):
            withdraw(house, drawn, actor)
    assert withdraw(house, drawn)["status"] == "withdrawn"
    assert house.audited(f"decision-list/{drawn['id']}") == ["decision_list.drafted", "decision_list.withdrawn"]
    # Then no chief can sign the withdrawn list, and it cannot be withdrawn twice
    with pytest.raises(Conflict) as refused:
        sign(house, house.at(PROVINCE).ask("get_decision_list", auditor, call="call", id=drawn["id"]))
    assert refused.value.code == "list_withdrawn"
    with pytest.raises(Conflict):
        withdraw(house, drawn)
    assert {each["listed"] for each in candidates(house)} == {None}
    again = draft(house, row(cases[0], "decline"))
    assert results(sign(house, again)) == [("declined", None)]
    with pytest.raises(Conflict) as refused:
        withdraw(house, again)
    assert refused.value.code == "already_signed"


def test_what_a_chief_signs_is_the_list_that_was_read(house: House, cases: list[str]) -> None:
    drawn = draft(house, row(cases[0]))
    with pytest.raises(PreconditionFailed):
        sign(house, drawn, etag="other")
    with pytest.raises(PreconditionRequired):
        house.at(PROVINCE).tell("sign_decision_list", province_chief, call="call", id=drawn["id"])
    both = Actor(province_officer.username, ("officer", "chief"), PROVINCE)
    with pytest.raises(Conflict):
        sign(house, drawn, both)
    for actor in (province_officer, chief, officer):
        with pytest.raises(Forbidden):
            sign(house, drawn, actor)
    # Only the province and auditors may read the list.
    for actor in (province_chief, auditor):
        assert house.at(PROVINCE).ask("get_decision_list", actor, call="call", id=drawn["id"])["id"] == drawn["id"]
        assert len(house.at(PROVINCE).ask("list_decision_lists", actor, call="call")["items"]) == 1
    with pytest.raises(Forbidden):
        house.at(PROVINCE).ask("list_decision_lists", chief, call="call")
    with pytest.raises(NotFound):
        house.at(PROVINCE).ask("get_decision_list", auditor, call="call", id=new_id())


def test_a_list_names_every_row_that_is_wrong(house: House, cases: list[str]) -> None:
    unknown = row(f"{PROVINCE}-{new_id()}")
    with pytest.raises(Invalid) as refused:
        draft(house, row(cases[0]), row(cases[0]), unknown, row(cases[1], waivers=[{"rule": "C1", "reason": "x"}]))
    assert {error.pointer: error.code for error in refused.value.errors} == {
        "/rows/1/review": "row_twice",
        "/rows/2/review": "unknown_review",
        "/rows/3/waivers/0/rule": "not_waivable",
    }
    with pytest.raises(NotFound):
        draft(house, row(cases[0]), call="other")
    with pytest.raises(Forbidden):
        draft(house, row(cases[0]), actor=province_chief)


UNMET = {"Q1": {"met": False, "reason": "未见市场分析"}}


def candidates(house: House, actor: Actor = province_officer) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = house.at(PROVINCE).ask("decision_candidates", actor, call="call")["items"]
    return items


def test_a_list_says_of_each_row_what_the_decider_has_to_read(house: House) -> None:
    # Given a case with a failing in-principle rule and a condition answered "not met", and a case without either
    house.experts(3)
    id = house.submit("doubtful", findings=[a_finding("L2"), a_finding("L6", status="pass")])
    for actor in (officer, chief):
        house.opinion(actor, id, answers=ANSWERS | UNMET)
    doubtful, plain = house.case(PROVINCE, "doubtful"), house.to_decision("plain", (90, 80, 85))
    for actor in (province_officer, province_chief):
        house.opinion(actor, doubtful, "formal_check")
    house.tell("draw_panel", province_officer, doubtful, experts=["expert1", "expert2", "expert3"])
    for number in (1, 2, 3):
        house.score(an_expert(number), doubtful, 70)
    # Then the officer sees the rule and the condition before drawing up the list: the candidates for it are sorted by rank
    first, second = candidates(house)
    assert ([first["review"], second["review"]], first["listed"]) == ([plain, doubtful], None)
    assert (first["standing"]["rank"], second["standing"]["rank"]) == (1, 2)
    assert (first["unsatisfied"], first["unmet"], first["upheld"], first["money"]) == ([], [], [], None)
    [rule] = second["unsatisfied"]
    assert (rule["rule"], rule["status"], rule["waivable"]) == ("L2", "fail", True)
    [condition] = second["unmet"]
    assert (condition["question"], condition["answers"][0]["reason"]) == ("Q1", "未见市场分析")
    # And the chief sees the rule and the condition beside the officer's proposal, before and after signing
    acknowledged = [{"question": "Q1", "reason": "已另行论证"}]
    drawn = draft(house, row(doubtful, waivers=[WAIVER], acknowledgements=acknowledged))
    assert [each["listed"] for each in candidates(house)] == [None, drawn["id"]]
    signed = sign(house, drawn)
    for listed in (drawn["rows"][0], signed["rows"][0]):
        assert (listed["waivers"], listed["acknowledgements"]) == ([WAIVER], acknowledged)
        assert ([each["rule"] for each in listed["unsatisfied"]], listed["unmet"]) == (["L2"], [condition])
        assert (listed["standing"]["rank"], listed["lead"]["uscc"]) == (2, LEAD)
    assert [each["review"] for each in candidates(house)] == [plain]


def test_a_list_shows_the_upheld_objections_that_an_approval_names(house: House, cases: list[str]) -> None:
    upheld = {"id": new_id(), "reason": "成员单位资格存疑", "answer": "已核实并更正"}
    [first, *_] = sign(house, draft(house, row(cases[0])))["rows"]
    held = {"application": "app0", "version": 1, "findings": [], "reason": "objections", "objections": [upheld]}
    house.hear("application", "application.held", first["subject"], held, PROVINCE)
    [case] = [each for each in candidates(house, auditor) if each["review"] == cases[0]]
    assert case["upheld"] == [upheld]
    drawn = draft(house, row(cases[0], objections=[upheld["id"]]))
    assert (drawn["rows"][0]["objections"], drawn["rows"][0]["upheld"]) == ([upheld["id"]], [upheld])


def test_candidates_are_read_by_the_province_and_auditors_alone(house: House, cases: list[str]) -> None:
    for actor in (chief, officer):
        with pytest.raises(Forbidden):
            candidates(house, actor)
    assert len(candidates(house, auditor)) == 3
    with pytest.raises(NotFound):
        house.at(PROVINCE).ask("decision_candidates", province_chief, call="other")


@pytest.mark.parametrize("rows", [True, False])
def test_an_officer_of_a_city_drafts_no_list_of_the_province(house: House, cases: list[str], rows: bool) -> None:
    with pytest.raises(Forbidden) as caught:
        draft(house, *([row(cases[0])] if rows else []), actor=officer)
    assert caught.value.code == "province_only"
    assert house.said("decision_list.drafted") == []
