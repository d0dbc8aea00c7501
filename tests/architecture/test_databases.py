"""Each service's migrations create exactly the tables that its code declares, and each table of a service that runs per bureau is
declared as moving with a bureau or as staying."""

import importlib
from pathlib import Path

import pytest

from deploy.cli.move import PORTIONS
from deploy.composition import PARTIES
from services.kernel.persistence import migrate
from services.kernel.persistence import tables as kernel
from services.kernel.persistence.database import Database
from services.kernel.registry import PER_BUREAU
from services.kernel.relocation.table_selection import STAYS, kernel_selections


@pytest.mark.parametrize("service", PARTIES)
def test_migrations_and_tables_agree(service: str, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    assert migrate.upgrade(service, database) is True
    assert migrate.differences(service, database) == []
    assert migrate.upgrade(service, database) is False


def test_of_every_table_of_a_service_that_runs_per_bureau_it_is_said_what_becomes_of_it_when_a_bureau_moves() -> None:
    assert set(PORTIONS) == set(PER_BUREAU)
    for service, portion in PORTIONS.items():
        tables = {
            *kernel.metadata.tables.values(),
            *importlib.import_module(f"services.{service}.tables").metadata.tables.values(),
        }
        moving = {piece.table for piece in (*portion, *kernel_selections(service))}
        staying = {*STAYS, *importlib.import_module(f"services.{service}.relocated_tables").STAYS}
        assert {table.name for table in tables} == {table.name for table in (*moving, *staying)}
        assert not moving & staying
