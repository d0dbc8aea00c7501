"""Erased data are no longer in any database file, nor in any stored answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, String, Table, delete, insert, select, text, update

from deploy.local_services.postgres import Postgres
from services.kernel.clock import real_now
from services.kernel.persistence import erasure, housekeeping, migrate
from services.kernel.persistence.database import Database
from services.kernel.persistence.tables import idempotency

PHONE = "13812345678"

people = Table("people", MetaData(), Column("name", String(20), primary_key=True), Column("phone", String(2000)))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.db"


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{file}")
    migrate.upgrade("application", database)
    people.create(database.engine)
    yield database
    database.close()


def answered(database: Database, account: str, key: str, answer: object) -> None:
    row = {"account": account, "command": "c", "key": key, "digest": "d", "answer": answer, "at": real_now()}
    with database.write() as session:
        session.execute(insert(idempotency).values(**row))


def keys(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.execute(select(idempotency.c.key)).scalars())


def test_answers_of_an_account_and_those_that_name_it_or_hold_its_data_are_dropped(database: Database) -> None:
    # Given four stored answers: one to the account, one about the account, one that contains its telephone number, and one about
    # another account
    answered(database, "li4", "own", {"id": "1"})
    answered(database, "operator", "about", {"username": "li4", "phone": "138****78"})
    answered(database, "operator", "with", [{"contact": {"phone": PHONE}}])
    answered(database, "operator", "other", {"username": "li45", "name": "李四五"})
    # When the account's data are erased
    with database.write() as session:
        erasure.forget_answers(session, "li4", [PHONE, None, ""])
    # Then only the answer about the other account is left
    assert keys(database) == {"other"}


def in_files(file: Path, value: str) -> list[str]:
    return [path.name for path in file.parent.glob(f"{file.name}*") if value.encode() in path.read_bytes()]


def due(database: Database) -> None:
    with database.write() as session:
        housekeeping.record_backup(session, erasure.DUE, "", real_now())


def test_after_a_scrub_no_file_of_a_database_holds_what_was_deleted(database: Database, file: Path) -> None:
    # Given a telephone number that was stored, changed and deleted while the database file kept the contents of free pages
    connection = database.engine.raw_connection()
    connection.driver_connection.execute("PRAGMA secure_delete=OFF")  # An earlier version of the platform did this.
    connection.close()
    with database.write() as session:
        session.execute(insert(people), [{"name": str(n), "phone": PHONE * 30} for n in range(50)])
    with database.write() as session:
        session.execute(update(people).where(people.c.name < "3").values(phone="-"))
        session.execute(delete(people).where(people.c.name >= "3"))
    assert in_files(file, PHONE)
    # When no data were erased, Then the files are not rewritten; when data were erased, Then no file contains them any more
    assert not erasure.scrub(database, [people])
    due(database)
    assert erasure.scrub(database, [people])
    assert in_files(file, PHONE) == []
    with database.read() as session:
        assert erasure.pending(session) is None


def test_a_scrub_that_a_reader_holds_up_stays_due(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    due(database)
    with database.read() as session:
        session.execute(select(people)).all()  # This read keeps the write-ahead log open.
        connection = database.engine.raw_connection()
        connection.driver_connection.execute("PRAGMA busy_timeout=10")
        connection.close()
        assert not erasure.scrub(database, [people])
    with database.read() as session:
        assert erasure.pending(session) is not None
    assert erasure.scrub(database, [people])


def test_on_postgresql_the_dead_rows_are_vacuumed(postgres: Postgres) -> None:
    database = Database(postgres.create_database("erasure"))
    try:
        migrate.upgrade("application", database)
        people.create(database.engine)
        due(database)
        assert erasure.scrub(database, [people])
        with database.read() as session:
            counted = text("SELECT relname, vacuum_count FROM pg_stat_user_tables WHERE relname IN ('people', 'idempotency')")
            # The server's statistics are delayed, so update them now.
            session.execute(text("SELECT pg_stat_force_next_flush()"))
            assert dict(session.execute(counted).all()) == {"people": 1, "idempotency": 1}
            assert session.execute(text("SHOW statement_timeout")).scalar_one() == "30s"
    finally:
        database.close()
