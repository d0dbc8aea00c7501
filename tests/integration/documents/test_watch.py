"""The integrity checks: changed or missing bytes are reported, and objects in the store that no row of the database names are
deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from services.documents.registry import registry
from services.documents.tables import chores, documents
from services.kernel.clock import real_now
from services.kernel.errors import Conflict
from services.kernel.storage.base import Missing
from tests.integration.documents.conftest import LEAD, Desk
from tests.unit.documents.files import PDF, PNG

[ERRAND] = [errand for errand in registry.jobs if errand.name == "integrity"]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    def advance(**delta: float) -> None:
        now = real_now() + timedelta(**delta)
        monkeypatch.setattr("services.documents.commands.check_integrity.real_now", lambda: now)

    return advance


def watch(desk: Desk) -> int:
    done = 0
    while desk.bench.runtime.run_job(ERRAND):
        done += 1
    return done


def aged(desk: Desk) -> None:
    """Make the documents two days old, because the integrity check skips documents that were stored within a day."""
    with desk.bench.database.write() as session:
        session.execute(update(documents).values(stored_at=real_now() - timedelta(days=2)))


@pytest.mark.writes_rows
def test_every_document_is_read_again_after_a_month_and_no_sooner(desk: Desk, later: Any) -> None:
    desk.put(PDF)
    desk.put(PNG, filename="图.png")
    aged(desk)
    assert (watch(desk), watch(desk)) == (2, 0)
    later(days=29)
    assert watch(desk) == 0
    later(days=31)
    assert watch(desk) == 2
    assert desk.bench.settle().count("document.damaged") == 0


def test_changed_bytes_are_noticed_told_and_served_to_nobody(desk: Desk) -> None:
    document = desk.put(PDF)
    aged(desk)
    desk.store.put(f"documents/{document['id']}", PDF + b"!")
    watch(desk)
    assert desk.bench.settle() == ["document.stored", "document.damaged"]
    with pytest.raises(Conflict, match="document_not_clean"):
        desk.bench.ask("document_content", LEAD, id=document["id"], grant=desk.grant("application/1", "read"))


def test_missing_bytes_are_noticed(desk: Desk) -> None:
    document = desk.put(PDF)
    aged(desk)
    desk.store.remove(f"documents/{document['id']}")
    watch(desk)
    assert desk.bench.settle()[-1] == "document.damaged"


def orphans(desk: Desk) -> list[object]:
    return [step["did"] for step in desk.bench.runtime.sweep() if step["sweep"] == "orphans"]


def test_objects_nobody_knows_of_go_once_a_day_and_all_others_stay(desk: Desk, later: Any) -> None:
    document, on_its_way = desk.put(PDF), desk.announce(PNG, filename="图.png")
    desk.send(on_its_way, PNG)
    for stranger in ("documents/application.1.stranger", "incoming/application.1.stranger", "papers/abc.pdf"):
        desk.store.put(stranger, b"?")
    # Objects that were written recently may belong to uploads in progress.
    [young] = orphans(desk)
    later(days=3)
    assert young == {"removed": 0}
    [old] = orphans(desk)
    assert isinstance(old, dict) and old["removed"] >= 3  # The S3 server has unknown objects of other tests too.
    assert b"".join(desk.store.read(f"documents/{document['id']}")) == PDF
    assert desk.complete(on_its_way["id"])["state"] == "clean"
    with pytest.raises(Missing):
        list(desk.store.read("papers/abc.pdf"))
    assert orphans(desk) == []
    with desk.bench.database.read() as session:
        assert session.execute(chores.select()).one().name == "orphans"
