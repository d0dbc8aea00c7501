"""A store with object locks itself prevents the deletion of documents, even with the platform's own access key."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from minio import Minio

from deploy.local_services.s3 import S3
from services.documents.registry import registry
from services.documents.tables import locking
from services.kernel.clock import SHANGHAI, real_now
from services.kernel.settings import Settings
from services.kernel.storage.base import Locked, Missing, Store
from services.kernel.storage.factory import store_of
from services.kernel.testing import ServiceHarness
from services.policy import Policies, Policy
from tests.integration.documents.conftest import Desk, settings_of
from tests.integration.documents.test_retention import CHIEF, SUBJECT, hold, say, submitted, swept
from tests.unit.documents.files import PDF, PNG

[ERRAND] = [errand for errand in registry.jobs if errand.name == "locks"]


@pytest.fixture
def store(s3: S3) -> Store:
    s3.create_bucket("locked", lock=True)
    return store_of(replace(settings_of(s3), bucket="locked"))


def versions(s3: S3, key: str) -> list[str | None]:
    client = Minio(s3.endpoint, s3.access_key, s3.secret_key, secure=False)
    return [found.version_id for found in client.list_objects(bucket_name="locked", prefix=key, include_version=True)]


def kept(s3: S3, document: dict[str, Any]) -> tuple[date | None, bool]:
    """Return the day until which the store keeps the document, and whether it has a legal hold."""
    client = Minio(s3.endpoint, s3.access_key, s3.secret_key, secure=False)
    about = {"bucket_name": "locked", "object_name": f"documents/{document['id']}"}
    found = client.get_object_retention(**about)
    try:
        holds = client.is_object_legal_hold_enabled(**about)
    except Exception as error:
        assert "NoSuchObjectLegalHold" in str(error)
        holds = False
    assert found is None or found.mode == "GOVERNANCE"
    return found.retain_until_date.astimezone(SHANGHAI).date() if found else None, holds


def carried(desk: Desk) -> int:
    done = 0
    while desk.bench.runtime.run_job(ERRAND):
        done += 1
    return done


def test_a_locked_object_is_not_removed_before_its_time_and_then_no_version_of_it_is_left(store: Store, s3: S3) -> None:
    assert store.locks()
    key = "documents/locked"
    store.put(key, b"one")
    store.put(key, b"two")
    store.put(f"{key}.other", b"another whose name begins alike")
    until = datetime.now(UTC) + timedelta(seconds=3)
    store.protect(key, until, held=False)
    # The second call names a shorter term, so the lock keeps the longer term of the first call.
    store.protect(key, until - timedelta(seconds=2), held=True)
    with pytest.raises(Locked):
        store.remove(key)
    assert len(versions(s3, key)) == 3  # Nothing was deleted.
    store.protect(key, None, held=False)
    with pytest.raises(Locked):
        store.remove(key)
    time.sleep(max(0.0, (until - datetime.now(UTC)).total_seconds()) + 1)
    store.remove(key)
    store.remove(key)
    assert len(versions(s3, key)) == 1
    with pytest.raises(Missing):
        store.protect(key, until + timedelta(days=1), held=False)


def test_what_goes_from_a_store_that_keeps_versions_goes_wholly(store: Store, s3: S3) -> None:
    store.put("incoming/moved", b"x")
    store.move_to_final("incoming/moved", "documents/moved")
    assert versions(s3, "incoming/moved") == []
    assert len(versions(s3, "documents/moved")) == 1


def test_a_document_is_locked_until_its_file_is_due_and_held_while_a_hold_stands(desk: Desk, s3: S3) -> None:
    document = desk.put(PDF)
    carried(desk)
    assert kept(s3, document) == (date(2028, 3, 2), False)  # two years, the term of a draft
    submitted(desk)
    another = desk.put(PNG, filename="图.png")
    carried(desk)
    # The end of this document's retention is not known yet, so it is locked for a year.
    assert kept(s3, another)[0] == real_now().astimezone(SHANGHAI).date() + timedelta(days=365)
    say(desk, "application.declined")
    assert carried(desk) == 2
    assert kept(s3, document) == kept(s3, another) == (date(2036, 3, 2), False)
    placed = hold(desk, document=another["id"])
    assert carried(desk) == 2
    assert kept(s3, document) == kept(s3, another) == (date(2036, 3, 2), True)
    desk.bench.tell("lift_hold", CHIEF, id=placed["id"], reason="结案")
    assert (carried(desk), carried(desk)) == (2, 0)
    assert kept(s3, document) == (date(2036, 3, 2), False)


def test_where_the_platforms_date_runs_ahead_the_stores_own_is_waited_for(desk: Desk) -> None:
    document = desk.put(PDF)
    submitted(desk)
    say(desk, "application.declined")
    carried(desk)
    assert swept(desk, date(2036, 3, 2)) == []
    assert desk.store.exists(f"documents/{document['id']}")


def test_a_file_due_at_once_is_not_locked_and_goes_with_all_its_versions(store: Store, s3: S3, tmp_path: Path) -> None:
    policy = Policies.builtin().get("guangxi_trial@1").to_dict()
    policy["retention"] = [row | {"years": 0} for row in policy["retention"]]
    policies = Policies([Policy.from_dict(policy)])
    bench = ServiceHarness(
        registry, tmp_path / "d.db", policies=policies, settings=Settings(), signers=["application"], store=store
    )
    desk = Desk(bench, store)
    document = desk.put(PDF, subject="application/0")
    carried(desk)
    assert swept(desk, date(2026, 3, 3)) == []  # The organisation that left the draft is notified, and has a month.
    assert swept(desk, date(2026, 4, 2)) == ["application/0"]
    assert versions(s3, f"documents/{document['id']}") == []


@pytest.mark.parametrize("where", ["files", "plain"])
def test_a_store_without_locks_does_without(where: str, tmp_path: Path, s3: S3) -> None:
    settings = settings_of(s3) if where == "plain" else Settings(s3=f"file://{tmp_path}/objects")
    store = store_of(settings)
    assert not store.locks()
    bench = ServiceHarness(
        registry, tmp_path / "d.db", policies=Policies.builtin(), settings=settings, signers=["application"], store=store
    )
    desk = Desk(bench, store)
    desk.put(PDF)
    assert carried(desk) == 0
    with bench.database.read() as session:
        assert session.execute(locking.select()).all() == []
    assert swept(desk, date(2028, 2, 1)) == []  # The organisation that left the draft is notified.
    assert SUBJECT in swept(desk, date(2028, 3, 2))
