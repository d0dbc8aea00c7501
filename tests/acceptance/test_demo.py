"""The first part of `make demo` runs on both shapes of the platform (embedded and cluster), and each formation case ends as the
regulation demands."""

from __future__ import annotations

from deploy.demo.__main__ import CASES
from deploy.demo.cases import judge, load_cases
from deploy.demo.people import People


def test_the_platform_judges_every_formation_case_as_the_regulation_demands(people: People) -> None:
    verdicts = judge(people, load_cases(CASES))
    assert [verdict.case["id"] for verdict in verdicts if not verdict.as_expected] == []
