"""An official assigns many cases to a colleague in one request; the answer has a result for each case."""

from __future__ import annotations

import pytest

from services.kernel.errors import Forbidden, Invalid
from tests.integration.review.scenario import CITY, House, auditor, chief, officer, other_officer, province_officer


def test_several_cases_are_assigned_at_once_and_each_refusal_stands_by_itself(house: House) -> None:
    # Given two open cases of the city, one closed case, one case of another bureau, and the id of a case that does not exist
    house.account(officer)
    house.account(chief)
    first, second, signed = house.submit("a"), house.submit("b"), house.submit("c")
    house.opinion(officer, signed)
    house.opinion(chief, signed)
    elsewhere = house.case("450000", "c")
    unknown = f"{CITY}-01980000-0000-7000-8000-000000000000"
    # When the chief assigns all these cases to the officer
    ids = [second, signed, elsewhere, unknown, first]
    rows = house.at(CITY).tell("assign_cases", chief, ids=ids, account=officer.username)["items"]
    # Then the answer has a result for each case, in the requested order
    assert [(row["id"], row["done"]) for row in rows] == [
        (second, True),
        (signed, False),
        (elsewhere, False),
        (unknown, False),
        (first, True),
    ]
    assert [row["error"]["code"] for row in rows if not row["done"]] == ["review_closed", "unknown_review", "unknown_review"]
    assert {house.see(id)["assigned_to"] for id in (first, second)} == {officer.username}
    assert house.see(signed)["assigned_to"] is None
    # And the officer gets a notification for each case that was assigned
    house.settle()
    assert len(house.said("review.assigned")) == 2


def test_whoever_is_not_of_the_bureau_is_refused_before_any_case(house: House) -> None:
    house.account(other_officer)
    id = house.submit()
    with pytest.raises(Invalid) as refusal:
        house.at(CITY).tell("assign_cases", chief, ids=[id], account=other_officer.username)
    assert refusal.value.errors[0].pointer == "/account"
    with pytest.raises(Forbidden):
        house.at(CITY).tell("assign_cases", auditor, ids=[id], account=officer.username)
    with pytest.raises(Invalid):
        house.at("450000").tell("assign_cases", province_officer, ids=[id], account=officer.username)
