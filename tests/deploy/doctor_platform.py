"""Fixtures for tests of `guichuang doctor`: a platform of one process, and functions that insert rows dated some minutes ago."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, insert

from deploy import composition
from deploy.doctor import Finding, examine
from deploy.embedded.instance_lock import hold_instance_lock
from deploy.local_services.local_service import free_ports
from deploy.probes import listen
from services.kernel.clock import real_now
from services.kernel.persistence import housekeeping
from services.kernel.persistence.database import Database
from services.kernel.settings import Settings
from services.kernel.storage.factory import store_of


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a platform that does not run yet: it has keys, databases, a store and the record of a backup."""
    folder = tmp_path_factory.mktemp("started")
    composition.make_keys(Settings(var=str(folder)))
    composition.migrate_all(Settings(var=str(folder)))
    save(Settings(var=str(folder)), timedelta(hours=1))
    store_of(Settings(var=str(folder)))
    return folder


def save(settings: Settings, ago: timedelta) -> None:
    """Record, in every database, a backup that was made `ago` before now."""
    at = real_now() - ago
    for service in composition.PARTIES:
        database = Database(settings.database(service))
        with database.write() as session:
            housekeeping.record_backup(session, "backup", "digest", at)
        database.close()


@pytest.fixture(scope="module")
def http() -> str:
    """Start a server that answers probes, as a running platform's HTTP server does; return its address."""
    address = f"127.0.0.1:{free_ports(['http'])['http']}"
    listen(address, lambda: {"application": True})
    return address


@pytest.fixture
def settings(tmp_path: Path, started: Path, http: str) -> Iterator[Settings]:
    """Yield the settings of a platform in a folder that only this test uses. To the doctor the platform appears to run: its
    folder is locked, and its HTTP address answers."""
    shutil.copytree(started, tmp_path, dirs_exist_ok=True)
    with hold_instance_lock(tmp_path):
        yield Settings(var=str(tmp_path), http=http)


def wrong(settings: Settings) -> list[Finding]:
    return [symptom for symptom in examine(settings) if symptom.wrong]


def put(settings: Settings, service: str, table: Table, *rows: dict[str, Any]) -> None:
    database = Database(settings.database(service))
    with database.write() as session:
        session.execute(insert(table), list(rows))
    database.close()


def an_event(id: str, **data: Any) -> dict[str, Any]:
    """Return the outbox row of an event that occurred five minutes ago. `data` replaces or adds columns."""
    at = real_now() - timedelta(minutes=5)
    common = {"id": id, "type": "application.submitted", "producer": "application", "subject": f"application/{id}", "body": "{}"}
    return common | {"routing_key": "application.submitted.450200", "occurred_at": at} | data


def received(id: str, **data: Any) -> dict[str, Any]:
    at = real_now() - timedelta(minutes=5)
    row = {name: value for name, value in an_event(id).items() if name not in ("routing_key", "occurred_at")}
    return (
        row | {"sequence": 1, "received_at": at, "next_attempt_at": at, "state": "pending", "attempts": 0, "error": None} | data
    )
