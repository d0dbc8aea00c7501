"""Article 4(1): a consortium's direction must be unique; the reviewers of an application see the applications and consortia with
the most similar directions."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from deploy.demo.client import Account, until
from deploy.demo.formation import Formation
from deploy.demo.people import People


def test_a4_1_similar_directions_inform_the_lead_and_the_reviewers(people: People, call: str) -> None:
    # Given two submitted applications with similar directions that share a word which no other application has
    word = uuid4().hex[:12]
    first = Formation.complete(people, call, name="甘蔗机收创新联合体", research_direction=f"研制{word}切段式甘蔗联合收割机")
    first.submit()
    second = Formation.complete(people, call, name="糖料蔗装备创新联合体", research_direction=f"研发小型{word}甘蔗联合收割机")
    second.submit()
    people.operator.post("/sweeps", {"as_of": datetime.now(UTC).date().isoformat()})

    # Then the second application's city sees the first application among the similar ones, with the degree of similarity and the
    # shared words
    city = people.officer(second.recommender)
    near = until(lambda: _near(city, second, first.id), "the first being compared")
    assert near["kind"] == "application"
    assert near["name"] == "甘蔗机收创新联合体"
    assert 0 < near["likeness"] <= 1
    assert any(word in shared for shared in near["shared"])

    # And the second application's lead sees only recognised consortia, and therefore not the first application
    seen = second.lead.get(f"{second.path}/similar")
    assert seen["applications_compared"] is False
    assert {item["kind"] for item in seen["items"]} <= {"consortium"}

    # When the first application is recognised, then the second application's lead sees the new consortium with its number
    number = people.chief().get(f"/consortia/{first.recognised()['consortium']}")["number"]
    people.operator.post("/sweeps", {"as_of": datetime.now(UTC).date().isoformat()})
    recognised = until(lambda: _near(second.lead, second, first.read()["consortium"]), "the recognised one being compared")
    assert (recognised["kind"], recognised["number"]) == ("consortium", number)


def _near(account: Account, case: Formation, id: str) -> dict[str, object] | None:
    """Return the entry with this id among the directions that are similar to the case's direction, as the account reads them;
    None as long as there is no such entry."""
    items = account.get(f"{case.path}/similar")["items"]
    return next((item for item in items if item["id"] == id), None)
