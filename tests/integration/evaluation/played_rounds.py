"""Functions that carry out evaluation rounds for the tests."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from typing import Any

from services.contracts.evaluation.rounds import Notice, RoundReport
from services.kernel.clock import end_of_day, start_of_day
from services.kernel.identity import Actor
from services.kernel.testing import ServiceHarness
from services.policy import Policies, Policy
from tests.integration.evaluation.scenario import (
    CITY,
    LEAD,
    PROVINCE_CHIEF,
    PROVINCE_OFFICER,
    approve,
    recognise_in,
    say,
    swept,
    to,
)

SECTIONS = dict.fromkeys(("project_execution", "budget", "management", "cooperation"), "按期完成。")
PATENT = {"kind": "patent", "identifier": "ZL 2024 1 0123456.7", "title": "一种甘蔗收割装置", "achieved_on": "2025-03-01"}


def policies(**change: dict[str, Any]) -> Policies:
    """Return the built-in policy alone, with changed values: `deadlines={"statement_days": 1}` changes one value of its table
    `deadlines`."""
    document = deepcopy(Policies.builtin().get("guangxi_trial@1").to_dict())
    for table, members in change.items():
        document[table] |= members
    return Policies([Policy.from_dict(document)])


def notice(bench: ServiceHarness, **change: Any) -> dict[str, Any]:
    """Issue an evaluation notice today: reports can be submitted for 60 days, and outcomes since 1 January three years ago
    count."""
    today = bench.clock.today()
    body = {
        "title": f"{today.year} 年度评估",
        "issued_on": today.isoformat(),
        "window": {
            "opens_at": start_of_day(today).isoformat(),
            "closes_at": end_of_day(today + timedelta(days=60)).isoformat(),
        },
        "period": {"from": f"{today.year - 3}-01-01", "to": today.isoformat()},
    } | change
    return bench.tell("issue_notice", PROVINCE_CHIEF, notice=Notice().load(body))


def lead_of(place: int) -> tuple[Actor, dict[str, Any]]:
    """Return a lead that is different for each number `place`: an applicant's account, and the organisation's code and name."""
    uscc = f"91450200MA5KA{place:05d}"
    return Actor(f"lead-{place}", ("applicant",), organisation=uscc), {"uscc": uscc, "name": f"牵头单位{place}"}


def led(bench: ServiceHarness, place: int, **change: Any) -> tuple[str, Actor]:
    """Create a consortium with the lead number `place`, recognised on 2023-01-01 unless `change` says otherwise; return the
    consortium's id and the lead's account."""
    actor, named = lead_of(place)
    id = recognise_in(bench)(**{"recognised_on": "2023-01-01", "lead": named, "units": [named | {"tier": None}]} | change)
    return id, actor


def part(bench: ServiceHarness, round: str, consortium: str, actor: Actor = PROVINCE_OFFICER) -> dict[str, Any]:
    return bench.ask("get_participant", actor, id=round, consortium=consortium)


def participants(bench: ServiceHarness, round: str) -> dict[str, bool]:
    """Return the participants of a round: id of the consortium → whether it must take part."""
    items = bench.ask("list_participants", PROVINCE_OFFICER, id=round, limit=200)["items"]
    return {item["consortium"]["id"]: item["mandatory"] for item in items}


def write(bench: ServiceHarness, round: str, consortium: str, *outcomes: dict[str, Any], lead: Actor = LEAD) -> dict[str, Any]:
    report = RoundReport().load({"sections": SECTIONS, "outcomes": list(outcomes)})
    return bench.tell("write_report", lead, id=round, consortium=consortium, report=report)


def submit(bench: ServiceHarness, round: str, consortium: str, *outcomes: dict[str, Any], lead: Actor = LEAD) -> str:
    """Write and submit a lead's report in a round; return the participation's id."""
    write(bench, round, consortium, *outcomes, lead=lead)
    answer = bench.tell("submit_report", lead, id=round, consortium=consortium, documents_statement=None)
    return str(answer["id"])


def opined(bench: ServiceHarness, id: str, type: str, bureau: str, stage: str, next_stage: str | None, **data: Any) -> None:
    said = {"case": f"{bureau}-1", "version": 1, "stage": stage, "next_stage": next_stage, "article": "A13"} | data
    say(bench, type, f"review.{bureau}", f"participation/{id}", said)


def scored(bench: ServiceHarness, id: str, score: str = "85") -> None:
    """Publish the events of all reviews of a submitted report: recommendation, material check, and expert review with its
    score."""
    opined(bench, id, "review.recommended", CITY, "recommendation", "material_check")
    opined(bench, id, "review.passed", "450000", "material_check", "expert_review")
    opined(bench, id, "review.passed", "450000", "expert_review", None, score=score, spread="2", scores=3)


def graded(
    bench: ServiceHarness, round: str, consortium: str, grade: str, score: str, *outcomes: dict[str, Any], lead: Actor = LEAD
) -> str:
    """Submit a report, let it be reviewed and give it a grade, which is not public yet; return the participation's id."""
    id = submit(bench, round, consortium, *outcomes, lead=lead)
    scored(bench, id, score)
    approve(bench, "grade_participation", PROVINCE_CHIEF, id=round, consortium=consortium, grade=grade, score=score)
    return id


def published(bench: ServiceHarness, round: str) -> None:
    """Publish the grades of a round, and let the sweep put them into effect thirty days later."""
    approve(bench, "publish_grades", PROVINCE_CHIEF, id=round)
    to(bench, bench.clock.today() + timedelta(days=30))
    swept(bench, "grade_publicity")


def ask_deferral(bench: ServiceHarness, round: str, consortium: str, reason: str = "厂区搬迁", lead: Actor = LEAD) -> None:
    bench.tell("ask_deferral", lead, id=round, consortium=consortium, reason=reason, documents=[], documents_statement=None)


def answer_deferral(bench: ServiceHarness, round: str, consortium: str, outcome: str = "grant", reason: str = "情况属实") -> Any:
    return approve(bench, "answer_deferral", PROVINCE_CHIEF, id=round, consortium=consortium, outcome=outcome, reason=reason)


def stated(bench: ServiceHarness, id: str, subject: str, kind: str = "evidence") -> str:
    """Return a statement, signed by the documents service, about one document of the subject."""
    documents = [{"id": id, "kind": kind, "filename": f"{kind}.pdf", "subject": subject}]
    return bench.signers["documents"].statement({"documents": documents}, seconds=60)


def on(bench: ServiceHarness, day: date) -> None:
    """Move the clock to a day, and run all sweeps."""
    to(bench, day)
    swept(bench)
