"""What `make demo` shows holds on both shapes, and again on a platform where it was shown before."""

from __future__ import annotations

import pytest

from deploy.demo.__main__ import CASES
from deploy.demo.cases import judge, load_cases
from deploy.demo.life import play
from deploy.demo.people import People


def test_the_platform_judges_every_formation_case_as_the_regulation_demands(people: People) -> None:
    verdicts = judge(people, load_cases(CASES))
    assert [verdict.case["id"] for verdict in verdicts if not verdict.as_expected] == []


@pytest.mark.parametrize("time", ["first", "second"])
def test_one_consortiums_life_is_played_to_the_register(people: People, capsys: pytest.CaptureFixture[str], time: str) -> None:
    play(people)
    assert "GXCX-" in capsys.readouterr().out
