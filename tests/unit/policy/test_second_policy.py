"""Another policy (thresholds, severities, rules, pipeline, documents, grades) runs without a change of code."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from services.policy import (
    DocumentFact,
    Facts,
    Policies,
    Policy,
    Standing,
    UnknownPolicy,
    blocking,
    eligible,
    evaluate,
    open_in_principle,
)
from tests.unit.policy.sample_facts import LEAD, TODAY, TRIAL, facts, figure, finding, lead, member

OTHER = Policy.from_toml(Path(__file__).with_name("second_policy.toml").read_text(encoding="utf-8"))


def case(inside: int = 5, universities: int = 2, total: int = 8, revenue: str = "200000000.00", **data: object) -> Facts:
    """Return the facts of a case that just passes the second policy: 5 of 8 units are in its province, 2 are universities."""
    kinds = ["enterprise"] * (total - universities) + ["university"] * universities
    regions = ["440100"] * inside + ["450100"] * (total - inside)
    first, *others = (member(n, kind=kind, region=region) for n, (kind, region) in enumerate(zip(kinds, regions, strict=True)))
    leader = lead(kind=first.kind, region=first.region, figures=(figure(2025, revenue),))
    sound = {"operating_systems": {"ethics_board": "已设立"}, "documents": (DocumentFact("pledge", "clean"),)}
    return facts(*others, lead=leader, **(sound | data))


def test_what_the_other_policy_accepts_the_trial_policy_does_not() -> None:
    assert {found.status for found in evaluate(OTHER, case())} == {"pass"}
    assert not eligible(evaluate(TRIAL, case()))


def test_what_the_trial_policy_accepts_the_other_does_not() -> None:
    findings = evaluate(OTHER, facts())

    assert [found.rule for found in blocking(findings)] == ["C5", "O1", "D1"]
    assert [found.rule for found in open_in_principle(findings)] == ["C3"]


@pytest.mark.parametrize(
    ("rule", "spoilt", "severity"),
    [
        ("C1", case(inside=4, universities=1, total=4), "mandatory"),
        ("C3", case(inside=4), "in_principle"),
        ("C5", case(universities=1), "mandatory"),
        ("L2", case(revenue="199999999.99"), "mandatory"),
        ("L6", case(standing={"LEAD": Standing(leads=2, joins=2)}), "mandatory"),
        ("O1", case(operating_systems={"decision_body": "已设立"}), "mandatory"),
        ("D1", case(documents=(DocumentFact("application_form", "clean"),)), "mandatory"),
    ],
)
def test_its_own_thresholds_and_severities_hold(rule: str, spoilt: Facts, severity: str) -> None:
    found = finding(rule, spoilt, OTHER)
    assert (found.status, found.severity) == ("fail", severity)


def test_its_own_age_of_figures_holds() -> None:
    last_year = case(as_of=date(2026, 7, 1), today=date(2026, 7, 1))
    assert finding("L2", last_year, OTHER).status == "pass"
    older = facts(lead=lead(figures=(figure(2024),)))
    assert finding("L2", older, OTHER).status == "needs_evidence"
    assert finding("L2", older, TRIAL).status == "pass"


def test_a_rule_it_does_not_have_is_not_evaluated() -> None:
    assert {found.rule for found in evaluate(OTHER, case())} == {"C1", "C3", "C5", "L2", "L6", "O1", "D1"}
    assert evaluate(OTHER, case(), groups={"M3", "I1"}) == ()


def test_its_own_process_is_read() -> None:
    assert [stage.name for stage in OTHER.pipeline("formation")] == ["formal_check", "decision"]
    assert OTHER.questions[0].stages == ("decision",)
    assert OTHER.deadlines.publicity_working_days == 0
    assert OTHER.annual_report.due.in_year(2026) == date(2026, 3, 31)
    assert OTHER.changes.notice_at_least_months == 3
    assert OTHER.evaluation.caps == {"top": Fraction(1, 8)}
    assert OTHER.measure("bonus").ceiling == Decimal("100000.00")
    assert OTHER.review_terms("formation").waivable == ["C3"]


def test_the_policy_in_force_is_the_one_that_took_effect_last() -> None:
    policies = Policies([OTHER, TRIAL])

    assert policies.refs() == ("guangxi_trial@1", "other_province@4")
    assert policies.in_force(date(2026, 6, 30)) == TRIAL
    assert policies.in_force(date(2026, 7, 1)) == OTHER
    with pytest.raises(UnknownPolicy):
        policies.in_force(date(2020, 1, 1))


def test_two_policies_side_by_side_judge_each_case_by_its_own() -> None:
    policies = Policies([TRIAL, OTHER])

    assert finding(
        "C1", Facts(as_of=TODAY, today=TODAY, lead="LEAD", units=(LEAD,)), policies.get("guangxi_trial@1")
    ).required == {"at_least": 8}
    assert finding("C1", case(), policies.get("other_province@4")).required == {"at_least": 5}
