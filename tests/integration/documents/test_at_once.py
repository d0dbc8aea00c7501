"""Many uploads at the same moment: each gets a version of its own. The tests run on PostgreSQL, which locks rows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from deploy.local_services.postgres import Postgres
from services.documents.registry import registry
from services.kernel.settings import Settings
from services.kernel.storage.filesystem import FileStore
from services.kernel.testing import ServiceHarness
from services.policy import Policies
from tests.integration.documents.conftest import Desk
from tests.integration.documents.test_retention import CHIEF, hold, say, submitted, swept
from tests.unit.documents.files import PDF

MANY = 12


@pytest.fixture
def desk(postgres: Postgres, tmp_path: Path) -> Iterator[Desk]:
    store = FileStore(tmp_path / "objects")
    bench = ServiceHarness(
        registry,
        postgres.create_database("documents"),
        policies=Policies.builtin(),
        settings=Settings(),
        signers=["application"],
        store=store,
    )
    yield Desk(bench, store)
    bench.database.close()


def at_once(*calls: object) -> None:
    """Run the calls in threads that start together."""
    barrier = threading.Barrier(len(calls))

    def run(call: object) -> None:
        barrier.wait()
        call()  # type: ignore[operator]

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_versions_of_one_name_are_numbered_without_gap_or_repeat(desk: Desk) -> None:
    announced = [desk.announce(PDF) for _ in range(MANY)]
    for document in announced:
        desk.send(document, PDF)
    versions: list[int] = []
    at_once(*(lambda id=document["id"]: versions.append(desk.complete(id)["version"]) for document in announced))
    assert sorted(versions) == list(range(1, MANY + 1))


def test_one_document_completed_many_times_at_once_is_one_version_told_once(desk: Desk) -> None:
    announced = desk.announce(PDF, filename="一次.pdf")
    desk.send(announced, PDF)
    before = len(desk.bench.settle())
    seen: list[int] = []
    at_once(*(lambda: seen.append(desk.complete(announced["id"])["version"]) for _ in range(MANY)))
    assert seen == [1] * MANY
    assert desk.bench.settle()[before:] == ["document.stored"]


def test_where_rows_are_locked_a_hold_keeps_its_own_file_and_no_other(desk: Desk) -> None:
    for subject in ("application/held", "application/due"):
        desk.put(PDF, subject=subject)
        submitted(desk, subject)
        say(desk, "application.declined", subject)
    hold(desk, subject="application/held")
    listed = desk.bench.ask("list_records", CHIEF, due_by="2040-01-01", held=True, limit=50, cursor=None)["items"]
    assert [(item["subject"], item["documents"]) for item in listed] == [("application/held", 1)]
    gone = swept(desk, date(2040, 1, 1))
    assert "application/due" in gone and "application/held" not in gone
