"""The second part of `make demo` runs on both shapes of the platform (embedded and cluster), and a second time on a platform on
which it has run before."""

from __future__ import annotations

import pytest

from deploy.demo.life import play
from deploy.demo.people import People
from deploy.demo.years import play_years
from tests.acceptance.conftest import SHAPES


def test_one_consortiums_life_is_played_to_the_register_and_through_the_years(
    people: People, capsys: pytest.CaptureFixture[str]
) -> None:
    plays_to_its_end(people, capsys)


@pytest.mark.parametrize("people", SHAPES[:1], indirect=True, scope="session")
def test_it_is_played_again_on_a_platform_on_which_it_has_run_before(people: People, capsys: pytest.CaptureFixture[str]) -> None:
    plays_to_its_end(people, capsys)


def plays_to_its_end(people: People, capsys: pytest.CaptureFixture[str]) -> None:
    play_years(play(people))
    told = capsys.readouterr().out
    assert "GXCX-" in told
    assert told.count("✗") >= 8, "what must be refused is refused"
    # After every step the output gives the address of the console's page that shows the step
    lines = told.splitlines()
    steps = [place for place, line in enumerate(lines) if line.startswith("●")]
    pages = [place for place, line in enumerate(lines) if line.startswith("  ↗ ")]
    assert len(steps) == len(pages) > 60
    assert all(0 < page - step <= 2 for step, page in zip(steps, pages, strict=True))
