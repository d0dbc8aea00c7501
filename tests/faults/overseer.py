"""Evaluation at work: consortia enter the register, are evaluated, must rectify, fail, and are to be revoked, until it is time to
stop. Whoever is rectifying is not invited again, so each round has its own."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from deploy.demo.oversight import Calendar, Member, Participation, notice, publish
from deploy.demo.people import PROVINCE, People
from services.policy import add_years

T = TypeVar("T")


class Overseer(threading.Thread):
    """One round after another. `ends` counts the rounds gone through; `error` is what no fault excuses."""

    def __init__(self, people: People, stop: threading.Event) -> None:
        super().__init__(name="overseer", daemon=True)
        self._people = people
        self._stop_asked = stop
        self.ends: Counter[str] = Counter()
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            while not self._stop_asked.is_set():
                self._play()
                self.ends["round evaluated"] += 1
        except Exception as error:
            self.error = error

    def _play(self) -> None:
        people, calendar = self._people, Calendar(self._people)
        recognised_on = add_years(calendar.today, -4)
        member = self._step(lambda: Member.imported(people, recognised_on))
        round = notice(calendar, caps={})
        part = self._step(lambda: Participation(member, round))
        part.hand_in()
        self._step(lambda: part.opine(part.recommender, "recommendation"))
        self._step(lambda: part.opine(PROVINCE, "material_check"))
        panel = self._step(lambda: part.appoint(3))
        self._step(lambda: part.score(panel["experts"], (62, 63, 64)))
        self._step(lambda: part.reaches("submitted", stage="grading"))
        part.grade("rectify")
        publish(people, round)
        self._step(lambda: member.reaches("rectifying"))
        case = self._step(member.rectification)
        member.lead.post(f"/rectifications/{case['id']}/submission", {"text": "已按意见整改。"})
        people.chief().post(f"/rectifications/{case['id']}/acceptance", {"outcome": "fail", "reason": "主要问题未整改。"})
        proposal = self._step(lambda: member.revocation(status="proposed"))
        path = f"/revocations/{proposal['id']}"
        people.officer().post(f"{path}/confirmation", {"outcome": "open", "reason": "整改期满验收不通过。"})
        member.lead.post(f"{path}/statement", {"text": "请求再给时间。"})

    def _step(self, act: Callable[[], T]) -> T:
        """As a player's: what waits for another service can be begun again."""
        for _ in range(5):
            try:
                return act()
            except TimeoutError:
                continue
        return act()
