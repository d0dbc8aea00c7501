"""Article 6(2): experts without a conflict of interest score without seeing each other's scores, or a third party scores
instead."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

from deploy.demo.client import Account, until
from deploy.demo.formation import Formation, open_call
from deploy.demo.people import PROVINCE, People
from deploy.demo.review_actions import RUBRIC, declare
from gateway.files.page_images import PageImages, Source
from services.kernel.clock import SHANGHAI
from services.kernel.storage.filesystem import FileStore
from tests.acceptance.driver import notice, refusal


def scores(points: float) -> dict[str, object]:
    return {"scores": {row["criterion"]: points for row in RUBRIC}, "comment": "可行。"}


def at_the_experts(people: People, **call: object) -> tuple[Formation, str]:
    """Return an application that waits for its expert review, and the id of the review case."""
    case = Formation.complete(people, open_call(people, **call)["id"])
    case.submit()
    case.recommend()
    case.check()
    return case, case.review(PROVINCE, "expert_review")


def test_experts_with_an_interest_are_left_out_and_refused(people: People) -> None:
    # Given three experts: one works for a unit of the application, one worked for a unit earlier, and one declared an interest in
    # a unit
    case, review = at_the_experts(people, min_reviewers=3)
    lead, member, outsider = case.units[0]["uscc"], case.units[1]["uscc"], "12510107MAXXX0018L"
    data = {
        "employer": {"employer": member},
        "former_employer": {"employer": outsider, "former_employers": [lead]},
        "declared_interest": {"employer": outsider, "declared_interests": [member]},
    }
    insiders = {why: people.new(["expert"], name="专家", expert={"fields": ["糖业"], **expert}) for why, expert in data.items()}

    # When the province draws a panel, then the draw excludes these three experts, each with the reason, and the response contains
    # the random seed
    def draw() -> dict[str, object] | None:
        panel = case.appoint(3, reason="专家库已更新")
        known = {row["expert"] for row in panel["excluded"]}
        return panel if {account.username for account in insiders.values()} <= known else None

    panel = until(draw, "the new experts being known")
    left_out = {row["expert"]: row["reason"] for row in panel["excluded"]}
    assert {why: left_out[account.username] for why, account in insiders.items()} == {why: why for why in insiders}
    assert panel["seed"]
    assert len(panel["experts"]) == 3

    # and the platform refuses a panel for which the province names one of the excluded experts
    named = {"size": 3, "experts": [insiders["employer"].username], "reason": "指定"}
    refused = refusal(people.officer().post, f"/reviews/{review}/panel", named)
    assert refused.status in (409, 422)
    assert "conflict_of_interest" in str(refused.problem)
    # and it refuses to draw the panel again when the province gives no reason
    assert refusal(people.officer().post, f"/reviews/{review}/panel", {"size": 3}).status in (409, 422)
    for account in insiders.values():
        people.operator.patch(f"/accounts/{account.username}", {"active": False})


def test_scores_are_blind_until_all_are_in(people: People) -> None:
    # Given a case with a panel of three experts
    case, review = at_the_experts(people, min_reviewers=3)
    names = case.appoint(3)["experts"]
    experts = [people.person(name) for name in names]
    outsider = next(people.person(name) for name in listed_experts(people) if name not in names)

    # Before experts declare that they have no conflict of interest, they can neither open the documents nor send scores; they
    # must also promise confidentiality
    assert experts[0].get(f"/reviews/{review}")["documents"] == []
    assert case.lets_in(experts[0]) is None
    assert refusal(experts[0].post, f"/reviews/{review}/scores", scores(91)).code == "declaration_required"
    promise = {"no_interest": True, "confidentiality": False}
    assert refusal(experts[0].post, f"/reviews/{review}/declarations", promise).pointers == {
        "/confidentiality": "promise_required"
    }
    for expert in experts:
        declare(expert, review)

    # When the first expert has scored, then neither another expert nor the province can read the scores
    experts[0].post(f"/reviews/{review}/scores", scores(91))
    assert experts[1].get(f"/reviews/{review}")["own_score"] is None
    for official in (people.officer(), people.chief()):
        panel = official.get(f"/reviews/{review}")["panel"]
        assert (panel["submitted"], panel["of"]) == (1, 3)
        assert official.get(f"/reviews/{review}/ranking") == {"id": review, "closed": False, "submitted": 1, "of": 3}

    # and an expert who is not on the panel sees nothing of the case
    assert refusal(outsider.get, f"/reviews/{review}").status == 404
    assert refusal(outsider.post, f"/reviews/{review}/scores", scores(1)).status == 404
    assert refusal(outsider.get, case.path).status == 404

    # and an expert who is on the panel reads the submitted version of the application, without contact data
    seen = until(lambda: case.lets_in(experts[1]), "the expert being let in")
    assert seen["version"] == 1

    # When an expert sends a score above the maximum, or leaves a criterion out, then the scores are refused
    assert refusal(experts[1].post, f"/reviews/{review}/scores", scores(101)).status == 422
    partial = {"scores": {RUBRIC[0]["criterion"]: 80}, "comment": "可行。"}
    assert refusal(experts[1].post, f"/reviews/{review}/scores", partial).status == 422

    # When all three experts have scored, then the province reads the average and the spread, and no expert can change a score any
    # more
    experts[1].post(f"/reviews/{review}/scores", scores(84))
    experts[2].post(f"/reviews/{review}/scores", scores(80))
    until(lambda: case.read()["stage"] == "decision", "scoring having closed")
    ranking = people.officer().get(f"/reviews/{review}/ranking")
    assert (ranking["closed"], ranking["aggregate"], ranking["spread"]) == (True, 85.0, 11.0)
    assert refusal(experts[0].post, f"/reviews/{review}/scores", scores(100)).status == 409


def test_experts_read_pages_that_bear_their_account_and_no_name(people: People, tmp_path: Path) -> None:
    # Given a panel of which the first expert has declared that there is no conflict of interest, and the second expert has not
    case, review = at_the_experts(people, min_reviewers=3)
    names = case.appoint(3)["experts"]
    reader, undeclared = people.person(names[0]), people.person(names[1])
    declare(reader, review)
    until(lambda: case.lets_in(reader), "the expert being let in")
    document = next(one for one in reader.get(f"/reviews/{review}")["documents"] if one["filename"].endswith(".pdf"))["id"]
    content = reader.download(document)

    # When the first expert opens a page of a document
    before = datetime.now(SHANGHAI)
    page = reader.get(f"/documents/{document}/pages/1.webp")
    minutes = {f"{time:%Y-%m-%d %H:%M}" for time in (before, datetime.now(SHANGHAI))}

    # Then the page's watermark shows the expert's account and the time, and not the expert's name
    store = FileStore(tmp_path / "objects")
    store.put("documents/here", content)
    here = Source("here", "documents/here", len(content), "application/pdf")
    images = PageImages(store)
    assert page in [images.page(here, 1, f"{reader.username} · {minute}", reader.username) for minute in minutes]

    # and neither the second expert nor an expert outside the panel gets the document or a page of it
    outsider = next(people.person(name) for name in listed_experts(people) if name not in names)
    for stranger in (undeclared, outsider):
        for way in ("content", "pages", "pages/1.webp"):
            assert refusal(stranger.get, f"/documents/{document}/{way}").status == 404


def test_an_expert_who_recuses_is_replaced(people: People) -> None:
    # Given a case with a panel of three experts
    case, review = at_the_experts(people, min_reviewers=3)
    names = case.appoint(3)["experts"]
    leaving = people.person(names[0])

    # When one expert withdraws (recuses) from the case
    leaving.post(f"/reviews/{review}/recusals", {"reason": "与成员单位有合作。"})

    # Then the platform draws another expert for the seat, and the expert who withdrew can no longer read the case
    seated = case.seated()
    assert len(seated) == 3
    assert set(seated) & set(names) == set(names[1:])
    assert refusal(leaving.get, f"/reviews/{review}").status == 404
    case.score(seated)
    case.reaches("submitted", stage="decision")


def test_a6_2_the_score_of_an_expert_with_an_interest_is_voided_and_replaced(people: People) -> None:
    # Given a case that its panel has scored, and an expert of the panel who has become an employee of the lead since
    case, review = at_the_experts(people, min_reviewers=3)
    names = case.appoint(3)["experts"]
    case.score(names)
    case.reaches("submitted", stage="decision")
    path = f"/accounts/{names[0]}"
    accounts = people.operator.all("/accounts", limit=200)
    expert = next(account["expert"] for account in accounts if account["username"] == names[0])
    people.operator.patch(path, {"expert": expert | {"employer": case.units[0]["uscc"]}})

    def seats() -> dict[str, dict[str, Any]]:
        return {seat["account"]: seat for seat in people.officer().get(f"/reviews/{review}")["panel"]["seats"]}

    # Then the province is notified of the conflict of interest, and the decision is refused as long as that expert's score counts
    conflict = until(lambda: seats()[names[0]]["conflict"], "the new employer being known")
    assert conflict["reason"] == "employer"
    notice(people.officer(), f"review/{review}", "reviewer.conflict_found")
    assert refusal(case.decide).code == "score_of_conflicted_reviewer"

    # When the province voids that expert's score, then the expert is notified, and the province draws a replacement
    seat = seats()[names[0]]["id"]
    answer = people.officer().post(f"/reviews/{review}/scores/{seat}/void", {"reason": "评分后受聘于牵头单位。"})
    assert (answer["submitted"], answer["of"], answer["replacement_needed"]) == (2, 2, True)
    notice(people.person(names[0]), f"review/{review}", "score.voided")
    assert refusal(case.decide).code == "too_few_scores"
    panel = people.officer().post(f"/reviews/{review}/seats/{seat}/replacement", {})
    [replacement] = set(panel["experts"]) - set(names)

    # Then only the replacement can score, and the decision is accepted only after the replacement's score
    reader = people.person(replacement)
    declare(reader, review)
    until(lambda: case.lets_in(reader), "the replacement being let in")
    assert refusal(people.person(names[1]).post, f"/reviews/{review}/scores", scores(60)).code == "scoring_closed"
    assert refusal(case.decide).code == "scoring_open"
    reader.post(f"/reviews/{review}/scores", scores(90))
    ranking = people.officer().get(f"/reviews/{review}/ranking")
    assert (len(ranking["scores"]), [voided["account"] for voided in ranking["voided"]]) == (3, [names[0]])
    case.decide()
    case.reaches("publicised")
    # And the timeline that the lead reads says that a score was voided, without the expert's account
    steps = case.lead.get(f"{case.path}/timeline", limit=200)["items"]
    [voided] = [step for step in steps if step["type"] == "score.voided"]
    assert names[0] not in str(voided)
    people.operator.patch(path, {"expert": expert})


def test_a_third_party_may_judge_in_the_panels_place(people: People) -> None:
    # Given a case that waits for its expert review
    case, review = at_the_experts(people, min_reviewers=3)
    institution = people.role("third_party")

    # When the province appoints a third party instead of a panel, and the third party scores
    people.officer().post(f"/reviews/{review}/panel", {"third_party": institution.username})
    declare(institution, review)
    institution.post(f"/reviews/{review}/scores", scores(88))

    # Then the third party's single score ends the expert review
    case.reaches("submitted", stage="decision")


def test_a6_2_the_province_keeps_its_own_pool_of_reviewers(people: People) -> None:
    # Given an expert whom the province, not the platform's operator, added to the pool of reviewers
    officer = people.officer()
    username = f"pool-{token_hex(4)}"
    expert = {"employer": "12510107MAXXX0018L", "fields": ["糖业"]}
    body = {"kind": "expert", "username": username, "password": "correct horse", "name": "覃明", "expert": expert}
    added = officer.post("/reviewers", body)
    assert (added["state"], added["until"]) == ("active", None)
    assert refusal(people.chief("450200").get, f"/reviewers/{username}").status == 403
    _, review = at_the_experts(people, min_reviewers=3)
    named = {"size": 3, "experts": [username], "reason": "指定"}
    assert username in until(lambda: seated(officer, review, named), "the new expert being known")

    # When the province removes the expert from the pool, then the account is closed, and a panel that names the expert is refused
    closed = officer.post(f"/reviewers/{username}/closing", {"reason": "退休"})
    assert closed["state"] == "closed"
    assert refusal(people.server.login(username, "correct horse").token).status == 401
    _, review = at_the_experts(people, min_reviewers=3)
    path = f"/reviews/{review}/panel"
    until(lambda: officer.send("POST", path, body=named).status == 422, "the closing being known")


def seated(officer: Account, review: str, named: dict[str, object]) -> list[str] | None:
    """Appoint a panel with the named experts and return its accounts; return None as long as the review service does not know the
    experts."""
    answer = officer.send("POST", f"/reviews/{review}/panel", body=named)
    return list(answer.body["experts"]) if answer.status == 201 else None


def listed_experts(people: People) -> list[str]:
    """Return the usernames of all active experts."""
    accounts = people.operator.all("/accounts", limit=200)
    return [account["username"] for account in accounts if "expert" in account["roles"] and account["active"]]
