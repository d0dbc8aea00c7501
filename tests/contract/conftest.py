"""The fixtures of the contract tests: the whole platform in this process, started once for each module, with the accounts and
cases that the tests need."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask, Response, g, has_request_context, request
from waitress import create_server

from deploy import composition
from deploy.demo.client import Server, until
from deploy.demo.formation import Formation, draft_body, open_call
from deploy.demo.invented import EIGHT, Organisation, consortium
from deploy.demo.oversight import PLAN_OF_2021, Calendar, Change, Member, Participation, notice, publish
from deploy.demo.people import People
from deploy.embedded.host import Embedded
from deploy.embedded.run import finish
from deploy.local_services.local_service import free_ports
from gateway.serve import application
from services.kernel.clock import local_date, real_now
from services.kernel.messaging.rpc import Caller
from services.kernel.settings import Settings
from tests.contract.personas import Cast


@dataclass(frozen=True, slots=True)
class Given:
    """One response of the gateway: its route, status and content, and the number of requests to services (`asked`) that it
    needed."""

    route: str
    method: str
    status: int
    media_type: str
    body: bytes
    asked: int = 0


class Counting:
    """A bus client that counts, for each HTTP request, the requests that the gateway sends to the services."""

    def __init__(self, host: Embedded) -> None:
        self._host = host

    def send(self, queue: str, body: bytes, timeout: float) -> bytes:
        if has_request_context():
            g.asked = g.get("asked", 0) + 1
        return self._host.send(queue, body, timeout)


@dataclass(frozen=True, slots=True)
class Running:
    """The gateway's application, clients for its HTTP server, and every response that the gateway has given to a known route."""

    app: Flask
    people: People
    given: list[Given]
    host: Embedded


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder: Path = tmp_path_factory.mktemp("platform")
    http = f"127.0.0.1:{free_ports(['http'])['http']}"
    settings = Settings(http=http, var=str(folder), seed="demo", rate_limit="0")
    composition.make_keys(settings)
    composition.migrate_all(settings)
    host = Embedded.of(settings)
    app = application(Caller(Counting(host), composition.signer("gateway", settings)), host.runtimes["gateway"], settings)
    given: list[Given] = []

    @app.after_request
    def remember(response: Response) -> Response:
        if request.url_rule and not response.direct_passthrough:
            route, body = request.url_rule.rule, response.get_data()
            asked = g.get("asked", 0)
            given.append(Given(route, request.method, response.status_code, response.mimetype, body, asked))
        return response

    server = create_server(app, listen=settings.http, threads=4)
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    host.start()
    accounts = json.loads((folder / "accounts.json").read_text(encoding="utf-8"))
    yield Running(app, People(Server(settings.public_url), accounts), given, host)
    finish(server, serving)
    host.stop()


@pytest.fixture(scope="module")
def formation(running: Running) -> Formation:
    """Return an application that waits for Liuzhou's bureau."""
    people = running.people
    case = Formation.complete(people, str(open_call(people)["id"]))
    case.submit()
    case.review(case.recommender, "recommendation")
    return case


@pytest.fixture(scope="module")
def cast(running: Running, formation: Formation) -> Cast:
    """Return the personas and the objects that the access tables name: the formation application, and objects of a consortium
    with the same units that was entered as recognised under the plan of 2021."""
    people, units = running.people, formation.units
    calendar = Calendar(people)
    rectifying = _rectifying(people, units, calendar)
    member = Member.imported(people, units)
    participation = Participation(member, notice(calendar, title="评估"))
    asked = {"consortium": member.id, "matter": "协调用地", "asked_of": formation.recommender}
    seen = {"consortium": member.id, "inspected_on": "2026-01-01", "result": "good", "findings": "运行正常"}
    wanted = {"measure": "strategy_study", "reason": "参与指南编制"}
    next_version = people.officer().get("/policies/guangxi_trial@1")["document"] | {"version": 2}
    happened = {"kind": "breakthrough", "title": "突破", "detail": "通过鉴定", "occurred_on": "2026-01-01"}
    document = formation.lead.get("/documents", subject=formation.subject)["items"][0]
    registration = {
        "uscc": "91450200MA5KAAAA09",
        "name": "柳州示例智能装备有限公司",
        "region": "450203",
        "kind": "enterprise",
        "contact": {"name": "示例联系人", "phone": "0772-0000000"},
        "username": "asks-for-an-account",
        "password": "correct horse",
    }
    record = {"uscc": "91450200MA5KAAAA09", "reason": "失信", "recorded_on": "2026-01-01"}
    registered = people.server.ask("POST", "/registrations", body=registration)
    formation.lead.put(f"/me/working-copies/application/{formation.id}", {"content": {"name": "改名中"}})
    things = {
        "form": "application",
        "page": "1",
        "certificate": member.lead.get(f"/consortia/{member.id}")["number"],
        "account": "portal",
        "appointment": _appointed(people, formation.recommender),
        "application": formation.id,
        "call": formation.read()["call_id"],
        "change": Change.reported(member, "name", date(2030, 1, 1), detail={"name": "新名"}).subject.partition("/")[2],
        "consortium": member.id,
        "departure": people.applicant(units[1]["uscc"]).post(f"{member.path}/departures", {"reason": "业务调整"})["id"],
        "document": document["id"],
        "evaluation": participation.round["id"],
        "participation": participation.subject.partition("/")[2],
        "record": people.officer().post("/integrity-records", {"records": [record]})["ids"][0],
        "rectification": rectifying.rectification()["id"],
        "support": member.lead.post(f"{member.path}/support-requests", wanted)["id"],
        "year": str(calendar.today.year),
        "city": "450200",
        "reviewer": people.role("expert").username,
        "revocation": rectifying.revoke("A14(7)")["id"],
        "hold": people.chief().post("/legal-holds", {"subject": formation.subject, "reason": "诉讼"})["id"],
        "inspection": people.officer(formation.recommender).post("/inspections", seen)["id"],
        "major_matter": member.lead.post(f"{member.path}/major-matters", happened)["id"],
        "matter": people.officer(formation.recommender).post("/coordination-items", asked)["id"],
        "notification": until(lambda: next(formation.lead.all("/notifications"), None), "the lead being told")["id"],
        "organisation": units[0]["uscc"],
        "policy": people.officer().post("/policies", {"document": next_version})["policy"],
        "registration": registered["id"],
        "receipt": registered["receipt"],
        "review": formation.review(formation.recommender, "recommendation"),
        "special_case": _special(people),
        "proposal": _proposed(people),
        "webhook": people.role("portal").post("/webhooks", {"url": "https://portal.invalid/in", "types": ["*"]})["id"],
    }
    return Cast(people, formation, things)


def _special(people: People) -> str:
    """Create a special case that the province has opened and not yet submitted (A8); return its id."""
    units = consortium(EIGHT)
    basis = {"text": "专题会议纪要。"}
    return str(people.officer().post("/applications", draft_body(units, channel="special_case", basis=basis))["id"])


def _proposed(people: People) -> str:
    """Create a consortium of the plan of 2021 that an officer has proposed and no chief has confirmed (A16); return its id."""
    units = consortium(EIGHT)
    members = [{"organisation": unit["uscc"], "name": unit["name"], "tier": "close"} for unit in units[1:]]
    grade = {"grade": "good", "issued_on": "2025-03-01", "published_on": "2025-09-10"}
    use = {"measure": "special_project_new", "used_on": "2023-11-01", "amount": "3000000.00"}
    body = {
        "name": "补录联合体",
        "field": "糖业",
        "recognised_on": PLAN_OF_2021.isoformat(),
        "recommender": "450200",
        "lead": units[0]["uscc"],
        "lead_name": units[0]["name"],
        "members": members,
        "history": {"grades": [grade], "support": [use]},
    }
    return str(people.officer().post("/consortia", body)["id"])


def _appointed(people: People, bureau: str) -> str:
    """Create the appointment of a bureau's officer as acting chief, which begins in 30 days; return its id."""
    day = (local_date(real_now()) + timedelta(days=30)).isoformat()
    body = {"account": people.officer(bureau).username, "from": day, "until": day, "reason": "出差"}
    return str(people.chief(bureau).post("/acting-chiefs", body)["id"])


def _rectifying(people: People, units: list[Organisation], calendar: Calendar) -> Member:
    """Create a consortium of these units that is in rectification because of its grade in an earlier round; return it."""
    member = Member.imported(people, units)
    part = Participation(member, notice(calendar, title="上一轮评估"))
    part.hand_in()
    part.scored((61, 62, 63))
    part.grade("rectify")
    publish(people, part.round)
    return member
