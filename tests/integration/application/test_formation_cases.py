"""For every formation case, entered as organisations and a draft, the service gives the findings that the case file expects."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from services.kernel.errors import Invalid
from tests.examples.cases import FORMATION, load_cases
from tests.integration.application.scenario import World, refused

FOLDERS = [FORMATION, *(Path(folder) for folder in [os.environ.get("GUICHUANG_CASES")] if folder)]
ALL = [case for folder in FOLDERS for case in load_cases(folder)]


def _lists_twice(case: dict[str, Any]) -> bool:
    application = case["application"]
    codes = [application["lead"], *(member["organisation"] for member in application["members"])]
    return len(set(codes)) < len(codes)


@pytest.fixture(scope="module")
def crowd(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    path = tmp_path_factory.mktemp("cases") / "application.db"
    shutil.copy(migrated, path)
    return World(path)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case["id"])
def test_a_case_gets_its_findings(crowd: World, case: dict[str, Any]) -> None:
    # Given the organisations of a formation case, and a call that opened on 1 March 2026
    crowd.enter(case)
    crowd.register_all()
    call = crowd.open_call()["id"]
    # When the lead of the case starts the application, which is refused if the case lists one unit twice
    if _lists_twice(case):
        refused(Invalid, lambda: crowd.start(call), "invalid_application")
        return
    draft = crowd.start(call)
    # Then the pre-check (the `eligibility` query) finds the failing rules that the case file expects, of the groups C, L and O
    # and of M2
    answer = crowd.ask("eligibility", crowd.lead, id=draft["id"])
    failing = [
        {"rule": finding["rule"], "severity": finding["severity"]}
        for finding in answer["findings"]
        if finding["status"] == "fail" and (finding["group"] in "CLO" or finding["rule"] == "M2")
    ]
    assert {"eligible": answer["eligible"], "fail": failing} == {name: case["expect"][name] for name in ("eligible", "fail")}
