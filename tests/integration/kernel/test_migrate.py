"""Databases are migrated while processes use them, and are not touched if a newer version has migrated them."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from deploy import composition
from deploy.local_services.postgres import Postgres
from services.kernel.errors import Unavailable
from services.kernel.persistence import migrate
from services.kernel.persistence.database import Database
from services.kernel.settings import Settings


@pytest.fixture
def database(postgres: Postgres) -> Iterator[Database]:
    """Yield a database with the tables of an earlier version of the platform."""
    database = Database(postgres.create_database("to_migrate"))
    with database.engine.begin() as connection:
        migrate.rebuild("application", connection, ["kernel_0001", "application_0005"])
    yield database
    database.close()


def stamp(database: Database, revision: str) -> None:
    with database.engine.begin() as connection:
        to = text("UPDATE alembic_version SET version_num = :to WHERE version_num LIKE 'application_%'")
        connection.execute(to, {"to": revision})


def test_a_change_does_not_wait_long_for_a_table_in_use_and_is_done_when_it_is_free(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "MAX_WAIT_SECONDS", 0)
    # Given a read transaction that runs for a long time
    with database.engine.begin() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM places")
        # When the migration has to wait for that transaction, and would make all other statements wait too, then the migration
        # gives up
        with pytest.raises(Unavailable):
            migrate.upgrade("application", database)
        assert "application_0005" in migrate.current(database)
    assert migrate.upgrade("application", database) is True
    assert migrate.differences("application", database) == []


def test_a_change_of_several_tables_ends_nobodys_work(database: Database) -> None:
    # Given a migration that changes two tables, and commands that lock the two tables in the opposite order
    done, ended = threading.Event(), []

    def work() -> None:
        try:
            while not done.is_set():
                with database.engine.begin() as connection:
                    connection.exec_driver_sql("LOCK TABLE audit IN ROW EXCLUSIVE MODE")
                    time.sleep(0.3)
                    connection.exec_driver_sql("LOCK TABLE inbox IN ROW EXCLUSIVE MODE")
                time.sleep(0.2)
        except Exception as error:
            ended.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        assert migrate.upgrade("application", database) is True
    finally:
        done.set()
        worker.join()
    assert ended == []
    assert migrate.differences("application", database) == []


def test_a_version_rolled_back_to_leaves_the_newer_tables_alone(database: Database) -> None:
    migrate.upgrade("application", database)
    stamp(database, "application_9999")
    assert migrate.upgrade("application", database) is False
    assert "application_9999" in migrate.current(database)


def test_a_process_waits_until_its_database_has_been_brought_up(tmp_path: Path) -> None:
    settings = Settings(var=str(tmp_path))
    assert composition.await_migrated(settings, ["review", "documents"], seconds=0) == ["review", "documents"]
    later = threading.Timer(0.3, composition.migrate_all, [settings, ["review", "documents"]])
    later.start()
    assert composition.await_migrated(settings, ["review", "documents"], seconds=60) == []
    later.join()


def test_a_database_that_is_away_is_waited_for_too() -> None:
    settings = Settings(db_review="postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert composition.await_migrated(settings, ["review"], seconds=0) == ["review"]


def test_the_kernels_next_revision_leaves_the_services_tables_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = shutil.copytree(migrate._KERNEL.parent, tmp_path / "migrations")
    monkeypatch.setattr(migrate, "_KERNEL", copy / "versions")
    before = set((copy / "versions").glob("*.py"))
    migrate.write_revision("kernel", "Nothing")
    [written] = set((copy / "versions").glob("*.py")) - before
    assert "drop" not in written.read_text()


def test_a_table_whose_rows_others_refer_to_is_migrated_on_sqlite(tmp_path: Path) -> None:
    # Given an embedded database of an earlier version, with a consortium and its annual report
    database = Database(f"sqlite:///{tmp_path / 'evaluation.db'}")
    with database.engine.begin() as connection:
        migrate.rebuild("evaluation", connection, ["kernel_0001", "evaluation_0009"])
        for name, known in (("consortia", {"id": "c"}), ("annual_reports", {"consortium": "c"})):
            columns = inspect(connection).get_columns(name)
            row = {one["name"]: known.get(one["name"], "0") for one in columns}
            places = ", ".join(f":{column}" for column in row)
            connection.execute(text(f"INSERT INTO {name} ({', '.join(row)}) VALUES ({places})"), row)
    # When the database is migrated to this version, which changes the table of the consortia
    assert migrate.upgrade("evaluation", database) is True
    # Then the consortium and its report are still there, and foreign keys are checked again
    with database.engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM annual_reports JOIN consortia ON consortium = id").scalar() == 1
        with pytest.raises(IntegrityError):
            connection.exec_driver_sql("DELETE FROM consortia")
    database.close()
