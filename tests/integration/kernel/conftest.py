"""Fixtures: the sample service on a new database, events that it receives, and audited services."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from deploy.local_services.postgres import Postgres
from services.kernel.clock import real_now
from services.kernel.ids import new_id
from services.kernel.messaging.envelope import Event
from services.kernel.persistence import tables
from services.kernel.persistence.tables import outbox
from services.kernel.testing import FixedClock
from tests.integration.kernel.audited import SERVICES, Audited
from tests.integration.kernel.sample_service import OFFICER, Made


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path / "a.db")


@pytest.fixture
def arriving() -> Callable[..., str]:
    """Return a function that returns the body of an event, as the review service of a bureau publishes it."""

    def body(n: str, *, subject: str = "thing/1", sequence: int = 1) -> str:
        event = Event(
            id=new_id(),
            type="thing.done",
            version=1,
            occurred_at=FixedClock().now(),
            producer="review.450200",
            subject=subject,
            bureau="450200",
            recommender="450200",
            sequence=sequence,
            actor=OFFICER.stamp(),
            correlation_id="c",
            causation_id=None,
            data={"n": n},
        )
        return event.to_json()

    return body


@pytest.fixture(scope="session")
def urls(postgres: Postgres) -> dict[str, str]:
    return {name: postgres.create_database(f"audited_{name}") for name in SERVICES}


@pytest.fixture(params=["sqlite", "postgresql"])
def audited(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Audited]:
    if request.param == "sqlite":
        databases: dict[str, Path | str] = {name: tmp_path / f"{name}.db" for name in SERVICES}
        yield Audited(databases)
        return
    audited = Audited(request.getfixturevalue("urls"))
    yield audited
    for bench in audited.benches.values():
        with bench.database.write() as session:
            session.execute(text(f"TRUNCATE {', '.join(table.name for table in tables.metadata.sorted_tables)} RESTART IDENTITY"))
        bench.database.close()


@pytest.fixture
def sealed(audited: Audited) -> Audited:
    """Return a service with four audit entries, sealed in two batches. Both keepers have stored the heads of both batches as
    anchors."""
    audited.write("1", "2")
    audited.seal()
    audited.write("3", "4")
    audited.seal()
    audited.change(update(outbox).values(published_at=real_now() - timedelta(days=1)))
    assert audited.flaws() == []
    return audited
