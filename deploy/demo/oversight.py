"""The years after recognition, step by step: the actions of leads, bureaus, experts and the province, like those that people take
at their screens."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from deploy.demo.client import Account, until
from deploy.demo.formation import Formation, open_call
from deploy.demo.invented import EIGHT, Organisation, consortium
from deploy.demo.papers import pdf
from deploy.demo.people import PROVINCE, People
from deploy.demo.review_actions import RUBRIC, Reviewed, declare
from services.contracts.payload import JsonObject
from services.kernel.clock import SHANGHAI, end_of_day, start_of_day

CITY = "450200"
#: The sections of a consortium's report for an evaluation round.
SECTIONS = {
    "project_execution": "承担项目均按任务书执行，阶段目标按期完成。",
    "budget": "财政资金预算执行率 96%，绩效目标完成。",
    "management": "制度健全，按期召开理事会和技术委员会。",
    "cooperation": "成员单位分工明确，联合攻关进展良好。",
}


#: A day on which consortia were recognised under the plan of 2021 (A16).
PLAN_OF_2021 = date(2023, 5, 1)


class Calendar:
    """The platform's date. It can only move forward, and each move runs the sweeps that become due."""

    def __init__(self, people: People) -> None:
        self.people = people
        self._known: str | None = None

    @property
    def today(self) -> date:
        """Return the platform's date. The date is taken from an answer of the platform, because other clients may have moved
        it."""
        officer = self.people.officer()
        if self._known is None:
            self._known = next((entry["id"] for entry in officer.get("/consortia", limit=1)["items"]), None)
        if self._known is None:
            return datetime.now(SHANGHAI).date()
        return date.fromisoformat(officer.get(f"/consortia/{self._known}/entitlements")["on"])

    def move(self, target_day: date) -> list[JsonObject]:
        """Move the platform to a date, unless the date is in the past, and run everything that is due by then."""
        day = max(self.today, target_day)
        results: list[JsonObject] = self.people.operator.post("/sweeps", {"as_of": day.isoformat()})["done"]
        return results

    def forward(self, days: int) -> list[JsonObject]:
        return self.move(self.today + timedelta(days=days))


class Member:
    """A recognised consortium: its entry in the register, and the accounts that act for the consortium."""

    def __init__(self, people: People, units: Sequence[Organisation], id: str, recommender: str = CITY) -> None:
        self.people = people
        self.units = list(units)
        self.id = id
        self.path = f"/consortia/{id}"
        self.recommender = recommender
        self.lead = people.applicant(units[0]["uscc"])

    @classmethod
    def imported(
        cls, people: People, units: Sequence[Organisation] | None = None, *, recognised_on: date = PLAN_OF_2021, **data: Any
    ) -> Member:
        """Import a consortium recognised under the plan of 2021: an officer proposes it, and a chief confirms it with its
        original date (A16)."""
        units = units or consortium(EIGHT)
        members = [
            {"organisation": unit["uscc"], "name": unit["name"], "tier": "core" if index < 3 else "close"}
            for index, unit in enumerate(units[1:])
        ]
        body = {
            "name": f"样例创新联合体{secrets.token_hex(3)}",
            "field": "糖业",
            "recognised_on": recognised_on.isoformat(),
            "recommender": f"{units[0]['region'][:4]}00",
            "lead": units[0]["uscc"],
            "lead_name": units[0]["name"],
            "members": members,
        } | data
        officer = people.officer()
        proposed = officer.post("/consortia", body)
        paper = officer.upload(f"consortium/{proposed['id']}", "basis", "认定文件.pdf", pdf(f"basis of {proposed['id']}"))
        entry = people.chief().approve(f"/consortia/{proposed['id']}", "confirmation", {"documents": [paper]})
        member = cls(people, units, entry["id"], body["recommender"])
        until(lambda: member.lead.send("GET", f"{member.path}/annual-reports").status == 200, "evaluation knowing of it")
        return member

    @classmethod
    def formed(cls, people: People, units: Sequence[Organisation] | None = None) -> Member:
        """Form a consortium that is recognised now, in a call of its own."""
        case = Formation.complete(people, str(open_call(people)["id"]), units)
        case.submit()
        member = cls(people, case.units, case.recognised()["consortium"], case.recommender)
        until(lambda: member.lead.send("GET", f"{member.path}/annual-reports").status == 200, "evaluation knowing of it")
        return member

    def read(self, account: Account | None = None) -> JsonObject:
        answer: JsonObject = (account or self.lead).get(self.path)
        return answer

    def reaches(self, status: str) -> JsonObject:
        """Wait until the consortium's entry in the register has this status, and return the entry."""

        def read_if_ready() -> JsonObject | None:
            state = self.read()
            return state if state["status"] == status else None

        return until(read_if_ready, f"{self.path} being {status}")

    def paper(self, kind: str = "attachment", by: Account | None = None) -> str:
        """Upload a document of this consortium. Return its id."""
        return (by or self.lead).upload(f"consortium/{self.id}", kind, f"{kind}.pdf", pdf(f"{kind} {secrets.token_hex(4)}"))

    def revoke(self, *grounds: str, reason: str = "经核查属实。") -> JsonObject:
        """Open a revocation case on these grounds, as the province, with a document as evidence."""
        body = {"consortium": self.id, "grounds": list(grounds), "reason": reason}
        officer = self.people.officer()
        answer: JsonObject = officer.post("/revocations", body | {"documents": [self.paper("evidence", by=officer)]})
        return answer

    def timeline(self) -> list[str]:
        """Return the types of all events in the consortium's timeline."""
        return [step["type"] for step in self.lead.all(f"{self.path}/timeline", limit=200)]

    def revocation(self, **required_papers: str) -> JsonObject:
        """Wait for the province's revocation case about the consortium, and return the case."""
        officer = self.people.officer()

        def read_if_ready() -> JsonObject | None:
            items: list[JsonObject] = officer.get("/revocations", consortium=self.id, **required_papers)["items"]
            return items[0] if items else None

        return until(read_if_ready, f"a revocation of {self.path} {required_papers}")

    def rectification(self) -> JsonObject:
        """Wait for the consortium's rectification, and return it."""
        path = "/rectifications"

        def read_if_ready() -> JsonObject | None:
            items: list[JsonObject] = self.lead.get(path, consortium=self.id)["items"]
            return items[0] if items else None

        return until(read_if_ready, f"a rectification of {self.path}")


def notice(calendar: Calendar, **data: Any) -> JsonObject:
    """Open a round of evaluation with its notice, as the province: two months to submit the reports, outcomes of three years."""
    today = calendar.today
    body = {
        "title": f"{today.year} 年度创新联合体绩效评估",
        "issued_on": today.isoformat(),
        "window": {
            "opens_at": start_of_day(today).isoformat(),
            "closes_at": end_of_day(today + timedelta(days=60)).isoformat(),
        },
        "period": {"from": date(today.year - 3, today.month, 1).isoformat(), "to": today.isoformat()},
        "rubric": RUBRIC,
        "caps": {"excellent": "0.50"},
        "min_reviewers": 3,
    } | data
    answer: JsonObject = calendar.people.chief().post("/evaluations", body)
    return answer


class Participation(Reviewed):
    """One consortium's participation in a round of evaluation, played through the public API: its methods act as the lead, its
    recommender, the experts or the province."""

    def __init__(self, member: Member, round: JsonObject) -> None:
        self.member = member
        self.people = member.people
        self.recommender = member.recommender
        self.round = round
        self.path = f"/evaluations/{round['id']}/participants/{member.id}"
        self.subject = f"participation/{self.read()['id']}"

    def read(self, account: Account | None = None) -> JsonObject:
        answer: JsonObject = (account or self.member.lead).get(self.path)
        return answer

    def outcome(self, identifier: str | None = None, kind: str = "patent", **data: Any) -> JsonObject:
        """Return an outcome of the evaluated period. Its number is `identifier` or, by default, an unused one."""
        return {
            "kind": kind,
            "identifier": identifier or f"ZL2024{10**8 + secrets.randbelow(9 * 10**7)}.{secrets.randbelow(10)}",
            "title": "一种高效制糖工艺",
            "achieved_on": self.round["period"]["to"],
        } | data

    def write(self, *outcomes: JsonObject, **data: Any) -> JsonObject:
        body = {"sections": SECTIONS, "outcomes": list(outcomes), "documents": []} | data
        answer: JsonObject = self.member.lead.put(f"{self.path}/report", body)
        return answer

    def submit(self) -> JsonObject:
        answer: JsonObject = self.member.lead.post(f"{self.path}/submission")
        return answer

    def hand_in(self, *outcomes: JsonObject) -> JsonObject:
        """Submit a complete report with a document."""
        self.write(*(outcomes or (self.outcome(),)), documents=[self.member.paper()])
        return self.submit()

    def scored(self, points: Sequence[int]) -> JsonObject:
        """Take a submitted report through every step to the experts' scores."""
        self.opine(self.recommender, "recommendation")
        self.opine(PROVINCE, "material_check")
        self.score(self.appoint(len(points))["experts"], points)
        return self.reaches("submitted", stage="grading")

    def reaches(self, *statuses: str, stage: str | None = None) -> JsonObject:
        """Wait until the participation has one of these statuses (and this stage), and return the participation as the province
        sees it."""

        def read_if_ready() -> JsonObject | None:
            state = self.read(self.people.officer())
            return state if state["status"] in statuses and stage in (None, state["stage"]) else None

        return until(read_if_ready, f"{self.path} being {'/'.join(statuses)} {stage or ''}")

    def grade(
        self, grade: str, score: float | None = None, reason: str | None = None, objections: Sequence[str] = ()
    ) -> JsonObject:
        """Give a grade, as the province, with the experts' score unless another is given. `objections`: the upheld objections
        because of which the grade is given again."""
        score_given = score if score is not None else self.read(self.people.officer())["experts"]["score"]
        body = {"grade": grade, "score": score_given, "reason": reason, "objections": list(objections)}
        answer: JsonObject = self.people.chief().approve(self.path, "grade", body)
        return answer


def publish(people: People, round: JsonObject, *, in_effect: bool = True) -> JsonObject:
    """Make a round's grades public and, if `in_effect`, move the platform's date until the grades are in effect."""
    answer: JsonObject = people.chief().approve(f"/evaluations/{round['id']}", "publication")
    if in_effect and answer["status"] == "publicised":
        publicity_ends = datetime.fromisoformat(answer["publicity_ends"]).astimezone(SHANGHAI).date()
        Calendar(people).move(publicity_ends + timedelta(days=1))
    return answer


class Change(Reviewed):
    """A change of a consortium (A12) whose procedure is not finished."""

    def __init__(self, member: Member, id: str) -> None:
        self.member = member
        self.people = member.people
        self.recommender = member.recommender
        self.path = f"{member.path}/changes/{id}"
        self.subject = f"change/{id}"

    @classmethod
    def reported(cls, member: Member, kind: str, effective_on: date, **data: Any) -> Change:
        """Report a change, as the lead, with the documents that it requires."""
        papers = {"lead": ("supplementary_agreement", "project_change")}.get(kind, ("supplementary_agreement",))
        required_papers = papers if kind in ("add_member", "remove_member", "change_tier", "units", "lead") else ()
        body = {
            "kind": kind,
            "effective_on": effective_on.isoformat(),
            "detail": {},
            "reason": "研发任务需要。",
            "technical_need": "新增中试环节关键技术攻关。",
            "task_source": "自治区科技计划项目任务书。",
            "documents": [member.paper(paper) for paper in required_papers],
        } | data
        return cls(member, member.lead.post(f"{member.path}/changes", body)["id"])

    def confirm(self) -> None:
        """Let every unit that is asked confirm with its own account."""
        for confirmation in self.read()["confirmations"]:
            self.people.applicant(confirmation["organisation"]).post(f"{self.path}/confirmations", {"decision": "confirm"})

    def read(self, account: Account | None = None) -> JsonObject:
        answer: JsonObject = (account or self.member.lead).get(self.path)
        return answer

    def reaches(self, status: str) -> JsonObject:
        """Wait until the change has this status, and return it."""

        def read_if_ready() -> JsonObject | None:
            state = self.read()
            return state if state["status"] == status else None

        return until(read_if_ready, f"{self.path} being {status}")


class Support(Reviewed):
    """A consortium's request for a support measure, from its submission to its decision."""

    def __init__(self, member: Member, id: str) -> None:
        self.member = member
        self.people = member.people
        self.recommender = member.recommender
        self.path = f"{member.path}/support-requests/{id}"
        self.subject = f"support/{id}"

    @classmethod
    def asked(cls, member: Member, measure: str, **data: Any) -> Support:
        body = {"measure": measure, "reason": "攻关任务需要。"} | data
        return cls(member, member.lead.post(f"{member.path}/support-requests", body)["id"])

    def read(self) -> JsonObject:
        answer: JsonObject = self.member.lead.get(self.path)
        return answer

    def panel(self, points: Sequence[int]) -> None:
        """Let experts score the request before the province decides it."""
        review = self.review(PROVINCE, "decision")
        experts = self.people.officer().post(f"/reviews/{review}/panel", {"size": len(points)})["experts"]
        for username, value in zip(experts, points, strict=True):
            scores = {row["criterion"]: value for row in RUBRIC}
            body = {"scores": scores, "comment": "评审意见：可行。"}
            reviewer = self.people.person(username)
            declare(reviewer, review)
            reviewer.post(f"/reviews/{review}/scores", body)

    def reaches(self, status: str) -> JsonObject:
        """Wait until the request has this status, and return it."""

        def read_if_ready() -> JsonObject | None:
            state = self.read()
            return state if state["status"] == status else None

        return until(read_if_ready, f"{self.path} being {status}")


#: The content of a consortium's annual report.
ANNUAL = {
    "systems": "理事会、技术委员会、秘书处运行正常。",
    "core_technology": "完成两项关键技术攻关，共建中试平台一个。",
    "transfer": "转化成果三项，孵化企业一家。",
    "application": "推广新品种三个。",
    "problems": "中试用地紧张。",
    "next_year": "建成中试线，新增两项攻关。",
}


class AnnualReport(Reviewed):
    """A consortium's annual report."""

    def __init__(self, member: Member, year: int) -> None:
        self.member = member
        self.people = member.people
        self.recommender = member.recommender
        self.year = year
        self.path = f"{member.path}/annual-reports/{year}"
        self.subject = f"report/{member.id}-{year}"

    def read(self, account: Account | None = None) -> JsonObject:
        answer: JsonObject = (account or self.member.lead).get(self.path)
        return answer

    def write(self, **data: Any) -> JsonObject:
        body = {"sections": ANNUAL, "indicators": [], "coordination": [], "documents": []} | data
        answer: JsonObject = self.member.lead.put(self.path, body)
        return answer

    def submit(self) -> JsonObject:
        answer: JsonObject = self.member.lead.post(f"{self.path}/submission")
        return answer

    def reaches(self, status: str) -> JsonObject:
        """Wait until the report has this status, and return it."""

        def read_if_ready() -> JsonObject | None:
            state = self.read()
            return state if state["status"] == status else None

        return until(read_if_ready, f"{self.path} being {status}")
