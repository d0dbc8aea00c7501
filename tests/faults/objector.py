"""Objections to a grade: an organisation objects on the platform and a person objects by letter; the province dismisses or
upholds the objections, and grades again. This repeats until the test ends. Objections need a publicity period, so the notice must
be issued before the overseer publishes the policy version that has no such period."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import TypeVar

from deploy.demo.oversight import Calendar, Member, Participation, notice, publish
from deploy.demo.papers import pdf
from deploy.demo.people import PROVINCE, People
from deploy.demo.review_actions import uphold

T = TypeVar("T")

#: The seconds between an upheld objection and the next objection.
PAUSE = 2.0
#: The ways in which the province answers an objection to a grade.
ANSWERS = ("grade objection dismissed", "grade objection upheld")


class Objector(threading.Thread):
    """A thread that takes one consortium to a published grade, and objects to the grade again and again. `noticed` is set once
    the notice of its evaluation is issued; `ends` counts the answers to objections; `error` is an exception that the kills do not
    explain."""

    def __init__(self, people: People, stop: threading.Event) -> None:
        super().__init__(name="objector", daemon=True)
        self._people = people
        self._stop_asked = stop
        self.noticed = threading.Event()
        self.ends: Counter[str] = Counter()
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            today = Calendar(self._people).today
            part = self._invited()
            self.noticed.set()
            self._grade(part)
            while True:
                self._dismissed(part)
                self._upheld(part, today)
                if self._stop_asked.wait(PAUSE):
                    return
        except Exception as error:
            self.error = error
        finally:
            self.noticed.set()

    def _invited(self) -> Participation:
        member = self._step(lambda: Member.imported(self._people))
        round = notice(Calendar(self._people), caps={}, min_reviewers=1)
        return self._step(lambda: Participation(member, round))

    def _grade(self, part: Participation) -> None:
        """Take the consortium's participation through the evaluation until its grade is published."""
        part.hand_in()
        self._step(lambda: part.opine(part.recommender, "recommendation"))
        self._step(lambda: part.opine(PROVINCE, "material_check"))
        panel = self._step(lambda: part.appoint(1))
        self._step(lambda: part.score(panel["experts"], (85,)))
        self._step(lambda: part.reaches("submitted", stage="grading"))
        part.grade("good", reason="成果较好。")
        publish(self._people, part.round, in_effect=False)

    def _dismissed(self, part: Participation) -> None:
        path = f"{part.path}/objections"
        objection = self._people.applicant(part.member.units[1]["uscc"]).post(path, {"reason": "成果属于他人。"})["id"]
        answer = {"answer": "经核查，不属实。", "outcome": "dismissed"}
        self._people.officer().post(f"{path}/{objection}/answer", answer)
        self.ends[ANSWERS[0]] += 1

    def _upheld(self, part: Participation, today: date) -> None:
        """Let a unit object, and an officer record a written objection; let two people of the province uphold both; then let the
        province grade and publish again."""
        path, officer = f"{part.path}/objections", self._people.officer()
        objection = self._people.applicant(part.member.units[2]["uscc"]).post(path, {"reason": "成果重复使用。"})["id"]
        letter = officer.upload(f"consortium/{part.member.id}", "written_objection", "来函.pdf", pdf(f"letter about {objection}"))
        written = {
            "objector": {"name": "示例市民", "contact": "示例路 1 号"},
            "received_on": today.isoformat(),
            "document": letter,
        }
        recorded = officer.post(path, {"reason": "材料不实。", "written": written})["id"]
        uphold(self._people, path, objection, "经核查，异议成立。", also=[recorded])
        part.grade("good", reason="已核减该成果，仍为良好。", objections=[objection, recorded])
        publish(self._people, part.round, in_effect=False)
        self.ends[ANSWERS[1]] += 1

    def _step(self, act: Callable[[], T]) -> T:
        """Run a step; after a timeout repeat it, at most five times."""
        for _ in range(5):
            try:
                return act()
            except TimeoutError:
                continue
        return act()
