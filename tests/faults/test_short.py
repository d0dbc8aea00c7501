"""The fault run that `make faults` carries out for minutes, for seconds only."""

from pathlib import Path

from tests.faults.run import run


def test_nothing_promised_is_lost_and_a_portal_misses_nothing_when_everything_is_killed(tmp_path: Path) -> None:
    victims = ("review", "rabbitmq", "application", "postgres", "gateway", "notification", "portal")
    report = run(tmp_path, 20.0, victims=victims, pause=3.0)
    assert report.flaws == []
    assert report.checked["submitted versions"] > 0
    assert report.checked["mirrored cases"] > 0
