"""The steps of one formation application. Each step is one or a few requests, like those that people make at their screens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.demo.client import Account, until
from deploy.demo.invented import EIGHT, Organisation, consortium
from deploy.demo.papers import pdf
from deploy.demo.people import PROVINCE, People
from deploy.demo.review_actions import RUBRIC, Reviewed
from services.contracts.labels import label
from services.contracts.payload import JsonObject

#: The seven operating systems of A5(4).
SYSTEMS = {
    "decision_body": "设理事会，由各单位代表组成，审议发展方向和重点任务。",
    "advisory_body": "设技术委员会，由成员单位和外聘专家组成，首席科学家主持。",
    "executive_body": "牵头单位设秘书处，配备专职人员负责日常工作。",
    "rd_funding": "研发投入按协议比例到位，经费单独核算并接受内部监督。",
    "benefit_protection": "知识产权和收益按贡献约定归属、使用和分配。",
    "open_development": "每年吸收新成员，并向外扩散政府资助项目成果。",
    "major_matters": "重大事项及时向自治区科技厅报告。",
}
#: The documents that D1 requires for a formation case (A6(1)).
PAPERS = ("application_form", "agreement", "platform_evidence", *(f"operating_system:{name}" for name in SYSTEMS))
ANSWERS = {f"Q{number}": {"met": True, "reason": "材料齐全，经核实符合要求。"} for number in range(1, 10)}


def open_call(people: People, **data: Any) -> JsonObject:
    """Announce, as the province, a call that is open now; `data` replaces default values."""
    now = datetime.now(UTC)
    body = {
        "title": "创新联合体组建申报通知",
        "kind": "formation",
        "opens_at": (now - timedelta(days=1)).isoformat(),
        "closes_at": (now + timedelta(days=10950)).isoformat(),
        "fields": ["糖业"],
        "rubric": RUBRIC,
        "min_reviewers": 5,
        "places": 3,
    } | data
    call: JsonObject = people.chief().post("/calls", body)
    return call


def draft_body(units: Sequence[Organisation], **data: Any) -> JsonObject:
    """Return the body of an application of these units, the lead first, with the lead's city as recommender; `data` replaces
    default values."""
    lead = units[0]
    tiers = ("core", "close", "general")
    return {
        "name": "广西糖业创新联合体",
        "field": "糖业",
        "industry_chain": "糖业产业链",
        "research_direction": "甘蔗良种与绿色制糖",
        "lead": lead["uscc"],
        "recommender": f"{lead['region'][:4]}00",
        "chief_scientist": {"name": "首席科学家甲", "employer": lead["uscc"], "title": "正高级工程师"},
        "members": [
            {"organisation": unit["uscc"], "tier": tiers[index % 3], "role": "联合攻关"} for index, unit in enumerate(units[1:])
        ],
        "operating_systems": SYSTEMS,
        "goals": [
            {
                "kind": "core_technology",
                "statement": "突破甘蔗良种与绿色制糖关键核心技术",
                "indicators": [{"name": "核心技术攻关", "target": "3", "unit": "项", "due": "2030-12-31"}],
            }
        ],
        "documents": [],
    } | data


def register(people: People, units: Sequence[Organisation]) -> None:
    """Enter the data of each organisation, by its own account."""
    for unit in units:
        put_organisation(people.applicant(unit["uscc"]), unit)


def put_organisation(account: Account, unit: Organisation, **what: Any) -> Any:
    body = {name: value for name, value in unit.items() if name != "uscc"}
    return account.put(f"/organisations/{unit['uscc']}", body, **what)


def verify(people: People, code: str, *facts: str, bureau: str = PROVINCE) -> Any:
    """Verify, as a bureau, facts that an organisation declares."""
    facts_seen = [{"fact": fact, "evidence": "已核对原件"} for fact in facts]
    return people.officer(bureau).approve(f"/organisations/{code}", "verifications", {"facts": facts_seen})


class Formation(Reviewed):
    """One application in progress. Each method takes one step of the procedure and returns the platform's answer."""

    def __init__(self, people: People, units: Sequence[Organisation], id: str) -> None:
        self.people = people
        self.units = list(units)
        self.id = id
        self.path = f"/applications/{id}"
        self.lead = people.applicant(units[0]["uscc"])
        self.subject = f"application/{id}"
        self.recommender = f"{units[0]['region'][:4]}00"

    @classmethod
    def draft(cls, people: People, call: str, units: Sequence[Organisation] | None = None, **data: Any) -> Formation:
        """Register valid units and create a draft with them; `data` replaces values of the application."""
        if units is None:
            units = consortium(EIGHT)
            register(people, units)
        body = draft_body(units, call_id=call, **data)
        id = people.applicant(units[0]["uscc"]).post("/applications", body)["id"]
        return cls(people, units, id)

    @classmethod
    def complete(cls, people: People, call: str, units: Sequence[Organisation] | None = None, **data: Any) -> Formation:
        """Create a draft with all its documents and the confirmation of every member: it is ready for submission."""
        case = cls.draft(people, call, units, **data)
        case.hand_in()
        case.confirm()
        return case

    def read(self, account: Account | None = None) -> JsonObject:
        answer: JsonObject = (account or self.lead).get(self.path)
        return answer

    def change(self, **members: Any) -> JsonObject:
        answer: JsonObject = self.lead.patch(self.path, members)
        return answer

    def hand_in(self, kinds: Sequence[str] = PAPERS) -> list[str]:
        """Upload a document of each kind. Return their ids."""
        return [
            self.lead.upload(self.subject, kind, f"{label('document_kind', kind).zh}.pdf", pdf(f"{kind} of {self.id}"))
            for kind in kinds
        ]

    def confirm(self, codes: Sequence[str] | None = None) -> None:
        """Let members confirm with their own accounts that they join; all members if none is named."""
        for code in codes if codes is not None else [unit["uscc"] for unit in self.units[1:]]:
            self.people.applicant(code).post(f"{self.path}/confirmations", {"decision": "confirm"})

    def eligibility(self, account: Account | None = None) -> JsonObject:
        answer: JsonObject = (account or self.lead).get(f"{self.path}/eligibility")
        return answer

    def submit(self) -> JsonObject:
        answer: JsonObject = self.lead.post(f"{self.path}/submission")
        return answer

    def recommend(self, **data: Any) -> JsonObject:
        return self.opine(self.recommender, "recommendation", **({"answers": ANSWERS} | data))

    def check(self, **data: Any) -> JsonObject:
        return self.opine(PROVINCE, "formal_check", **data)

    def lets_in(self, account: Account) -> JsonObject | None:
        """Return the application as this account sees it; None if the account may not read the application."""
        answer = account.send("GET", self.path)
        return answer.body if answer.status == 200 else None

    def reaches(self, *statuses: str, stage: str | None = None) -> JsonObject:
        """Wait until the application has one of these statuses (and this stage), and return it."""

        def state_if_reached() -> JsonObject | None:
            state = self.read()
            return state if state["status"] in statuses and stage in (None, state["stage"]) else None

        return until(state_if_reached, f"{self.subject} being {'/'.join(statuses)} {stage or ''}")

    def publicised(self, **decision: Any) -> JsonObject:
        """Take a submitted application through every step to the publicity period. `decision`: additional data of the chief's
        decision."""
        self.recommend()
        self.check()
        self.score(self.appoint()["experts"])
        self.decide(**decision)
        return self.reaches("publicised")

    def recognised(self) -> JsonObject:
        """Take a submitted application through every step into the register."""
        sweep_after(self.people, self.publicised()["publicity"]["ends_on"])
        return self.reaches("recognised")


def sweep_after(people: People, day: str) -> Any:
    """Move the platform's date to the day after `day`, and run the sweeps that are due by then."""
    as_of = datetime.fromisoformat(day[:10]).date() + timedelta(days=1)
    return people.operator.post("/sweeps", {"as_of": as_of.isoformat()})
