"""`World`: the application service on a new database, with the organisations of a formation case and accounts that act for
them."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from services.application.registry import registry
from services.contracts.application.application_requests import ApplicationStart
from services.contracts.application.call_requests import Call
from services.contracts.application.imports import ImportConfirmation, ImportedConsortium
from services.contracts.application.organisation_requests import Organisation
from services.kernel.errors import DomainError
from services.kernel.identity import PROVINCE, Actor
from services.kernel.ids import new_id
from services.kernel.messaging.envelope import Event
from services.kernel.testing import FixedClock, ServiceHarness
from services.policy import Policies
from tests.examples.cases import load_cases
from tests.examples.generate_cases import code_of

CASES = {case["id"]: case for case in load_cases()}
OFFICER = Actor("province-officer", ("officer",), PROVINCE)
CHIEF = Actor("province-chief", ("chief",), PROVINCE)
AUDITOR = Actor("auditor", ("auditor",))
EXPERT = Actor("expert-1", ("expert",))
OPERATOR = Actor("operator", ("operator",))

#: The kinds of document that the trial policy requires of a formation application.
PAPERS = tuple(paper.kind for paper in Policies.builtin().get("guangxi_trial@1").documents_for("formation"))

RUBRIC = [{"criterion": "技术先进性", "weight": 60, "max": 100}, {"criterion": "组织能力", "weight": 40, "max": 100}]


_serials = count(900)


def new_enterprise(region: str = "450200") -> str:
    """Return the social credit code of a new enterprise, by default one of Liuzhou; no other test uses the code."""
    return code_of(next(_serials), region, "enterprise")


def bureau(code: str, role: str = "chief") -> Actor:
    """Return an account of the bureau with this code, by default a chief's."""
    return Actor(f"{code}-{role}", (role,), code)


def applicant(uscc: str) -> Actor:
    """Return an account that acts for an organisation."""
    return Actor(f"applicant-{uscc}", ("applicant",), None, uscc)


def refused(kind: type[DomainError], attempt: Callable[[], Any], code: str) -> DomainError:
    """Call `attempt`, which must raise an error of this kind and code; return the error."""
    with pytest.raises(kind) as caught:
        attempt()
    assert caught.value.code == code
    return caught.value


class World:
    """Calls the application service as the gateway does: bodies pass through the contract's schemas first."""

    def __init__(self, url: str | Path, case: str = "all-pass", policies: Policies | None = None) -> None:
        self.clock = FixedClock()
        self.policies = policies or Policies.builtin()
        self.bench = ServiceHarness(registry, url, policies=self.policies, clock=self.clock, signers=("documents",))
        self.tell, self.ask = self.bench.tell, self.bench.ask
        self._papers: dict[str, str] = {}
        self.enter(CASES[case])

    # Organisations and calls

    def enter(self, case: dict[str, Any]) -> None:
        """Use the organisations and the application of this formation case from now on."""
        self.case = deepcopy(case)
        self.lead = applicant(self.case["application"]["lead"])
        self.members = [applicant(member["organisation"]) for member in self.case["application"]["members"]]

    def register_all(self) -> None:
        """Enter the data of every organisation of the formation case, each through its own account."""
        for data in self.case["organisations"]:
            self.put(data)

    def put(self, data: dict[str, Any], actor: Actor | None = None, **more: Any) -> dict[str, Any]:
        body = {name: value for name, value in data.items() if name != "uscc"}
        loaded = Organisation().load(body)
        return self.tell("put_organisation", actor or applicant(data["uscc"]), uscc=data["uscc"], organisation=loaded, **more)

    def open_call(self, **changes: Any) -> dict[str, Any]:
        body = {
            "title": "2026 年度创新联合体申报通知",
            "opens_at": "2026-03-01T00:00:00+08:00",
            "closes_at": "2026-04-30T23:59:59+08:00",
            "rubric": RUBRIC,
        } | changes
        return self.tell("open_call", CHIEF, call=Call().load(body))

    # Consortia of the plan of 2021 (A16)

    def propose_old(self, body: dict[str, Any], actor: Actor = OFFICER) -> dict[str, Any]:
        """Propose a consortium of the plan of 2021 for the register, by default as an officer of the province."""
        return self.tell("import_consortium", actor, consortium=ImportedConsortium().load(body))

    def answer_old(self, id: str, actor: Actor = CHIEF, **answer: Any) -> dict[str, Any]:
        """Answer a proposal, by default as a second person who confirms it with its document; `answer` replaces parts of the
        answer."""
        paper = {"id": f"consortium.{id}.basis", "kind": "basis", "filename": "认定文件.pdf", "subject": f"consortium/{id}"}
        body = {"documents": [paper["id"]]} | answer
        read = {"if_match": self.ask("get_consortium", actor, id=id)["etag"]}
        statement = self.bench.signers["documents"].statement({"documents": [paper]}, seconds=60)
        return self.tell(
            "confirm_import", actor, id=id, confirmation=ImportConfirmation().load(body), documents_statement=statement, **read
        )

    def enter_old(self, body: dict[str, Any]) -> dict[str, Any]:
        """Propose and confirm a consortium of the plan of 2021; return its entry in the register."""
        return self.answer_old(self.propose_old(body)["id"])

    # An application

    def start(self, call: str | None = None, actor: Actor | None = None, **changes: Any) -> dict[str, Any]:
        body = deepcopy(self.case["application"]) | changes
        if call:
            body["call_id"] = call
        return self.tell("start_application", actor or self.lead, application=ApplicationStart().load(body))

    def draft(self, call: str | None = None, **changes: Any) -> dict[str, Any]:
        """Create a draft in an open call; every organisation of the formation case has entered its data."""
        self.register_all()
        return self.start(call or self.open_call()["id"], **changes)

    def confirm_all(self, id: str) -> None:
        for member in self.members:
            self.tell("confirm_membership", member, id=id, decision="confirm")

    def confirm_all_of(self, id: str, members: list[dict[str, Any]]) -> None:
        """Let these members confirm the application, each through its own account."""
        for member in members:
            self.tell("confirm_membership", applicant(member["organisation"]), id=id, decision="confirm")

    def ready(self, **changes: Any) -> dict[str, Any]:
        """Create a draft that every member has confirmed, ready to be submitted."""
        draft = self.draft(**changes)
        self.confirm_all(draft["id"])
        return draft

    def submit(self, id: str, actor: Actor | None = None, **papers: Any) -> dict[str, Any]:
        statement = self.statement(id, **papers)
        return self.tell("submit_application", actor or self.lead, id=id, documents_statement=statement)

    def submitted(self, **changes: Any) -> dict[str, Any]:
        return self.submit(self.ready(**changes)["id"])

    def statement(self, id: str, *, lacking: tuple[str, ...] = (), agreement: str = "a" * 64, more: tuple[Any, ...] = ()) -> str:
        """Return a statement, signed by the documents service, that lists a document of every kind that the policy requires, each
        free of malware (`clean`), except the kinds in `lacking`."""
        listed = [
            {
                "id": self._papers.setdefault(f"{id}{kind}", f"application.{id}.{new_id()}"),
                "subject": f"application/{id}",
                "kind": kind,
                "filename": f"{kind}.pdf",
                "size": 1000,
                "sha256": agreement if kind == "agreement" else "b" * 64,
                "state": "clean",
            }
            for kind in (*PAPERS, "basis")
            if kind not in lacking
        ]
        return self.bench.signers["documents"].statement({"documents": [*listed, *more]}, seconds=60)

    def get(self, id: str, actor: Actor | None = None) -> dict[str, Any]:
        return self.ask("get_application", actor or self.lead, id=id)

    # Opinions of bureaus

    def opinion(self, type: str, application: dict[str, Any], stage: str, code: str, **data: Any) -> str:
        """Return the JSON text of a review event about the application, in the version that `application` has."""
        said = {
            "case": f"{code}-{application['id']}",
            "application": application["id"],
            "version": application["version"],
            "article": "A6(2)",
            **({} if type == "review.decided" else {"stage": stage}),
            **data,
        }
        return self.event(type, f"review.{code}", f"application/{application['id']}", said, bureau(code))

    def event(self, type: str, producer: str, subject: str, data: dict[str, Any], actor: Actor) -> str:
        event = Event(
            id=new_id(),
            type=type,
            version=1,
            occurred_at=self.clock.now(),
            producer=producer,
            subject=subject,
            bureau=actor.bureau or PROVINCE,
            recommender=None,
            sequence=1,
            actor=actor.stamp(),
            correlation_id="c",
            causation_id=None,
            data=data,
        )
        return event.to_json()

    def recommended(self, application: dict[str, Any]) -> None:
        self.bench.react(
            self.opinion(
                "review.recommended",
                application,
                "recommendation",
                application["recommender"],
                outcome="pass",
                opinion={"comment": "同意推荐", "signed_by": "chief"},
                next_stage="formal_check",
            )
        )

    def passed(self, application: dict[str, Any], stage: str, next_stage: str) -> None:
        self.bench.react(self.opinion("review.passed", application, stage, PROVINCE, next_stage=next_stage))

    def at_decision(self, **changes: Any) -> dict[str, Any]:
        """Create an application that was submitted, recommended, checked and scored, and waits for the decision."""
        application = self.submitted(**changes)
        self.recommended(application)
        self.passed(application, "formal_check", "expert_review")
        self.passed(application, "expert_review", "decision")
        return application

    def returned(self, application: dict[str, Any], stage: str = "recommendation", code: str | None = None) -> None:
        sections = [{"section": "operating_systems", "comment": "缺少决策机构章程"}]
        body = self.opinion(
            "review.returned",
            application,
            stage,
            code or application["recommender"],
            comment="请补充章程",
            sections=sections,
            signed_by="chief",
        )
        self.bench.react(body)

    def decided(self, application: dict[str, Any], outcome: str = "approve", waivers: tuple[Any, ...] = (), **more: Any) -> None:
        body = self.opinion(
            "review.decided",
            application,
            "decision",
            PROVINCE,
            outcome=outcome,
            reason="择优组建",
            waivers=list(waivers),
            signed_by="province-chief",
            **more,
        )
        self.bench.react(body)

    def told(self, type: str) -> list[dict[str, Any]]:
        """Return the data of every event of this type that the service has published so far."""
        self.bench.settle()
        bodies = [row.body for row in self.bench.bus.published if row.routing_key.rpartition(".")[0] == type]
        return [Event.from_json(body).data for body in bodies]

    def hold(self, type: str, id: str, subject: str) -> None:
        """Let the application service receive the documents service's event that a legal hold was placed or lifted."""
        self.bench.react(self.event(type, "documents", subject, {"hold": id, "subject": subject}, CHIEF))

    def sweep(self) -> list[str]:
        """Run all sweeps; return the outcome for each case, without those of the index of research directions, which every
        submission updates."""
        return [done["did"] for done in self.bench.runtime.sweep() if done["sweep"] != "directions"]
