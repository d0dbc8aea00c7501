"""Pages that exist only at certain stages of a case: a console with an empty cache makes at most three API calls for each of
them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask

from console.session import Sealer
from deploy.demo.client import Account
from deploy.demo.formation import Formation, open_call
from deploy.demo.people import PROVINCE
from tests.contract.conftest import Running
from tests.contract.console_pages import KEYS, MOST_CALLS, SECTIONS, counted_console
from tests.contract.personas import CITY


@dataclass(frozen=True, slots=True)
class Stages:
    """An application in preparation, one that was returned and submitted again, one that experts score, and one that waits for
    the decision."""

    call: str
    draft: Formation
    corrected: Formation
    scored: Formation
    experts: list[str]
    decided: Formation


@pytest.fixture(scope="module")
def stages(running: Running) -> Stages:
    people = running.people
    call = str(open_call(people)["id"])
    corrected = Formation.complete(people, call)
    corrected.submit()
    section = {"section": "operating_systems", "comment": "缺少决策机构章程"}
    corrected.opine(CITY, "recommendation", outcome="return", sections=[section])
    corrected.reaches("returned")
    corrected.change(operating_systems=corrected.read()["operating_systems"] | {"decision_body": "设理事会，章程见附件。"})
    corrected.confirm()
    corrected.submit()
    scored, decided = Formation.complete(people, call), Formation.complete(people, call)
    for case in (scored, decided):
        case.submit()
        case.recommend()
        case.check()
    experts = scored.appoint()["experts"]
    decided.score(decided.appoint()["experts"])
    return Stages(call, Formation.draft(people, call), corrected, scored, experts, decided)


def test_pages_of_a_case_on_its_way_ask_three_times_at_most(running: Running, stages: Stages) -> None:
    people = running.people
    officer, chief = people.officer(), people.chief()
    expert = people.person(stages.experts[0])
    city_case = stages.corrected.review(CITY, "recommendation")
    in_review = stages.scored.review(PROVINCE, "expert_review")
    to_decide = stages.decided.review(PROVINCE, "decision")
    pages = [
        *((stages.draft.lead, f"/applications/{stages.draft.id}/form/{name}") for name in SECTIONS),
        (stages.draft.lead, f"/applications/{stages.draft.id}/eligibility"),
        (stages.corrected.lead, f"/applications/{stages.corrected.id}/changes"),
        (people.officer(CITY), f"/reviews/{city_case}"),
        (people.chief(CITY), f"/reviews/{city_case}"),
        (people.officer(CITY), f"/reviews/assignment?case={city_case}&case={city_case}x"),
        (officer, f"/reviews/{in_review}/panel"),
        (chief, f"/reviews/{to_decide}/panel"),
        (chief, f"/reviews/{to_decide}/decision"),
        (officer, f"/calls/{stages.call}/ranking"),
        (officer, f"/calls/{stages.call}/decision-lists"),
        (expert, "/scoring"),
        (expert, f"/scoring/{in_review}"),
    ]
    asked = {f"{path} as {who.username}": _calls(counted_console(running.app), who, path) for who, path in pages}
    assert {page: calls for page, calls in asked.items() if len(calls) > MOST_CALLS} == {}


def _calls(console: Flask, who: Account, path: str) -> list[str]:
    """Return the API calls that a console with an empty cache makes for one page."""
    me = who.get("/me")
    summary = {name: me[name] for name in ("username", "name", "roles", "bureau", "organisation")}
    client = console.test_client()
    session = Sealer(lambda: KEYS).begin_session(who.token(), 3600, summary | {"unit": "某单位", "may_sign": True})
    client.set_cookie("guichuang", Sealer(lambda: KEYS).seal_session(session))
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.headers["X-Asked"].split(" | ")
