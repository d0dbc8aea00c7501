"""Threads that act as people at work: each player takes one application after another through the procedure, each to a different
end, until the test stops it. The ends that come first are divided among the players, so that together they reach every end
early."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import chain
from typing import Any, TypeVar

from deploy.cluster.local_cluster import CITY
from deploy.demo.client import until
from deploy.demo.formation import PAPERS, Formation, draft_body, put_organisation, register, verify
from deploy.demo.invented import consortium
from deploy.demo.papers import pdf
from deploy.demo.people import PROVINCE, People
from deploy.demo.review_actions import RUBRIC, declare, uphold

T = TypeVar("T")

#: The ways in which an application may end in these tests, those with the most steps first.
ENDS = (
    "returned from the decision",
    "objection upheld",
    "score voided",
    "signed as a list",
    "facts gone before recognition",
    "special case",
    "approved",
    "declined",
    "rejected",
    "withdrawn",
)


class Player(threading.Thread):
    """A thread that acts as an applicant and as all people who handle its submissions. `first`: the ends that it reaches first;
    after these it chooses all ends in random order, again and again. `ends`: end → the number of applications that reached it;
    `held`: the ids of the applications that stopped fulfilling a mandatory rule before their recognition; `error`: an exception
    that the kills do not explain."""

    def __init__(
        self,
        name: str,
        people: People,
        call: str,
        seed: int,
        stop: threading.Event,
        region: str = CITY,
        first: Sequence[str] = (),
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._first = first
        self._people = people
        self._call = call
        self._random = random.Random(seed)
        self._stop_asked = stop
        self._region = region
        self.ends: Counter[str] = Counter()
        self.held: set[str] = set()
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            for end in chain(self._first, self._endless()):
                if self._stop_asked.is_set():
                    return
                self._play(end)
                self.ends[end] += 1
        except Exception as error:
            self.error = error

    def _endless(self) -> Iterator[str]:
        while True:
            yield from self._random.sample(ENDS, k=len(ENDS))

    def _play(self, end: str) -> None:
        if end == "special case":
            self._special()
            return
        case = self._submitted()
        if end == "withdrawn":
            self._step(lambda: case.lead.post(f"{case.path}/withdrawal"))
            return
        if end == "rejected":
            self._step(lambda: case.opine(case.recommender, "recommendation", "reject"))
            return
        if self._chance(0.2):
            self._give_back(case, case.recommender, "recommendation")
        self._step(case.recommend)
        if self._chance(0.2):
            self._give_back(case, PROVINCE, "formal_check")
        self._to_the_decision(case, void=end == "score voided")
        if end == "signed as a list":
            self._sign_list(case)
            return
        if end == "returned from the decision":
            self._return(case)
        self._step(lambda: case.decide("decline" if end == "declined" else "approve"))
        if end == "objection upheld":
            self._object(case)
        elif end == "facts gone before recognition":
            self._step(lambda: case.reaches("publicised"))
            put_organisation(case.lead, case.units[0] | {"platforms": []})
            self.held.add(case.id)

    def _submitted(self) -> Formation:
        units = consortium(region=self._region)
        register(self._people, units)
        case = Formation.complete(self._people, self._call, units)
        case.submit()
        if self._chance(0.3):
            verify(self._people, units[1]["uscc"], "kind", "public_institution")
        return case

    def _to_the_decision(self, case: Formation, *, void: bool = False) -> None:
        self._step(case.check)
        panel = self._step(case.appoint)
        self._step(lambda: case.score(panel["experts"]))
        if void:
            self._replace(case, panel["experts"])

    def _give_back(self, case: Formation, bureau: str, stage: str) -> None:
        """Let the bureau return the application and extend its correction window; then let the lead correct and submit it
        again."""
        sections = [{"section": "goals", "comment": "请细化指标。"}]
        self._step(lambda: case.opine(bureau, stage, "return", sections=sections))
        due = self._step(lambda: case.reaches("returned"))["correction"]["due_at"]
        until = (date.fromisoformat(due[:10]) + timedelta(days=5)).isoformat()
        extension = {"until": until, "reason": "材料较多。"}
        self._people.officer(bureau).post(f"{case.path}/correction-extension", extension)
        self._step(lambda: case.change(research_direction=f"甘蔗良种与绿色制糖 {self._random.random()}"))
        case.submit()

    def _return(self, case: Formation) -> None:
        """When the application is at the decision, the lead loses its R&D platform, so that a mandatory rule fails (L4), and the
        province returns the application. The lead enters the platform again, submits the next version, and the application
        reaches the decision again."""
        review = self._step(lambda: case.review(PROVINCE, "decision"))
        put_organisation(case.lead, case.units[0] | {"platforms": []})
        officer = self._people.officer()
        self._step(lambda: until(lambda: _fails(officer.get(f"/reviews/{review}"), "L4"), "the failing rule"))
        sections = [{"section": "members", "comment": "请更正。"}]
        self._step(lambda: case.opine(PROVINCE, "decision", "return", sections=sections))
        self._step(lambda: case.reaches("returned"))
        put_organisation(case.lead, case.units[0])
        case.submit()
        self._to_the_decision(case)

    def _object(self, case: Formation) -> None:
        """Let a unit object, and an officer record a written objection; let two people of the province uphold both; then let the
        province decide on the application again."""
        decided_on = self._step(lambda: case.reaches("publicised"))["decision"]["on"]
        path, officer = f"{case.path}/objections", self._people.officer()
        objection = self._people.applicant(case.units[1]["uscc"]).post(path, {"reason": "材料不实。"})["id"]
        letter = officer.upload(case.subject, "written_objection", "来函.pdf", pdf(f"letter about {case.id}"))
        written = {"objector": {"name": "示例市民", "contact": "示例路 1 号"}, "received_on": decided_on, "document": letter}
        recorded = officer.post(path, {"reason": "平台不实。", "written": written})["id"]
        uphold(self._people, path, objection, "经核查，异议成立。", also=[recorded])
        self._step(lambda: case.reaches("held"))
        self._step(lambda: case.decide(objections=[objection, recorded], reason="已核减不实材料。"))

    def _sign_list(self, case: Formation) -> None:
        """Decide two cases with one decision list: an officer drafts the list, and a chief signs the version that the chief has
        read."""
        other = self._submitted()
        self._step(other.recommend)
        self._to_the_decision(other)
        reviews = [self._step(lambda each=each: each.review(PROVINCE, "decision")) for each in (case, other)]  # type: ignore[misc]
        rows = [
            {"review": review, "outcome": outcome, "reason": "按排名。"}
            for review, outcome in zip(reviews, ("approve", "decline"), strict=True)
        ]
        path = f"/calls/{self._call}/decision-lists"
        drawn = self._people.officer().post(path, {"title": "拟认定名单", "rows": rows})
        self._people.chief().approve(f"{path}/{drawn['id']}", "confirmation")

    def _replace(self, case: Formation, experts: list[str]) -> None:
        """Void one expert's score, replace the expert, and let the new expert score."""
        officer = self._people.officer()
        review = self._step(lambda: case.review(PROVINCE, "decision"))
        seats = {seat["account"]: seat["id"] for seat in officer.get(f"/reviews/{review}")["panel"]["seats"]}
        seat = seats[experts[0]]
        officer.post(f"/reviews/{review}/scores/{seat}/void", {"reason": "评分后受聘于牵头单位。"})
        panel = officer.post(f"/reviews/{review}/seats/{seat}/replacement", {})
        reader = self._people.person(next(name for name in panel["experts"] if name not in experts))
        declare(reader, review)
        scores = {row["criterion"]: 87 for row in RUBRIC}
        reader.post(f"/reviews/{review}/scores", {"scores": scores, "comment": "评审意见：可行。"})

    def _special(self) -> None:
        """Let a chief of the province submit a special case with its stated basis, and another chief decide it (A8)."""
        units = consortium(region=self._region)
        register(self._people, units)
        body = draft_body(units, channel="special_case", basis={"text": "自治区人民政府专题会议纪要。"})
        officer = self._people.officer()
        case = Formation(self._people, units, officer.post("/applications", body)["id"])
        case.confirm()
        for kind in (*PAPERS, "basis"):
            officer.upload(case.subject, kind, f"{kind.replace(':', '-')}.pdf", pdf(f"{kind} of {case.id}"))
        self._people.chief().post(f"{case.path}/submission")
        review = self._step(lambda: case.review(PROVINCE, "decision"))
        self._people.another("chief").post(f"/reviews/{review}/decision", {"outcome": "approve", "reason": "重点扶持。"})

    def _step(self, act: Callable[[], T]) -> T:
        """Run a step that may have to wait for another service; after a timeout repeat it, at most twice, because events arrive
        late while processes are down."""
        for _ in range(2):
            try:
                return act()
            except TimeoutError:
                continue
        return act()

    def _chance(self, share: float) -> bool:
        return self._random.random() < share


def _fails(review: dict[str, Any], rule: str) -> bool:
    """Return whether a rule fails in the findings that a review case shows."""
    return any(finding["rule"] == rule and finding["status"] == "fail" for finding in review["findings"])
