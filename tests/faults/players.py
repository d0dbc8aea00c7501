"""People at work: each plays one application after another, at random, until it is time to stop."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from deploy.cluster.machine import CITY
from deploy.demo.formation import Formation, register, verify
from deploy.demo.invented import consortium
from deploy.demo.people import PROVINCE, People

T = TypeVar("T")


class Player(threading.Thread):
    """One applicant and all who handle what it hands in. `ends` counts how its applications ended; `error` is what no fault
    excuses."""

    def __init__(self, name: str, people: People, call: str, seed: int, stop: threading.Event, region: str = CITY) -> None:
        super().__init__(name=name, daemon=True)
        self._people = people
        self._call = call
        self._random = random.Random(seed)
        self._stop_asked = stop
        self._region = region
        self.ends: Counter[str] = Counter()
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            while not self._stop_asked.is_set():
                self.ends[self._play()] += 1
        except Exception as error:
            self.error = error

    def _play(self) -> str:
        units = consortium(region=self._region)
        register(self._people, units)
        case = Formation.complete(self._people, self._call, units)
        case.submit()
        if self._chance(0.3):
            verify(self._people, units[1]["uscc"], "kind", "public_institution")
        if self._chance(0.1):
            self._step(lambda: case.lead.post(f"{case.path}/withdrawal"))
            return "withdrawn"
        if self._chance(0.1):
            self._step(lambda: case.opine(case.recommender, "recommendation", "reject"))
            return "rejected"
        if self._chance(0.2):
            self._give_back(case, case.recommender, "recommendation")
        self._step(case.recommend)
        if self._chance(0.2):
            self._give_back(case, PROVINCE, "formal_check")
        self._step(case.check)
        panel = self._step(case.appoint)
        self._step(lambda: case.score(panel["experts"]))
        outcome = "decline" if self._chance(0.2) else "approve"
        self._step(lambda: case.decide(outcome))
        return outcome

    def _give_back(self, case: Formation, bureau: str, stage: str) -> None:
        sections = [{"section": "goals", "comment": "请细化指标。"}]
        self._step(lambda: case.opine(bureau, stage, "return", sections=sections))
        self._step(lambda: case.reaches("returned"))
        self._step(lambda: case.change(research_direction=f"甘蔗良种与绿色制糖 {self._random.random()}"))
        case.submit()

    def _step(self, act: Callable[[], T]) -> T:
        """What one service decided may take long to reach another while parts are down: a step waits before it acts, so it
        can be begun again."""
        for _ in range(5):
            try:
                return act()
            except TimeoutError:
                continue
        return act()

    def _chance(self, share: float) -> bool:
        return self._random.random() < share
