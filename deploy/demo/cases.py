"""Evaluate formation cases on the platform: enter organisations and a draft, request the verdict, and compare it with the
expected one."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from deploy.demo.client import Account, Refused
from deploy.demo.formation import open_call, put_organisation
from deploy.demo.invented import renewed
from deploy.demo.narration import show, table
from deploy.demo.oversight import Calendar
from deploy.demo.people import PROVINCE, People
from services.contracts.payload import JsonObject

Case = JsonObject
#: The groups of rules that an expected verdict covers; the rules about documents and confirmations are left out.
GROUPS = ("C", "L", "O", "M2")
#: The year for which the cases are written: their figures end the year before.
WRITTEN_FOR = 2026
#: The error codes with which the platform refuses an application that contains a unit twice.
REFUSED_TWICE = {"member_twice", "lead_among_members"}
MARKS = {"mandatory": "!", "in_principle": "~"}
WORDS = {True: "符合 eligible", False: "不符合 ineligible"}
#: The number of cases that are entered concurrently.
CLERKS = 4


@dataclass(frozen=True, slots=True)
class Verdict:
    """The platform's result for a case: the failing rules, each with its severity and citation, and the rules that lack
    evidence."""

    case: Case
    eligible: bool
    failing: dict[str, tuple[str, str]]
    lacking: tuple[str, ...]

    @property
    def as_expected(self) -> bool:
        expected = self.case["expect"]
        expected_failures = {(row["rule"], row["severity"]) for row in expected["fail"]}
        lacking = set(expected.get("needs_evidence", self.lacking))
        actual_failures = {(rule, severity) for rule, (severity, _) in self.failing.items()}
        return (self.eligible, actual_failures, set(self.lacking)) == (expected["eligible"], expected_failures, lacking)


def load_cases(folder: Path) -> list[Case]:
    """Return every case of a folder, by file name. Raises FileNotFoundError if there is none."""
    files = sorted(folder.glob("*.json"))
    if not files:
        raise FileNotFoundError(f"{folder}: no formation cases (*.json) here")
    return [json.loads(path.read_text(encoding="utf-8")) for path in files]


def judge(people: People, cases: Sequence[Case]) -> list[Verdict]:
    """Return the platform's verdict on each case, in their order. The years in the cases are shifted to the platform's date,
    because that date determines which fiscal years have ended."""
    year = Calendar(people).today.year
    call = open_call(people, title="组建申报通知（样例核对）", opens_at=f"{year}-01-01T00:00:00+08:00")["id"]
    cases = [_shifted(case, year - WRITTEN_FOR) for case in cases]
    clerks = [people.new(["officer"], bureau=PROVINCE, name="信息录入员") for _ in range(CLERKS)]
    with ThreadPoolExecutor(CLERKS) as pool:
        return list(pool.map(lambda item: _judge(people, clerks[item[0] % CLERKS], call, item[1]), enumerate(cases)))


def _judge(people: People, clerk: Account, call: str, case: Case) -> Verdict:
    case = _with_new_codes(case)
    for organisation in case["organisations"]:
        put_organisation(clerk, organisation)
    lead = people.applicant(case["application"]["lead"])
    refused, draft = _enter_draft(lead, {"call_id": call, **case["application"]})
    eligibility = lead.get(f"/applications/{draft['id']}/eligibility")
    rows = [row for row in eligibility["findings"] if row["rule"].startswith(GROUPS)]
    failing = {row["rule"]: (row["severity"], row["citation"]) for row in rows if row["status"] == "fail"} | refused
    lacking = tuple(row["rule"] for row in rows if row["status"] == "needs_evidence")
    return Verdict(case, eligibility["eligible"] and not refused, failing, lacking)


def _enter_draft(lead: Account, application: JsonObject) -> tuple[dict[str, tuple[str, str]], JsonObject]:
    """Enter the draft application, and return the rules by which the platform first refused it together with the application. A
    unit that is entered twice fails C2 before a draft exists; the unit is then entered once, as a lead would do after the
    refusal."""
    try:
        return {}, lead.post("/applications", application)
    except Refused as refusal:
        if not refusal.pointers or not set(refusal.pointers.values()) <= REFUSED_TWICE:
            raise
    codes = [member["organisation"] for member in application["members"]]
    named_once = [
        member
        for index, member in enumerate(application["members"])
        if member["organisation"] != application["lead"] and member["organisation"] not in codes[:index]
    ]
    return {"C2": ("mandatory", "A5(1)")}, lead.post("/applications", application | {"members": named_once})


def _shifted(case: Case, years: int) -> Case:
    """Return the case shifted by some years: its fiscal years, foundation dates and operating periods."""
    shifted: Case = copy.deepcopy(case)
    for organisation in shifted["organisations"]:
        for figure in organisation.get("figures", []):
            figure["year"] += years
        for holder, name in ((organisation, "founded_on"), (organisation.get("operating_period") or {}, "since")):
            if holder.get(name):
                day = date.fromisoformat(holder[name])
                holder[name] = day.replace(year=day.year + years).isoformat()
    return shifted


def _with_new_codes(case: Case) -> Case:
    """Return the case with unused social credit codes, so that it can be evaluated several times on the same platform."""
    text = json.dumps(case, ensure_ascii=False)
    members = [member["organisation"] for member in case["application"]["members"]]
    for code in {case["application"]["lead"], *members, *(unit["uscc"] for unit in case["organisations"])}:
        text = text.replace(code, renewed(code))
    renewed_case: Case = json.loads(text)
    return renewed_case


def print_verdicts(verdicts: Sequence[Verdict]) -> None:
    """Print one line per case: the verdict, the failing rules with severity and article, and whether the result was expected."""
    rows = []
    for verdict in verdicts:
        failing = [f"{rule}{MARKS[severity]} {citation}" for rule, (severity, citation) in verdict.failing.items()]
        failing_rules = "  ".join([*failing, *(f"{rule}?" for rule in verdict.lacking)])
        expected = " ".join([WORDS[verdict.case["expect"]["eligible"]], *(row["rule"] for row in verdict.case["expect"]["fail"])])
        agreement = "✓" if verdict.as_expected else f"✗ 应为 {expected}"
        rows.append((verdict.case["id"], WORDS[verdict.eligible], failing_rules or "—", agreement))
    table(("案例 case", "结论 verdict", "未通过的规则 failing rules", "预期 expected"), rows)
    show("! 强制 mandatory   ~ 原则上 in principle   ? 待证明 evidence missing")
