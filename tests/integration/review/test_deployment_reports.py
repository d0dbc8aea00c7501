"""The deployment of a bureau with a broker of its own reports its release and its backlog to the province, which cannot query
that deployment."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import pytest

from services.contracts.review.events import EVENTS
from services.kernel.clock import real_now
from services.kernel.errors import Forbidden
from services.kernel.identity import PROVINCE, Actor
from services.kernel.settings import Settings
from tests.integration.review.scenario import BUREAUS, CITY, House

OPERATOR = Actor("operator", ("operator",))


@pytest.fixture
def joined(tmp_path: Path, migrated: Path) -> Iterator[House]:
    """Yield two deployments: the pooled review service, and that of a city with a gateway of its own."""
    urls = [f"sqlite:///{shutil.copy(migrated, tmp_path / name)}" for name in ("pooled.db", "city.db")]
    house = House(urls[:1], [tuple(bureau for bureau in BUREAUS if bureau != CITY)])
    house.deploy(urls[1], (CITY,), Settings(jurisdictions=CITY, province_url="https://guichuang.example", seed="demo"))
    yield house
    house.close()


def sweep(house: House) -> list[str]:
    """Run the sweep of the city's deployment; return the ids of the reports that it made."""
    done = [one["id"] for one in house.at(CITY).runtime.sweep() if one["sweep"] == "deployment_report"]
    house.settle()
    return done


def test_a_deployment_with_a_gateway_of_its_own_reports_to_the_province(joined: House) -> None:
    assert sweep(joined) == [CITY]
    [(bureau, report)] = joined.at(PROVINCE).ask("reported_deployments", OPERATOR, bureau=PROVINCE).items()
    assert (bureau, report["version"], report["parked"]) == (CITY, version("guichuang"), 0)
    [event] = joined.said("review.deployment_reported")
    assert (event.producer, event.bureau) == (f"review.{CITY}", PROVINCE)
    EVENTS[event.type].data().load(event.data)
    # and the city's service does not report again before its next report is due
    assert sweep(joined) == []


def test_a_report_is_due_again_after_a_quarter_of_an_hour(joined: House, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep(joined)
    later = real_now() + timedelta(minutes=16)
    monkeypatch.setattr("services.review.deployments.real_now", lambda: later)
    assert sweep(joined) == [CITY]
    [report] = joined.at(PROVINCE).ask("reported_deployments", OPERATOR, bureau=PROVINCE).values()
    assert report["reported_at"] == later.isoformat()


def test_an_upgraded_deployment_reports_at_once(joined: House, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep(joined)
    monkeypatch.setattr("services.review.deployments.version", lambda _name: "99.0.0")
    assert sweep(joined) == [CITY]


def test_a_deployment_on_the_provinces_broker_reports_nothing(apart: House) -> None:
    assert sweep(apart) == []


def test_reports_are_for_the_province_auditors_and_operators(joined: House) -> None:
    with pytest.raises(Forbidden):
        joined.at(PROVINCE).ask("reported_deployments", Actor("officer", ("officer",), CITY), bureau=PROVINCE)
