"""Several people act on one case at the same moment, on SQLite and on PostgreSQL: one succeeds, the others get the reason for
their refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import pytest
from sqlalchemy import Connection, text

from services.kernel.errors import Conflict
from services.kernel.identity import PROVINCE
from tests.integration.review.scenario import (
    ANSWERS,
    RUBRIC,
    House,
    a_call,
    an_expert,
    chief,
    officer,
    province_chief,
    province_officer,
    second_chief,
)

_numbers = count(1)


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """Yield one deployment that serves every bureau."""
    if request.param == "postgres":
        url = request.getfixturevalue("postgres").create_database(f"review_at_once_{next(_numbers)}")
    else:
        url = f"sqlite:///{tmp_path}/review.db"
    house = House([url])
    yield house
    house.close()


def at_once(house: House, *acts: Callable[[], Any]) -> list[Any]:
    """Run all actions at the same moment; return the answer or refusal of each.

    On PostgreSQL a lock keeps each transaction from numbering its event, the last step before the commit, until all transactions
    wait for a lock. So the transactions really compete.
    """
    outcomes = list[Any]([None] * len(acts))

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            outcomes[place] = act()
        except Exception as error:
            outcomes[place] = error

    threads = [Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    engine = house.at(PROVINCE).database.engine
    with engine.connect() as gate:
        if engine.dialect.name == "postgresql":
            gate.execute(text("LOCK TABLE sequences IN SHARE MODE"))
        for thread in threads:
            thread.start()
            while engine.dialect.name == "postgresql" and _waiting(gate) < sum(thread.is_alive() for thread in threads):
                sleep(0.01)
    for thread in threads:
        thread.join()
    return outcomes


def _waiting(gate: Connection) -> int:
    """Return how many sessions wait for a lock."""
    return int(gate.execute(text("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")).scalar_one())


def test_of_two_chiefs_who_sign_at_once_one_is_refused(house: House) -> None:
    id = house.recommend()
    draft = house.opinion(province_officer, id, "formal_check", comment="同意")
    bench = house.at(PROVINCE)
    body = {"id": id, "stage": "formal_check", "outcome": "pass", "comment": "同意", "answers": ANSWERS}
    body["if_match"] = draft["etag"]
    outcomes = at_once(
        house,
        lambda: bench.tell("give_opinion", province_chief, **body),
        lambda: bench.tell("give_opinion", second_chief, **body),
    )
    (refusal,) = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert isinstance(refusal, Conflict)
    assert refusal.details == {"status": "open", "stage": "expert_review"}
    assert sum(opinion["signed"] for opinion in house.see(id)["opinions"]) == 1


def test_of_two_chiefs_who_decide_at_once_one_is_refused(house: House) -> None:
    house.experts(3)
    id = house.to_decision("app", (80, 80, 80))
    bench = house.at(PROVINCE)
    outcomes = at_once(
        house,
        lambda: bench.tell("decide", province_chief, id=id, outcome="approve", reason="同意"),
        lambda: bench.tell("decide", second_chief, id=id, outcome="decline", reason="不同意"),
    )
    (refusal,) = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert isinstance(refusal, Conflict)
    house.settle()
    assert len(house.said("review.decided")) == 1


def test_of_two_approvals_at_once_for_the_last_place_one_is_beyond(house: House) -> None:
    house.experts(3)
    cases = [house.to_decision(name, (80, 80, 80), call=a_call(places=1)) for name in ("one", "two")]
    bench = house.at(PROVINCE)
    one, two = at_once(
        house,
        lambda: bench.tell("decide", province_chief, id=cases[0], outcome="approve", reason="同意"),
        lambda: bench.tell("decide", second_chief, id=cases[1], outcome="approve", reason="同意"),
    )
    assert sorted([one["beyond_places"], two["beyond_places"]]) == [False, True]


def test_when_the_last_scores_come_at_once_scoring_closes_once(house: House) -> None:
    panel = house.experts(5)
    id = house.to_panel()
    house.tell("draw_panel", province_officer, id, experts=[actor.username for actor in panel])
    for actor in panel:
        house.declare(actor, id)
    bench = house.at(PROVINCE)
    scores = {row["criterion"]: "80" for row in RUBRIC}

    def act(number: int) -> Callable[[], Any]:
        return lambda: bench.tell("submit_scores", an_expert(number), id=id, scores=scores, comment="评审意见")

    outcomes = at_once(house, *(act(number) for number in range(1, 6)))
    assert sorted(outcome["scoring_closed"] for outcome in outcomes) == [False, False, False, False, True]
    house.settle()
    assert sorted(event.data["submitted"] for event in house.said("score.submitted")) == [1, 2, 3, 4, 5]
    assert [event.data["stage"] for event in house.said("review.passed")].count("expert_review") == 1


def test_a_withdrawal_and_a_recommendation_that_meet_leave_no_case_open(house: House) -> None:
    # Given a recommendation that has not reached the province yet
    id = house.submit()
    bench = house.at(PROVINCE)
    body = {"id": id, "stage": "recommendation", "outcome": "pass", "comment": "同意", "answers": ANSWERS}
    draft = bench.tell("give_opinion", officer, **body)
    bench.tell("sign_draft", chief, id=id, draft=draft["id"], if_match=draft["etag"])
    recommended, withdrawn = house.unheard()["application/app"], house.withdrawal().to_json()
    # When the province receives the recommendation and the withdrawal of the same application at the same moment
    at_once(house, lambda: bench.runtime.receive([recommended]), lambda: bench.runtime.receive([withdrawn]))
    house.settle()
    # Then, whichever of the two events is processed first, no case waits for a bureau
    (item,) = bench.ask("list_reviews", province_officer)["items"]
    assert item["status"] in ("withdrawn", "void")
