"""A short run of what `make faults` does for minutes."""

from pathlib import Path

from tests.faults.run import run


def test_nothing_promised_is_lost_when_service_broker_and_database_are_killed(tmp_path: Path) -> None:
    report = run(tmp_path, 25.0, victims=("review", "rabbitmq", "application", "postgres"), pause=4.0)
    assert report.flaws == []
    assert report.checked["submitted versions"] > 0
