"""Evaluation at work: a consortium enters the register, is evaluated, must rectify, fails the acceptance, and is proposed for
revocation. This repeats until the test ends, each time with a new consortium, because one in rectification is not invited
again."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from deploy.demo.client import Refused
from deploy.demo.oversight import Calendar, Member, Participation, notice, publish
from deploy.demo.people import PROVINCE, People
from deploy.demo.policies import publish_policy

T = TypeVar("T")


class Overseer(threading.Thread):
    """A thread that carries out one evaluation round after another. `ends` counts the completed rounds; `error` is an exception
    that the kills do not explain."""

    def __init__(self, people: People, stop: threading.Event) -> None:
        super().__init__(name="overseer", daemon=True)
        self._people = people
        self._stop_asked = stop
        self._policy = ""
        self.ends: Counter[str] = Counter()
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self._policy = self._publish_policy()
            while not self._stop_asked.is_set():
                self._play()
                self.ends["round evaluated"] += 1
        except Exception as error:
            self.error = error

    def _play(self) -> None:
        people, calendar = self._people, Calendar(self._people)
        member = self._step(lambda: Member.imported(people))
        self._cancelled(calendar, member)
        round = self._notice(calendar)
        part = self._step(lambda: Participation(member, round))
        part.hand_in()
        self._give_back(part)
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
        people.chief().approve(f"/rectifications/{case['id']}", "acceptance", {"outcome": "fail", "reason": "主要问题未整改。"})
        proposal = self._step(lambda: member.revocation(status="proposed"))
        path = f"/revocations/{proposal['id']}"
        evidence = self._step(lambda: member.paper("evidence", by=people.officer()))
        confirmed = {"outcome": "open", "reason": "整改期满验收不通过。", "documents": [evidence]}
        people.officer().approve(path, "confirmation", confirmed)
        member.lead.post(f"{path}/statement", {"text": "请求再给时间。"})

    def _give_back(self, part: Participation) -> None:
        """Let the city return the evaluation report and extend the correction window; then let the lead submit the report
        again."""
        sections = [{"section": "budget", "comment": "请补充明细。"}]
        self._step(lambda: part.opine(part.recommender, "recommendation", "return", sections=sections))
        due = self._step(lambda: part.reaches("returned"))["correction"]["due_at"]
        until = (date.fromisoformat(due[:10]) + timedelta(days=5)).isoformat()
        extension = {"until": until, "reason": "材料较多。"}
        self._people.officer(part.recommender).post(f"{part.path}/correction-extension", extension)
        part.submit()

    def _cancelled(self, calendar: Calendar, member: Member) -> None:
        """Carry out an evaluation round that ends without grades: the province allows an outcome that was refused, refuses a
        deferral, and cancels the notice."""
        chief, round = self._people.chief(), self._notice(calendar)
        part = self._step(lambda: Participation(member, round))
        lifted = {"kind": "contract", "identifier": "HT-2025-018", "reason": "两份合同，编号相同。"}
        chief.post(f"{part.path}/outcomes/allowance", lifted)
        member.lead.post(f"{part.path}/deferral", {"reason": "厂区搬迁。"})
        chief.approve(part.path, "deferral/answer", {"outcome": "refuse", "reason": "理由不充分。"})
        chief.post(f"/evaluations/{round['id']}/cancellation", {"reason": "评估指标调整。"})

    def _notice(self, calendar: Calendar) -> dict[str, Any]:
        """Issue a notice, and extend its window once. The policy must be the one in which grades take effect immediately and a
        rectification may be accepted early, so that the platform's date need not move while people work; a notice under an older
        policy is cancelled, and another one issued."""
        while True:
            round = notice(calendar, caps={})
            path = f"/evaluations/{round['id']}"
            if round["policy"] != self._policy:
                self._people.chief().post(f"{path}/cancellation", {"reason": "依新版本重新发布。"})
                continue
            later = datetime.fromisoformat(round["window"]["closes_at"]) + timedelta(days=10)
            try:
                self._people.chief().patch(path, {"window": {"closes_at": later.isoformat()}, "reason": "延长。"})
            except Refused as refusal:
                # The first attempt succeeded, but its answer was lost. The repeated PATCH is refused, because it has no
                # idempotency key with which it would get the first answer.
                if refusal.pointers.get("/window/closes_at") != "not_later":
                    raise
            return round

    def _publish_policy(self) -> str:
        """Publish a policy version in which no step of an evaluation round takes days, unless an earlier overseer has published
        it. Return the version's name."""
        province, today = self._people.officer(), Calendar(self._people).today
        document = province.get("/policies/guangxi_trial@1")["document"]
        document |= {"version": 2, "effective_from": today.isoformat()}
        document["deadlines"]["grade_publicity_working_days"] = 0
        document["evaluation"]["early_acceptance"] = True
        try:
            ref = str(province.post("/policies", {"document": document})["policy"])
        except Refused as refusal:
            if refusal.code != "policy_exists":
                raise
            return "guangxi_trial@2"
        publish_policy(self._people, ref)
        return ref

    def _step(self, act: Callable[[], T]) -> T:
        """Run a step; after a timeout repeat it, at most five times."""
        for _ in range(5):
            try:
                return act()
            except TimeoutError:
                continue
        return act()
