"""The script that Docker Compose makes PostgreSQL run on its first start: a role may connect only to its own database."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy import compose, composition
from deploy.local_services import Postgres, install

SCRIPT = Path(compose.__file__).with_name("databases.sh")


@pytest.fixture
def empty(postgres: Postgres) -> Iterator[Postgres]:
    """Yield a server without the platform's databases."""
    _clear(postgres)
    yield postgres
    _clear(postgres)


def _clear(postgres: Postgres) -> None:
    url = f"postgresql://postgres:{postgres.secret('postgres')}@127.0.0.1:{postgres.port('sql')}/postgres"
    with psycopg.connect(url, autocommit=True) as connection:
        for name in composition.PARTIES:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"DROP ROLE IF EXISTS {name}")


def test_each_role_enters_its_own_database_and_no_other(empty: Postgres) -> None:
    programs = install.postgres_programs()
    server = {"PGHOST": "127.0.0.1", "PGPORT": str(empty.port("sql")), "PGUSER": "postgres", "PGDATABASE": "postgres"}
    told = {"PGPASSWORD": empty.secret("postgres"), "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    passwords = {f"PASSWORD_{party}": f"-'word of {party}" for party in composition.PARTIES}
    done = subprocess.run(["sh", SCRIPT], env=server | told | passwords, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for party in composition.PARTIES:
        enter = {"host": "127.0.0.1", "port": empty.port("sql"), "user": party, "password": passwords[f"PASSWORD_{party}"]}
        with psycopg.connect(dbname=party, **enter) as connection:
            connection.execute("CREATE TABLE mine (id integer)")
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(dbname="review" if party != "review" else "documents", **enter)
