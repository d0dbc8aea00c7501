"""The Guangxi trial policy agrees with the regulation, and cites articles that exist."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from services.policy import Policies, Policy, spell_out
from tests.unit.policy.sample_facts import TRIAL

#: For the articles that have items (A4 to A6, A9, A14): the number of items, and the number of points of each item.
STRUCTURE: dict[int, list[int]] = {4: [0] * 4, 5: [0, 5, 5, 7], 6: [0] * 2, 7: [0] * 7, 9: [4, 2, 4, 2], 14: [0] * 8}

RULES = {
    "C1": ("in_principle", "A5(1)"),
    "C2": ("mandatory", "A5(1)"),
    "C3": ("mandatory", "A5(1)"),
    "C4": ("mandatory", "A5(1)"),
    "L1": ("mandatory", "A5(2)1"),
    "L2": ("in_principle", "A5(2)1"),
    "L3": ("in_principle", "A5(2)2"),
    "L4": ("mandatory", "A5(2)2"),
    "L5": ("in_principle", "A5(2)3"),
    "L6": ("in_principle", "A5(2)5"),
    "M1": ("mandatory", "A5(3)1, A4(4)"),
    "M2": ("mandatory", "A5(3)1"),
    "M3": ("in_principle", "A5(3)5"),
    **{f"O{number}": ("mandatory", f"A5(4){number}") for number in range(1, 8)},
    "D1": ("mandatory", "A6(1)"),
    "I1": ("in_principle", "A14(4)"),
}


def citations(value: Any) -> Iterator[str]:
    """Yield every citation of an article that occurs anywhere in a policy's document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from inner.split(", ") if key == "citation" else citations(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from citations(inner)


@pytest.mark.parametrize("citation", sorted(set(citations(TRIAL.to_dict()))))
def test_every_citation_exists_in_the_regulation(citation: str) -> None:
    match = re.fullmatch(r"A(\d+)(?:\((\d+)\)(\d+)?)?", citation)
    assert match is not None
    article, item, point = (int(part) if part else 0 for part in match.groups())
    assert 1 <= article <= 16
    if item:
        assert item <= len(STRUCTURE[article])
        assert point <= STRUCTURE[article][item - 1]


def test_the_rules_have_their_severity_and_article() -> None:
    assert {rule.id: (rule.severity, rule.citation) for rule in TRIAL.rules} == RULES


def test_the_questions_are_q1_to_q9_and_the_recommender_answers_them() -> None:
    assert [question.id for question in TRIAL.questions] == [f"Q{number}" for number in range(1, 10)]
    assert {question.stages for question in TRIAL.questions} == {("recommendation",)}


def test_the_ways_to_recognition() -> None:
    formation = TRIAL.pipeline("formation")

    assert [stage.name for stage in formation] == ["recommendation", "formal_check", "expert_review", "decision"]
    assert [stage.four_eyes for stage in formation] == [True, True, False, False]
    assert [(stage.name, stage.optional) for stage in TRIAL.pipeline("special_case")] == [
        ("expert_review", True),
        ("decision", False),
    ]


def test_the_years_after_recognition() -> None:
    assert TRIAL.deadlines.correction_window_days == 15
    assert TRIAL.deadlines.publicity_working_days == 5
    assert TRIAL.annual_report.cutoff.in_year(2026) == date(2026, 9, 30)
    assert TRIAL.annual_report.due.in_year(2026) == date(2026, 12, 31)
    assert TRIAL.annual_report.reminders_days == (60, 30, 7, 1)
    assert (TRIAL.evaluation.operation_years, TRIAL.evaluation.cycle_years, TRIAL.evaluation.rectification_years) == (3, 3, 1)
    assert [grade.grade for grade in TRIAL.evaluation.grades] == ["excellent", "good", "qualified", "rectify", "revoke"]
    assert TRIAL.evaluation.caps == {"excellent": Fraction(1, 5)}
    assert [ground.code for ground in TRIAL.grounds] == [*(f"A14({number})" for number in range(1, 9)), "A13"]
    assert [ground.code for ground in TRIAL.grounds if ground.proposed] == ["A14(1)", "A14(2)", "A14(4)", "A14(5)", "A13"]


def test_the_support_measures_and_their_limits() -> None:
    new, evaluated, talent = (
        TRIAL.measure(name) for name in ("special_project_new", "special_project_evaluated", "young_talent")
    )

    assert [measure.measure for measure in TRIAL.measures] == [
        "special_project_new",
        "special_project_evaluated",
        "programme",
        "strategy_study",
        "platform_endorsement",
        "talent_fast_channel",
        "talent_priority",
        "young_talent",
        "pay_policy",
        "staffing_policy",
        "financing_referral",
        "pilot",
    ]
    assert (new.in_total, new.ceiling, new.outside_project_limits) == (1, Decimal("5000000.00"), True)
    assert (evaluated.per_window, evaluated.grades, evaluated.priority) == (1, ("excellent", "good"), ("excellent",))
    assert (talent.per_round, talent.in_total, talent.beneficiaries) == (1, 5, "lead")


def test_a_measure_that_depends_on_a_grade_is_held_by_active_consortia_alone() -> None:
    assert all(measure.statuses == ("active",) for measure in TRIAL.measures if measure.grades)


def test_what_a_bureau_gets_of_the_policy_is_json_and_enough_for_its_case() -> None:
    part = json.loads(json.dumps(asdict(TRIAL.review_terms("formation"))))

    assert part["policy"] == "guangxi_trial@1"
    assert [stage["name"] for stage in part["pipeline"]] == ["recommendation", "formal_check", "expert_review", "decision"]
    assert [question["id"] for question in part["questions"]] == [f"Q{number}" for number in range(1, 10)]
    assert part["waivable"] == ["C1", "L2", "L3", "L5", "L6", "M3", "I1"]
    assert TRIAL.review_terms("special_case").questions == []


def test_the_built_in_policy_is_in_force() -> None:
    assert Policies.builtin().in_force(date(2026, 3, 1)) == TRIAL


@pytest.mark.parametrize(
    ("citation", "zh", "en"),
    [
        ("A8", "第八条", "Article 8"),
        ("A10", "第十条", "Article 10"),
        ("A14(4)", "第十四条第（四）项", "Article 14(4)"),
        ("A5(2)3", "第五条第（二）项第3目", "Article 5(2)3"),
        ("A5(3)1, A4(4)", "第五条第（三）项第1目、第四条第（四）项", "Article 5(3)1 and 4(4)"),
        ("A21(12)", "第二十一条第（十二）项", "Article 21(12)"),
    ],
)
def test_citations_are_spelt_out_for_readers(citation: str, zh: str, en: str) -> None:
    text = spell_out(citation)
    assert (text.zh, text.en) == (zh, en)


def test_a_measure_may_say_whether_it_asks_for_an_amount() -> None:
    # Given the trial policy, in which a support measure asks for an amount if it is decided and outside the project limits
    document = TRIAL.to_dict()
    assert {m.measure for m in TRIAL.measures if m.wants_amount} == {"special_project_new", "special_project_evaluated"}
    # When a new version of the policy states the opposite for two measures
    says = {"special_project_new": False, "financing_referral": True}
    for row in document["measures"]:
        row |= {"wants_amount": says[row["measure"]]} if row["measure"] in says else {}
    # Then the new statement applies to these two measures, and the others are unchanged
    changed = Policy.from_dict(document)
    assert {m.measure for m in changed.measures if m.wants_amount} == {"special_project_evaluated", "financing_referral"}
