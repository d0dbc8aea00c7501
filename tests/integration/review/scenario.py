"""The review service as its bureaus use it: events arrive, people act, events are published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from services.kernel.errors import Conflict, Forbidden, NotFound
from services.kernel.identity import PROVINCE, Actor
from services.kernel.ids import new_id
from services.kernel.messaging.envelope import Event
from services.kernel.settings import Settings
from services.kernel.testing import FixedClock, RecordingBus, ServiceHarness, is_consumer_of
from services.policy import Policies
from services.review.case_tasks import outdated
from services.review.registry import registry

CITY, INDUSTRY, OTHER_CITY = "450200", "GX-MIIT", "450100"
BUREAUS = (PROVINCE, CITY, OTHER_CITY, INDUSTRY)
LEAD, MEMBER = "9145020098MA369042", "9145010035MA46841F"
POLICY = Policies.builtin().get("guangxi_trial@1")

officer = Actor("liuzhou.officer", ("officer",), CITY)
chief = Actor("liuzhou.chief", ("chief",), CITY)
other_officer = Actor("nanning.officer", ("officer",), OTHER_CITY)
other_chief = Actor("nanning.chief", ("chief",), OTHER_CITY)
province_officer = Actor("province.officer", ("officer",), PROVINCE)
province_chief = Actor("province.chief", ("chief",), PROVINCE)
second_chief = Actor("province.chief2", ("chief",), PROVINCE)
auditor = Actor("auditor", ("auditor",))
applicant = Actor("applicant", ("applicant",), None, LEAD)
third_party = Actor("institution", ("third_party",))

ANSWERS = {f"Q{number}": {"met": True, "reason": "经核查属实"} for number in range(1, 10)}
RUBRIC = [{"criterion": "技术先进性", "weight": 60, "max": 100}, {"criterion": "组织能力", "weight": 40, "max": 100}]


def an_expert(number: int) -> Actor:
    return Actor(f"expert{number}", ("expert",))


def a_call(id: str = "call", **more: Any) -> dict[str, Any]:
    return {"id": id, "title": "2026 年度申报通知", "rubric": RUBRIC, "min_reviewers": 3, "places": 1} | more


def a_finding(rule: str, severity: str = "in_principle", status: str = "fail") -> dict[str, Any]:
    said = {"zh": f"{rule} 未满足。", "en": f"{rule} fails."}
    return {"rule": rule, "severity": severity, "status": status, "citation": "A5(2)1", "message": said, "reason": None}


class House:
    """One or more deployments of the service on one bus; `at(bureau)` returns the deployment that serves a bureau."""

    def __init__(self, urls: Sequence[str], served: Sequence[Sequence[str]] = (BUREAUS,)) -> None:
        self.clock = FixedClock()
        self.bus = RecordingBus()
        self.deployments: dict[str, ServiceHarness] = {}
        self._sequences: Counter[tuple[str, str]] = Counter()
        self._benches: list[ServiceHarness] = []
        for url, bureaus in zip(urls, served, strict=True):
            self.deploy(url, bureaus)

    def deploy(self, url: str, bureaus: Sequence[str], settings: Settings | None = None) -> ServiceHarness:
        """Start one more deployment, which serves these bureaus from then on."""
        served = {"bureaus": bureaus, "all_bureaus": BUREAUS}
        bench = ServiceHarness(registry, url, policies=Policies([POLICY]), clock=self.clock, settings=settings, **served)
        bench.bus = self.bus
        self.bus.consumers.append(bench.runtime)
        self.deployments |= dict.fromkeys(bureaus, bench)
        self._benches.append(bench)
        return bench

    def at(self, bureau: str) -> ServiceHarness:
        return self.deployments[bureau]

    def close(self) -> None:
        for bench in self._benches:
            bench.database.close()

    def outdated_tasks(self) -> list[str]:
        """Return the cases whose stored tasks differ from the tasks that follow from the case's present state."""
        found = []
        for bench in self._benches:
            with bench.database.read() as session:
                found += outdated(session)
        return found

    # Events of other services

    def hear(self, producer: str, type: str, subject: str, data: dict[str, Any], bureau: str, recommender: str = CITY) -> None:
        """Publish an event of another service to its consumers, and let all reactions to it run."""
        self.deliver(self.event(producer, type, subject, data, bureau, recommender))

    def event(self, producer: str, type: str, subject: str, data: dict[str, Any], bureau: str, recommender: str = CITY) -> Event:
        """Return an event of another service about a subject, with the subject's next sequence number."""
        self._sequences[producer, subject] += 1
        return Event(
            id=new_id(),
            type=type,
            version=1,
            occurred_at=self.clock.now(),
            producer=producer,
            subject=subject,
            bureau=bureau,
            recommender=recommender,
            sequence=self._sequences[producer, subject],
            actor={"username": "applicant", "role": "applicant", "bureau": None, "organisation": LEAD},
            correlation_id=new_id(),
            causation_id=None,
            data=data,
        )

    def deliver(self, event: Event) -> None:
        """Deliver an event to its consumers."""
        for bench in self._benches:
            for binding in bench.runtime.bindings():
                if is_consumer_of(binding, event.producer, event.routing_key):
                    bench.runtime.receive([event.to_json()], binding.bureau)
        self.settle()

    def settle(self) -> None:
        """React to all waiting events and deliver all new ones, until none is left."""
        busy = True
        while busy:
            busy = False
            for bench in self._benches:
                while bench.runtime.process(1) or bench.runtime.relay(self.bus.publish):
                    busy = True

    def unheard(self) -> dict[str, str]:
        """Publish the events in the outboxes without delivering them; return the last event of each subject, in the form in which
        the bus transports it."""
        nobody = RecordingBus()
        for bench in self._benches:
            while bench.runtime.relay(nobody.publish):
                pass
        return {Event.from_json(row.body).subject: row.body for row in nobody.published}

    def submit(self, application: str = "app", version: int = 1, *, bureau: str = CITY, **more: Any) -> str:
        """Let an application arrive at a bureau; return the id of the application's case at this bureau."""
        type = "application.resubmitted" if version > 1 else "application.submitted"
        data, home = self.submission(application, version, **more), CITY if bureau == PROVINCE else bureau
        self.hear("application", type, f"application/{application}", data, bureau, home)
        return self.case(bureau, application)

    def submission(self, application: str, version: int = 1, **more: Any) -> dict[str, Any]:
        """Return the data of the event by which an application is submitted."""
        kind = more.get("kind", "formation")
        return {
            "application": application,
            "version": version,
            "round": version,
            "kind": kind,
            "title": "广西糖业创新联合体",
            "field": "糖业",
            "lead": {"uscc": LEAD, "name": "柳州桂博一号科技股份有限公司"},
            "units": [LEAD, MEMBER],
            "call": a_call(),
            "policy": POLICY.ref,
            "stage": "recommendation",
            "pipeline": [stage.to_dict() for stage in POLICY.pipeline(kind)],
            "questions": [question.to_dict() for question in POLICY.questions],
            "waivable": list(POLICY.waivable()),
            "findings": [],
            "documents": [],
            "article": "A6(1)",
        } | more

    def withdraw(self, application: str = "app") -> None:
        """Withdraw an application, as the applicant."""
        self.deliver(self.withdrawal(application))

    def withdrawal(self, application: str = "app") -> Event:
        data = {"application": application, "version": 1, "reason": "withdrawn"}
        return self.event("application", "application.withdrawn", f"application/{application}", data, CITY)

    def account(self, actor: Actor, **what: Any) -> None:
        """Create or change an account."""
        self.deliver(self.account_event(actor, **what))

    def account_event(
        self, actor: Actor, *, expert: dict[str, Any] | None = None, active: bool = True, term_until: str | None = None
    ) -> Event:
        profile = {"employer": "ELSEWHERE", "former_employers": [], "fields": [], "declared_interests": []}
        data = {
            "username": actor.username,
            "roles": list(actor.roles),
            "bureau": actor.bureau,
            "organisation": actor.organisation,
            "active": active,
            "expert": profile | (expert or {}) if actor.has("expert") else None,
            "term_until": term_until,
        }
        return self.event("gateway", "account.changed", f"account/{actor.username}", data, actor.bureau or PROVINCE)

    def experts(self, count: int) -> list[Actor]:
        """Register `count` experts who have no interest in any unit."""
        actors = [an_expert(number) for number in range(1, count + 1)]
        for actor in actors:
            self.account(actor)
        return actors

    # The work of officials and reviewers

    def case(self, bureau: str, application: str = "app") -> str:
        """Return the id of the case that a bureau has about an application."""
        actor = Actor("looks", ("officer",), bureau)
        items = self.at(bureau).ask("list_reviews", actor, limit=200)["items"]
        (id,) = [item["id"] for item in items if item["subject"] == f"application/{application}"]
        return str(id)

    def see(self, id: str, actor: Actor | None = None) -> dict[str, Any]:
        bureau = id[:-37]
        answer: dict[str, Any] = self.at(bureau).ask("get_review", actor or Actor("looks", ("officer",), bureau), id=id)
        return answer

    def tell(self, name: str, actor: Actor, id: str, **payload: Any) -> Any:
        answer = self.at(id[:-37]).tell(name, actor, id=id, **payload)
        self.settle()
        return answer

    def draft(self, actor: Actor, id: str, stage: str, corrects: str | None = None) -> dict[str, Any] | None:
        """Return the newest draft of this stage by another person than `actor`. A chief reads this draft before signing."""
        given = self.see(id)["opinions"]
        drafts = [one for one in given if not one["signed"] and (one["stage"], one["corrects"]) == (stage, corrects)]
        return next((draft for draft in reversed(drafts) if draft["by"] != actor.username), None)

    def opinion(self, actor: Actor, id: str, stage: str = "recommendation", outcome: str = "pass", **more: Any) -> Any:
        """Give an opinion: an officer's opinion is a draft; a chief's opinion is a signature, which names the draft that the
        chief read."""
        body = {"comment": "经审核，意见如上。", "answers": ANSWERS if outcome == "pass" else {}} | more
        if "chief" in actor.roles and "if_match" not in body:
            read = self.draft(actor, id, stage, body.get("corrects"))
            body["if_match"] = read and read["etag"]
        return self.tell("give_opinion", actor, id, stage=stage, outcome=outcome, **body)

    def recommend(self, application: str = "app", **more: Any) -> str:
        """Let an application arrive and its city recommend it; return the id of the province's case."""
        id = self.submit(application, **more)
        self.opinion(officer, id)
        self.opinion(chief, id)
        return self.case(PROVINCE, application)

    def to_panel(self, application: str = "app", **more: Any) -> str:
        """Let an application arrive, its city recommend it, and the province find it complete; return the id of the province's
        case."""
        id = self.recommend(application, **more)
        self.opinion(province_officer, id, "formal_check")
        self.opinion(province_chief, id, "formal_check")
        return id

    def score(self, actor: Actor, id: str, points: float | str) -> Any:
        """Make the reviewer's declaration of no interest, and then score the case with these points for each criterion."""
        self.declare(actor, id)
        scores = {row["criterion"]: str(points) for row in RUBRIC}
        return self.tell("submit_scores", actor, id, scores=scores, comment="评审意见")

    def declare(self, actor: Actor, id: str) -> None:
        """Make a reviewer's declaration. A refusal is ignored here, because the tests expect the refusal when the reviewer
        scores."""
        with suppress(Conflict, NotFound, Forbidden):
            self.tell("declare", actor, id)

    def to_decision(self, application: str, points: Sequence[float], **more: Any) -> str:
        """Take an application to the decision stage: one expert for each entry of `points` scores it with that number of points.
        Return the id of the province's case."""
        id = self.to_panel(application, **more)
        panel = [an_expert(number) for number in range(1, len(points) + 1)]
        self.tell("draw_panel", province_officer, id, experts=[actor.username for actor in panel])
        for actor, given in zip(panel, points, strict=True):
            self.score(actor, id, given)
        return id

    def said(self, type: str) -> list[Event]:
        """Return the events of a type published so far."""
        return [event for event in self.events() if event.type == type]

    def events(self) -> list[Event]:
        """Return all published events; an event that was published twice appears twice."""
        return [Event.from_json(row.body) for row in self.bus.published]

    def audited(self, subject: str, bureau: str = PROVINCE) -> list[str]:
        answer = self.at(bureau).ask("audit_entries", auditor, subject=subject, limit=200, cursor=None)
        return [entry["action"] for entry in answer["items"]]
