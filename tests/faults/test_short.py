"""A fault run of some seconds, which makes the same checks as the run of some minutes by `make faults`."""

from pathlib import Path

from tests.faults.run import run


def test_nothing_promised_is_lost_and_a_portal_misses_nothing_when_everything_is_killed(tmp_path: Path) -> None:
    victims = ("review", "rabbitmq", "application", "postgres", "gateway", "notification", "portal")
    report = run(tmp_path, 20.0, victims=victims, pause=3.0)
    assert report.flaws == []
    assert report.checked["submitted versions"] > 0
    assert report.checked["mirrored cases"] > 0
