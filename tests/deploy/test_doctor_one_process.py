"""Faults of a platform of one process, and the doctor's findings about them. A fault that ends by itself raises no alarm."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from deploy.doctor import Grade, checks, examine
from services.kernel.clock import real_now
from services.kernel.persistence import tables
from services.kernel.persistence.database import Database
from services.kernel.relocation import fencing
from services.kernel.settings import Settings
from tests.deploy import symptom_table
from tests.deploy.doctor_platform import an_event, http, put, received, save, settings, started, wrong

__all__ = ["http", "settings", "started"]


def _stop_the_platform(settings: Settings) -> Settings:
    """Return the settings of a copy of the platform's folder, on which no platform runs."""
    folder = settings.folder / "stopped"
    shutil.copytree(settings.folder, folder, ignore=shutil.ignore_patterns("stopped"))
    return replace(settings, var=str(folder))


def _park(settings: Settings) -> Settings:
    put(settings, "review", tables.inbox, received("a", state="parked", attempts=7, error="KeyError: 'units'"))
    return settings


def _leave_unpublished(settings: Settings) -> Settings:
    put(settings, "application", tables.outbox, an_event("a"))
    return settings


def _leave_unprocessed(settings: Settings) -> Settings:
    put(settings, "review", tables.inbox, received("a"))
    return settings


def _leave_unsealed(settings: Settings) -> Settings:
    entry = {"at": real_now() - timedelta(minutes=5), "bureau": "450200", "actor": "a", "action": "b", "subject": "c"}
    put(settings, "application", tables.audit, entry | {"correlation_id": "d"})
    return settings


def _lose_a_key(settings: Settings) -> Settings:
    (settings.keys_folder / "gateway.key").unlink()
    return settings


def _back_up_no_more(settings: Settings) -> Settings:
    save(settings, timedelta(days=4))
    return settings


def _migrate_behind(settings: Settings) -> Settings:
    database = Database(settings.database("application"))
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'kernel_0000' WHERE version_num LIKE 'kernel%'"))
    database.close()
    return settings


def _end_a_move_half_way(settings: Settings) -> Settings:
    ago = real_now() - timedelta(minutes=30)
    put(settings, "review", tables.fences, {"bureau": "450300", "state": fencing.LEAVING, "move": "b", "at": ago})
    return settings


def _damage_a_document(settings: Settings) -> Settings:
    database = Database(settings.database("documents"))
    with database.write() as session:
        columns = "id, subject, kind, filename, size, sha256, state, created_at"
        values = "'a', 'application/1', 'agreement', 'a.pdf', 1, 'x', 'damaged', '2026-01-01 00:00:00'"
        session.execute(text(f"INSERT INTO documents ({columns}) VALUES ({values})"))
    database.close()
    return settings


#: Fault → the function that causes it in a platform of one process, and returns the settings with which the doctor then runs. On
#: a cluster the doctor's findings about these faults are the same.
FAULTS = {
    "the platform does not run (embedded shape)": _stop_the_platform,
    "events are parked after all their tries": _park,
    "events are not published though the service runs": _leave_unpublished,
    "events are received and not processed": _leave_unprocessed,
    "audit entries are not sealed": _leave_unsealed,
    "a private key is missing": _lose_a_key,
    "no backup was made for days": _back_up_no_more,
    "a database was not migrated": _migrate_behind,
    "the move of a city was interrupted": _end_a_move_half_way,
    "a stored document is damaged": _damage_a_document,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_has_its_row_in_the_table_of_symptoms(settings: Settings, fault: str) -> None:
    broken = FAULTS[fault](settings)
    symptom_table.check(fault, wrong(broken))


def test_what_waits_and_moves_on_is_no_reason_for_alarm(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given an old event in the outbox of one service and one in the inbox of another. Before the doctor looks a second time, both
    # are processed, and a newer event enters the outbox
    put(settings, "application", tables.outbox, an_event("a"))
    put(settings, "review", tables.inbox, received("a"))
    wanted = {"application": tables.outbox, "review": tables.inbox}

    def meanwhile(_seconds: float) -> None:
        for service, table in wanted.items():
            database = Database(settings.database(service))
            with database.write() as session:
                session.execute(table.delete())
            database.close()
        put(settings, "application", tables.outbox, an_event("b", position=1000))

    # When the doctor looks twice, Then it does not report the outbox as wrong, but advises the operator to look again later
    monkeypatch.setattr(checks.time, "sleep", meanwhile)
    found = [symptom for symptom in examine(settings) if symptom.grade]
    assert [(symptom.where, symptom.grade) for symptom in found] == [("application", Grade.SOON)]
    assert "look again" in found[0].advice
