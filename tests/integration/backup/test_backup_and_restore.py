"""The backup of a running platform is restored identically, on files or on servers, and the restored platform continues."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from deploy import composition
from deploy.backup.archive import Archive
from deploy.backup.create import backup
from deploy.backup.restore import restore
from deploy.cli.verify import verify
from deploy.demo.client import until
from deploy.demo.formation import Formation
from deploy.local_services.postgres import Postgres
from deploy.local_services.s3 import S3
from services.kernel.identity import PROVINCE
from services.kernel.messaging.inbox import Arrival
from services.kernel.persistence.database import Database
from services.kernel.settings import Settings
from services.kernel.testing import is_consumer_of
from tests.integration.backup.conftest import Saved, running

#: The tables that a restore itself changes. It publishes events again, counts events as received now, records the restore in the
#: audit log, and skips positions of the feed.
CHANGED = {"outbox", "inbox", "keeping", "sequences"}


@pytest.fixture(scope="module", params=["files", "servers"])
def empty(request: pytest.FixtureRequest, saved: Saved, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return the settings of an empty installation with the saved platform's keys: on files, or on PostgreSQL and an S3
    server."""
    settings = replace(saved.settings, var=str(tmp_path_factory.mktemp("restored")), keys=str(saved.settings.keys_folder))
    if request.param == "files":
        return settings
    postgres: Postgres = request.getfixturevalue("postgres")
    s3: S3 = request.getfixturevalue("s3")
    s3.create_bucket("restored")
    databases = {f"db_{service}": postgres.create_database(f"restored_{service}") for service in composition.PARTIES}
    return replace(settings, s3=f"http://{s3.access_key}:{s3.secret_key}@{s3.endpoint}", bucket="restored", **databases)


@pytest.fixture(scope="module")
def restored(saved: Saved, empty: Settings) -> Settings:
    restore(saved.archive, empty)
    return empty


def rows(settings: Settings, service: str, statement: str) -> list[Any]:
    database = Database(settings.database(service), pool=1)
    with database.read() as session:
        found = list(session.execute(text(statement)))
    database.close()
    return found


def cells(archive: Archive, service: str, table: str, column: str) -> Iterator[str]:
    place = archive.databases[service]["tables"][table]["columns"].index(column)
    return (json.loads(line)[place] for line in archive.rows(service, table))


def test_nobody_in_the_archive_is_ahead_of_a_producer(saved: Saved) -> None:
    sent = [body for service in composition.PARTIES for body in cells(saved.archive, service, "outbox", "body")]
    known = {Arrival.of(body, bureau).id for body in sent for bureau in (None, PROVINCE)}
    received = [id for service in composition.PARTIES for id in cells(saved.archive, service, "inbox", "id")]
    assert received
    assert set(received) <= known


def test_every_row_and_object_is_there_as_it_was(saved: Saved, restored: Settings) -> None:
    again = backup(restored)
    for service, database in saved.archive.databases.items():
        for name, told in database["tables"].items():
            there = again.databases[service]["tables"][name]
            assert there["rows"] == told["rows"] or name in ("keeping", "sequences")
            assert there["sum"] == told["sum"] or name in CHANGED, f"{service}.{name}"
    assert [*again.objects()] == [*saved.archive.objects()]
    assert again.content["objects"]["missing"] == []


def test_the_restored_platform_keeps_its_promises_and_goes_on(saved: Saved, restored: Settings) -> None:
    with running(restored, saved.accounts) as people:
        # Given a platform that was restored from an archive, When people continue every case whose submission was acknowledged
        # before the archive's instant
        for then in saved.submitted:
            case = Formation(people, then.units, then.id)
            if case.read()["stage"] == "recommendation":
                case.recommend()
            case.check()
        # and submit and recommend a new application
        case = Formation.complete(people, saved.call)
        case.submit()
        case.recommend()
        # Then no event or audit entry waits any more, and every consumer has received every event once
        until(lambda: not list(unfinished(restored)), "the platform being at rest")
        assert list(lost_or_twice(restored)) == []
        assert verify(restored) == 0


def unfinished(settings: Settings) -> Iterator[str]:
    for service in composition.PARTIES:
        for statement in (
            "SELECT id FROM outbox WHERE published_at IS NULL",
            "SELECT id FROM inbox WHERE state <> 'done'",
            "SELECT position FROM audit WHERE sealed IS NULL",
        ):
            yield from (f"{service}: {row[0]}" for row in rows(settings, service, statement))


def lost_or_twice(settings: Settings) -> Iterator[str]:
    statement = "SELECT body, producer, routing_key FROM outbox"
    sent = [row for service in composition.PARTIES for row in rows(settings, service, statement)]
    for service in composition.PARTIES:
        runtime = composition.runtime_of(service, settings)
        heard = Counter(
            Arrival.of(row.body, binding.bureau).id
            for binding in runtime.bindings()
            for row in sent
            if is_consumer_of(binding, row.producer, row.routing_key)
        )
        received = Counter(row.id for row in rows(settings, service, "SELECT id FROM inbox"))
        runtime.database.close()
        if heard != received:
            yield f"{service}: {heard - received} lost, {received - heard} too many"
