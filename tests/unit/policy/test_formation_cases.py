"""Every formation case gives exactly the findings that it expects.

The cases in the repository always run; if GUICHUANG_CASES names a folder, its cases run too.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from services.policy import Policies, eligible, evaluate, is_valid_uscc
from tests.examples import generate_cases
from tests.examples.cases import FORMATION, facts_of, load_cases

POLICY = Policies.builtin().get("guangxi_trial@1")
FOLDERS = [FORMATION, *(Path(folder) for folder in [os.environ.get("GUICHUANG_CASES")] if folder)]
CASES = [pytest.param(case, id=f"{folder.name}-{case['id']}") for folder in FOLDERS for case in load_cases(folder)]


@pytest.mark.parametrize("case", CASES)
def test_a_case_gives_the_findings_it_expects(case: dict[str, Any]) -> None:
    findings = evaluate(POLICY, facts_of(case), groups={"C", "L", "O", "M2"})

    failed = [{"rule": finding.rule, "severity": finding.severity} for finding in findings if finding.status == "fail"]
    assert sorted(failed, key=str) == sorted(case["expect"]["fail"], key=str)
    assert eligible(findings) is case["expect"]["eligible"]
    if "needs_evidence" in case["expect"]:
        assert [f.rule for f in findings if f.status == "needs_evidence"] == case["expect"]["needs_evidence"]


def test_the_files_are_what_the_generator_writes() -> None:
    written = {path.stem: path.read_text(encoding="utf-8") for path in FORMATION.glob("*.json")}
    assert written == {case["id"]: generate_cases.text_of(case) for case in generate_cases.cases()}


def test_no_two_cases_share_an_organisation_and_every_code_is_valid() -> None:
    codes = [organisation["uscc"] for case in load_cases() for organisation in case["organisations"]]
    assert len(codes) == len(set(codes))
    assert all(is_valid_uscc(code) for code in codes)


def test_the_cases_fail_and_pass_every_rule_they_speak_of() -> None:
    failing = {row["rule"] for case in load_cases() for row in case["expect"]["fail"]}
    assert failing == set(generate_cases.SEVERITIES) - {"L6"}, "L6 depends on other consortia, which a case does not hold"
