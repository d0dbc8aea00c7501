"""GET /reviews/{id}?expand= returns in one response the objects that the case names only by codes and ids; its ETag changes with
the case and not with `expand`."""

from __future__ import annotations

from typing import Any

from tests.contract.personas import Cast

EVERYTHING = "units,seats,documents,timeline,diff"


def case(cast: Cast, persona: str, expand: str | None = None) -> dict[str, Any]:
    query = f"?expand={expand}" if expand else ""
    answer = cast.send(persona, "GET", f"/reviews/{{review}}{query}")
    assert answer.status == 200, answer.body
    return dict(answer.body)


def test_everything_is_named_in_one_answer(cast: Cast) -> None:
    for persona in ("own officer", "own chief", "auditor"):
        review = case(cast, persona, EVERYTHING)
        found = review["expanded"]
        assert set(found) == {"units", "seats", "documents", "timeline", "diff"}
        lead, *others = found["units"]
        assert (lead["uscc"], lead["name"], lead["leading"]) == (review["lead"]["uscc"], review["lead"]["name"], True)
        assert {unit["uscc"] for unit in found["units"]} == set(review["units"]) and others
        assert all(unit["name"] for unit in found["units"])
        assert [file["id"] for file in found["documents"]] == [document["id"] for document in review["documents"]]
        assert all(file["filename"] and file["size"] > 0 and file["state"] == "clean" for file in found["documents"])
        assert "application.submitted" in {step["type"] for step in found["timeline"]}
        assert (found["seats"], found["diff"]) == ([], None)  # A city has no panel, and version 1 has no earlier version.


def test_only_what_was_asked_for_is_looked_up(cast: Cast) -> None:
    assert "expanded" not in case(cast, "own officer")
    assert set(case(cast, "own officer", "diff,units")["expanded"]) == {"units", "diff"}
    refused = cast.send("own officer", "GET", "/reviews/{review}?expand=people")
    assert (refused.status, refused.body["errors"][0]["pointer"]) == (422, "/expand")
    assert cast.send("other officer", "GET", "/reviews/{review}?expand=units").status == 404


def test_the_case_has_an_etag_that_stays_while_nothing_changes(cast: Cast) -> None:
    assert case(cast, "own officer")["etag"] == case(cast, "own officer", EVERYTHING)["etag"]
