"""A wrong policy document is refused with the place of the mistake; a correct one is unchanged after it was stored and sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from services.policy import Policies, Policy, PolicyError, UnknownPolicy
from tests.unit.policy.sample_facts import TRIAL

Document = dict[str, Any]


def rule(document: Document, rule_id: str) -> Document:
    return next(row for row in document["rules"] if row["id"] == rule_id)


def drop(table: Document, key: str) -> None:
    del table[key]


MISTAKES: list[tuple[str, Callable[[Document], Any]]] = [
    ("title.en", lambda d: drop(d["title"], "en")),
    ("version", lambda d: d.update(version=0)),
    ("version", lambda d: d.update(version=True)),
    ("effective_from", lambda d: d.update(effective_from="2024-13-01")),
    ("effective_from", lambda d: d.update(effective_from=20240101)),
    ("colour", lambda d: d.update(colour="red")),
    ("rules", lambda d: d.update(rules=[])),
    ("rules[0].id", lambda d: drop(d["rules"][0], "id")),
    ("rules[C1]", lambda d: d["rules"].append(dict(d["rules"][0]))),
    ("rules[C1].citation", lambda d: drop(rule(d, "C1"), "citation")),
    ("rules[C1].citation", lambda d: rule(d, "C1").update(citation="A17")),
    ("rules[C1].citation", lambda d: rule(d, "C1").update(citation="article 5")),
    ("rules[C1].citation", lambda d: rule(d, "C1").update(citation="")),
    ("rules[C1].severity", lambda d: rule(d, "C1").update(severity="optional")),
    ("rules[C1].group", lambda d: rule(d, "C1").update(group="Z")),
    ("rules[C1].check", lambda d: rule(d, "C1").update(check="guess")),
    ("rules[C1].params.minimum", lambda d: drop(rule(d, "C1")["params"], "minimum")),
    ("rules[C1].params.minimum", lambda d: rule(d, "C1")["params"].update(minimum="8")),
    ("rules[C1].params.minimum", lambda d: rule(d, "C1")["params"].update(minimum=-1)),
    ("rules[C1].params.maximum", lambda d: rule(d, "C1")["params"].update(maximum=9)),
    ("rules[C3].params.minimum", lambda d: rule(d, "C3")["params"].update(minimum="130%")),
    ("rules[C3].params.minimum", lambda d: rule(d, "C3")["params"].update(minimum=0.3)),
    ("rules[C3].params.minimum", lambda d: rule(d, "C3")["params"].update(minimum="thirty")),
    ("rules[C3].needs", lambda d: drop(rule(d, "C3"), "needs")),
    ("rules[C1].needs", lambda d: rule(d, "C1").update(needs={"zh": "缺", "en": "missing"})),
    ("rules[L2].params.minimum", lambda d: rule(d, "L2")["params"].update(minimum=1000000000.0)),
    ("rules[L2].params.minimum", lambda d: rule(d, "L2")["params"].update(minimum="1000000000")),
    ("rules[L4].params.levels", lambda d: rule(d, "L4")["params"].update(levels=["national", "national"])),
    ("rules[L4].params.levels", lambda d: rule(d, "L4")["params"].update(levels="national")),
    ("rules[C1].finding.en", lambda d: rule(d, "C1")["finding"].update(en="{nonsense} units")),
    ("rules[C1].finding.en", lambda d: rule(d, "C1")["finding"].update(en="{count.real} units")),
    ("rules[C1].finding.en", lambda d: rule(d, "C1")["finding"].update(en="{count:999999999}")),
    ("rules[C1].finding.en", lambda d: rule(d, "C1")["finding"].update(en="{count!r}")),
    ("rules[C1].finding.en", lambda d: rule(d, "C1")["finding"].update(en="{}")),
    ("rules[C1].finding.zh", lambda d: rule(d, "C1")["finding"].update(zh="{count 个单位")),
    ("rules[C1].remedy.zh", lambda d: rule(d, "C1")["remedy"].update(zh=" ")),
    ("questions[Q3].id", lambda d: d["pipelines"]["formation"][0]["questions"].remove("Q3")),
    ("pipelines.formation[recommendation].questions", lambda d: d["pipelines"]["formation"][0]["questions"].append("Q10")),
    ("pipelines.formation[lottery].name", lambda d: d["pipelines"]["formation"][0].update(name="lottery")),
    ("pipelines.formation[recommendation].level", lambda d: d["pipelines"]["formation"][0].update(level="county")),
    ("pipelines.formation[decision].outcomes", lambda d: d["pipelines"]["formation"][3].update(outcomes=["maybe"])),
    ("pipelines.formation[decision].outcomes", lambda d: d["pipelines"]["formation"][3].update(outcomes=[])),
    ("pipelines.formation[decision].four_eyes", lambda d: d["pipelines"]["formation"][3].update(four_eyes="yes")),
    ("pipelines.formation[decision]", lambda d: d["pipelines"]["formation"].append(dict(d["pipelines"]["formation"][3]))),
    ("pipelines.formation", lambda d: d["pipelines"]["formation"].pop()),
    ("pipelines.special_case", lambda d: drop(d["pipelines"], "special_case")),
    ("pipelines.change", lambda d: d["pipelines"].update(change=[])),
    ("required_documents[basis].cases", lambda d: d["required_documents"][10].update(cases=[])),
    ("deadlines.statement_days", lambda d: drop(d["deadlines"], "statement_days")),
    ("annual_report.due", lambda d: d["annual_report"].update(due="02-29")),
    ("annual_report.reminders_days", lambda d: d["annual_report"].update(reminders_days=[60, "30"])),
    ("annual_report.overdue_reminder_every_days", lambda d: d["annual_report"].update(overdue_reminder_every_days=0)),
    ("evaluation.caps.brilliant", lambda d: d["evaluation"]["caps"].update(brilliant="20%")),
    ("evaluation.grades", lambda d: d["evaluation"]["grades"].reverse()),
    ("measures[programme].grades", lambda d: d["measures"][2].update(grades=["brilliant"])),
    ("measures[programme].handling", lambda d: d["measures"][2].update(handling="by mood")),
    ("measures[special_project_new].ceiling", lambda d: d["measures"][0].update(ceiling=5000000)),
    ("measures[special_project_new].in_total", lambda d: d["measures"][0].update(in_total=0)),
    ("evaluation", lambda d: d.update(evaluation=[])),
]


@pytest.mark.parametrize(("path", "spoil"), MISTAKES, ids=[f"{n}-{path}" for n, (path, _) in enumerate(MISTAKES)])
def test_a_mistake_is_refused_and_its_place_is_named(path: str, spoil: Callable[[Document], Any]) -> None:
    document = TRIAL.to_dict()
    spoil(document)

    with pytest.raises(PolicyError) as refused:
        Policy.from_dict(document)

    assert refused.value.path == path
    assert refused.value.text.zh
    assert refused.value.text.en


def test_what_is_no_toml_is_refused() -> None:
    with pytest.raises(PolicyError, match="not TOML"):
        Policy.from_toml("id = ")


def test_a_policy_survives_being_stored_and_sent_as_json() -> None:
    assert Policy.from_dict(json.loads(json.dumps(TRIAL.to_dict()))) == TRIAL


def test_changing_a_document_afterwards_does_not_change_the_policy() -> None:
    document = TRIAL.to_dict()
    policy = Policy.from_dict(document)

    rule(document, "C1")["params"]["minimum"] = 1
    rule(policy.to_dict(), "C1")["params"]["minimum"] = 1

    assert policy == TRIAL


def test_a_version_can_be_learnt_twice_but_not_rewritten() -> None:
    policies = Policies.builtin()
    policies.add(Policy.from_dict(TRIAL.to_dict()))
    rewritten = TRIAL.to_dict()
    rule(rewritten, "C1")["params"]["minimum"] = 1

    with pytest.raises(PolicyError):
        policies.add(Policy.from_dict(rewritten))

    assert policies.get("guangxi_trial@1") == TRIAL


def test_an_unknown_reference_says_what_is_known() -> None:
    with pytest.raises(UnknownPolicy, match=r"no policy 'guangxi_trial@9'; known: guangxi_trial@1"):
        Policies.builtin().get("guangxi_trial@9")


def test_what_a_policy_does_not_have_is_refused() -> None:
    for ask in (lambda: TRIAL.rule("X1"), lambda: TRIAL.measure("X1"), lambda: TRIAL.pipeline("X1")):
        with pytest.raises(PolicyError):
            ask()
