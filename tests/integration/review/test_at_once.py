"""Several act on one case in the same moment, on both databases: one wins, the others hear why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from services.kernel.errors import Conflict
from services.kernel.identity import PROVINCE
from tests.integration.review.house import (
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
    """One deployment that serves every bureau."""
    if request.param == "postgres":
        url = request.getfixturevalue("postgres").create_database(f"review_at_once_{next(_numbers)}")
    else:
        url = f"sqlite:///{tmp_path}/review.db"
    house = House([url])
    yield house
    house.close()


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Start all in the same moment; what each answered or was refused with."""
    ready, outcomes = Barrier(len(acts)), list[Any]([None] * len(acts))

    def run(place: int, act: Callable[[], Any]) -> None:
        ready.wait()
        try:
            outcomes[place] = act()
        except Exception as error:
            outcomes[place] = error

    threads = [Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_of_two_chiefs_who_sign_at_once_one_is_refused(house: House) -> None:
    id = house.recommend()
    house.opinion(province_officer, id, "formal_check")
    bench = house.at(PROVINCE)
    body = {"id": id, "stage": "formal_check", "outcome": "pass", "comment": "同意", "answers": ANSWERS}
    outcomes = at_once(
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
        lambda: bench.tell("decide", province_chief, id=cases[0], outcome="approve", reason="同意"),
        lambda: bench.tell("decide", second_chief, id=cases[1], outcome="approve", reason="同意"),
    )
    assert sorted([one["beyond_places"], two["beyond_places"]]) == [False, True]


def test_when_the_last_scores_come_at_once_scoring_closes_once(house: House) -> None:
    panel = house.experts(5)
    id = house.to_panel()
    house.tell("draw_panel", province_officer, id, experts=[actor.username for actor in panel])
    bench = house.at(PROVINCE)
    scores = {row["criterion"]: "80" for row in RUBRIC}

    def act(number: int) -> Callable[[], Any]:
        return lambda: bench.tell("submit_scores", an_expert(number), id=id, scores=scores, comment="评审意见")

    outcomes = at_once(*(act(number) for number in range(1, 6)))
    assert sorted(outcome["scoring_closed"] for outcome in outcomes) == [False, False, False, False, True]
    house.settle()
    assert sorted(event.data["submitted"] for event in house.said("score.submitted")) == [1, 2, 3, 4, 5]
    assert [event.data["stage"] for event in house.said("review.passed")].count("expert_review") == 1


def test_a_withdrawal_and_a_recommendation_taken_at_once_leave_no_case_open(house: House) -> None:
    # Given recommendations and withdrawals of the same applications in the inbox
    names = [f"app{number}" for number in range(12)]
    bench = house.at(PROVINCE)
    for name in names:
        id = house.submit(name)
        body = {"id": id, "stage": "recommendation", "outcome": "pass", "comment": "同意", "answers": ANSWERS}
        bench.tell("give_opinion", officer, **body)
        bench.tell("give_opinion", chief, **body)
    bench.runtime.relay(house.bus.publish)
    bench.runtime.receive([house.withdrawal(name).to_json() for name in names])
    # When two workers take them in hand
    at_once(*[lambda: [bench.runtime.process(1) for _ in range(len(names) + 2)]] * 2)
    house.settle()
    # Then, in whichever order each pair was taken, nothing waits for anybody
    assert bench.ask("list_reviews", province_officer, status="open")["items"] == []
    assert len(bench.ask("list_reviews", province_officer)["items"]) == len(names)
