"""Review over HTTP: the routes, their answers and their refusals, with the accounts of the demo data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from deploy import composition
from deploy.embedded.host import Embedded
from gateway.serve import application
from services.kernel.identity import PROVINCE
from services.kernel.messaging.rpc import Caller
from services.kernel.settings import Settings
from tests.integration.review.scenario import ANSWERS, CITY, INDUSTRY, RUBRIC, House, a_call, a_finding


class Platform:
    """The platform in this process. `settle` delivers the events between the gateway and the review service."""

    def __init__(self, folder: Path) -> None:
        settings = Settings(var=str(folder), seed="demo", rate_limit="0")
        composition.make_keys(settings)
        composition.migrate_all(settings)
        self.host = Embedded.of(settings)
        caller = Caller(self.host, composition.signer("gateway", settings))
        self.client = application(caller, self.host.runtimes["gateway"], settings).test_client()
        self.accounts = json.loads((folder / "accounts.json").read_text(encoding="utf-8"))
        self._tokens: dict[str, str] = {}
        self.settle()

    def settle(self) -> None:
        runtimes = [self.host.runtimes[name] for name in ("gateway", "review")]
        while any(runtime.relay(self.host.publish) or runtime.process() for runtime in runtimes):
            pass

    def who(self, role: str, bureau: str | None = None) -> str:
        """Return the username of the first account that has only this role, at this bureau; without `bureau`, of one at no
        bureau."""
        return next(str(one["username"]) for one in self.accounts if one["roles"] == [role] and one["bureau"] == bureau)

    def send(self, username: str, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        if username not in self._tokens:
            (password,) = [one["password"] for one in self.accounts if one["username"] == username]
            answer = self.client.post("/api/v1/auth/token", json={"username": username, "password": password})
            self._tokens[username] = answer.get_json()["access_token"]
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["Authorization"] = f"Bearer {self._tokens[username]}"
        answer = self.client.open(f"/api/v1{path}", method=method, json=body, headers=sent)
        self.settle()
        return answer

    def get(self, username: str, path: str) -> Any:
        answer = self.send(username, "GET", path)
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()

    def post(self, username: str, path: str, body: Any, status: int = 201, **headers: str) -> Any:
        answer = self.send(username, "POST", path, body, **headers)
        assert answer.status_code == status, answer.get_json()
        return answer.get_json()

    def case(self, bureau: str, application: str) -> str:
        items = self.get(self.who("officer", bureau), "/reviews?limit=200")["items"]
        return next(str(item["id"]) for item in items if item["subject"] == f"application/{application}")


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    platform = Platform(tmp_path_factory.mktemp("platform"))
    yield platform
    for runtime in platform.host.runtimes.values():
        runtime.database.close()


@pytest.fixture
def submitted(platform: Platform, house: House, request: pytest.FixtureRequest) -> str:
    """Create an application that only this test uses and that has arrived at Liuzhou's bureau; return its id."""
    name = request.node.name.split("[")[0]
    data = house.submission(name, findings=[a_finding("L2")], call=a_call(name))
    event = house.event("application", "application.submitted", f"application/{name}", data, CITY)
    platform.host.runtimes["review"].receive([event.to_json()])
    platform.settle()
    return name


def opinion(stage: str, outcome: str = "pass", **more: Any) -> dict[str, Any]:
    answers = ANSWERS if stage == "recommendation" and outcome == "pass" else {}
    return {"stage": stage, "outcome": outcome, "comment": "经审核，同意。", "waivers": [], "answers": answers} | more


def test_a_case_goes_from_the_citys_inbox_to_the_provinces_decision(platform: Platform, submitted: str) -> None:
    officer, chief = (platform.who(role, CITY) for role in ("officer", "chief"))
    province_officer, province_chief = (platform.who(role, PROVINCE) for role in ("officer", "chief"))
    # The city's officer drafts an opinion; before the draft, the chief's opinion is refused
    id = platform.case(CITY, submitted)
    assert platform.post(chief, f"/reviews/{id}/opinions", opinion("recommendation"), 409)["code"] == "draft_required"
    draft = platform.post(officer, f"/reviews/{id}/opinions", opinion("recommendation"))
    assert draft["signed"] is False
    # The chief signs exactly the draft that the chief has read
    signature = f"/reviews/{id}/opinions/{draft['id']}/signature"
    assert platform.post(chief, f"/reviews/{id}/opinions", opinion("recommendation"), 428)["code"] == "draft_not_named"
    assert platform.post(chief, signature, None, 428)["etag"] == draft["etag"]
    assert platform.post(chief, signature, None, 412, If_Match='"0"')["code"] == "draft_changed"
    signed = platform.post(chief, signature, None, If_Match=f'"{draft["etag"]}"')
    assert (signed["signed"], signed["review"]["status"]) == (True, "passed")
    # The province's chief assigns the case, and its officer drafts a formal check with a waiver
    id = platform.case(PROVINCE, submitted)
    assert platform.post(province_chief, f"/reviews/{id}/assignment", {"account": province_officer}, 200)["id"] == id
    waiving = opinion("formal_check", waivers=[{"rule": "L2", "reason": "产业急需"}])
    draft = platform.post(province_officer, f"/reviews/{id}/opinions", waiving | {"comment": "建议通过。"})
    # A chief who signs another text than the drafted one must give a reason
    named = {"If_Match": f'"{draft["etag"]}"'}
    refused = platform.post(province_chief, f"/reviews/{id}/opinions", waiving, 422, **named)
    assert [error["pointer"] for error in refused["errors"]] == ["/differs_reason"]
    differing = platform.post(province_chief, f"/reviews/{id}/opinions", waiving | {"differs_reason": "措辞修改"}, **named)
    assert differing["differs"] == {"draft": draft["id"], "members": ["comment"], "reason": "措辞修改"}
    seen = platform.get(province_officer, f"/reviews/{id}")
    assert (seen["stage"], seen["findings"][0]["status"], seen["findings"][0]["message"]) == (
        "expert_review",
        "waived",
        "L2 未满足。",
    )
    # Experts are drawn; one recuses and is replaced; all experts on the panel declare and score
    panel = platform.post(province_officer, f"/reviews/{id}/panel", {"size": 3})
    assert (len(panel["experts"]), len(panel["seed"])) == (3, 32)
    scores = {"scores": {row["criterion"]: 82.5 for row in RUBRIC}, "comment": "可行。"}
    recused, *others = panel["experts"]
    platform.post(recused, f"/reviews/{id}/recusals", {"reason": "有合作"})
    seats = platform.get(province_officer, f"/reviews/{id}")["panel"]["seats"]
    (replacement,) = {seat["account"] for seat in seats if seat["state"] == "seated"} - set(others)
    for account in (*others, replacement):
        platform.post(account, f"/reviews/{id}/declarations", {"no_interest": True, "confidentiality": True})
        assert platform.post(account, f"/reviews/{id}/scores", scores)["scores"][RUBRIC[0]["criterion"]] == 82.5
    ranking = platform.get(province_officer, f"/reviews/{id}/ranking")
    assert (ranking["aggregate"], ranking["rank"]) == (82.5, 1)
    assert [row["id"] for row in platform.get(province_officer, f"/calls/{submitted}/ranking")["items"]] == [id]
    # The chief decides; a second decision is refused
    decided = platform.post(province_chief, f"/reviews/{id}/decision", {"outcome": "approve", "reason": "同意组建"})
    assert (decided["status"], decided["rank"]) == ("approved", 1)
    again = platform.post(province_chief, f"/reviews/{id}/decision", {"outcome": "decline", "reason": "不"}, 409)
    assert (again["code"], again["current_status"]) == ("review_closed", "approved")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (opinion("recommendation", sections=[{"section": "members"}]), "/sections/0/comment"),
        (opinion("recommendation", answers={"Q1": {"met": "yes", "reason": "好"}}), "/answers/Q1/met"),
        (opinion("recommendation", answers={"Q1": {"met": True}}), "/answers/Q1/reason"),
        (opinion("recommendation", outcome="approve"), "/outcome"),
        (opinion("recommendation", signed=True), "/signed"),
        (opinion("recommendation", comment=" "), "/comment"),
        (opinion("recommendation", waivers=[{"rule": "L2", "reason": "急需"}]), "/waivers"),
        (opinion("recommendation", outcome="return"), "/sections"),
        (opinion("recommendation") | {"answers": {}}, "/answers/Q1"),
    ],
)
def test_a_wrong_opinion_is_refused_at_its_place(platform: Platform, submitted: str, body: dict[str, Any], pointer: str) -> None:
    id = platform.case(CITY, submitted)
    problem = platform.post(platform.who("officer", CITY), f"/reviews/{id}/opinions", body, 422)
    assert pointer in [error["pointer"] for error in problem["errors"]]
    assert platform.get(platform.who("officer", CITY), f"/reviews/{id}")["opinions"] == []


def test_a_repeated_opinion_is_answered_and_not_given_twice(platform: Platform, submitted: str) -> None:
    id, officer = platform.case(CITY, submitted), platform.who("officer", CITY)
    body = opinion("recommendation")
    first, second = (
        platform.send(officer, "POST", f"/reviews/{id}/opinions", body, Idempotency_Key="once").get_json() for _ in range(2)
    )
    assert first == second
    assert len(platform.get(officer, f"/reviews/{id}")["opinions"]) == 1


def test_ids_of_others_and_of_nothing_are_not_found(platform: Platform, submitted: str) -> None:
    id = platform.case(CITY, submitted)
    unknown = f"{CITY}-01980000-0000-7000-8000-000000000000"
    industry = f"{INDUSTRY}-01980000-0000-7000-8000-000000000000"
    for account, wanted in (
        (platform.who("chief", PROVINCE), id),
        (platform.who("chief", "450100"), id),
        (platform.who("expert"), id),
        (platform.who("chief", CITY), unknown),
        (platform.who("chief", INDUSTRY), industry),
        (platform.who("chief", CITY), "x"),
        (platform.who("chief", CITY), "450299-01980000-0000-7000-8000-000000000000"),
    ):
        assert platform.send(account, "GET", f"/reviews/{wanted}").status_code == 404


def test_the_inbox_is_ones_own(platform: Platform, submitted: str) -> None:
    city, province = platform.who("officer", CITY), platform.who("officer", PROVINCE)
    assert {item["bureau"] for item in platform.get(city, "/reviews")["items"]} == {CITY}
    assert platform.get(city, f"/reviews?bureau={PROVINCE}")["items"] == []
    assert platform.get(province, f"/reviews?bureau={CITY}")["items"] == []
    assert platform.get(city, "/reviews?bureau=nowhere")["items"] == []
    assert {item["bureau"] for item in platform.get(platform.who("auditor"), f"/reviews?bureau={CITY}")["items"]} == {CITY}
    assert platform.get(city, "/reviews?stage=recommendation&status=open&overdue=false&limit=1")["items"]
    assert platform.send(city, "GET", "/reviews?overdue=perhaps").status_code == 422
    assert platform.send(city, "GET", "/reviews?status=lost").status_code == 422
    lead = next(one["username"] for one in platform.accounts if one["roles"] == ["applicant"])
    assert platform.send(lead, "GET", "/reviews").status_code == 403


def test_scores_are_numbers_within_bounds(platform: Platform, submitted: str) -> None:
    id, expert = platform.case(CITY, submitted), platform.who("expert")
    for value in ("80", True, -1, 1e9, 0.00001, None):
        body = {"scores": {"技术先进性": value}, "comment": "可行。"}
        problem = platform.post(expert, f"/reviews/{id}/scores", body, 422)
        assert [error["pointer"] for error in problem["errors"]] == ["/scores/技术先进性"]
