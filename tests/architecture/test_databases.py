"""Each service's migrations make exactly the tables its code has."""

from pathlib import Path

import pytest

from deploy.assembly import PARTIES
from services.kernel import migrate
from services.kernel.database import Database


@pytest.mark.parametrize("service", PARTIES)
def test_migrations_and_tables_agree(service: str, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    assert migrate.upgrade(service, database) is True
    assert migrate.differences(service, database) == []
    assert migrate.upgrade(service, database) is False
