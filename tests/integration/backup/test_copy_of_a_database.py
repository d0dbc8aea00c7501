"""A city's database is copied from a shared PostgreSQL to another server, under another name and owner, by the commands of
docs/operations/kubernetes.md."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import text

from deploy import composition
from deploy.backup.restore import restore
from deploy.local_services.install import postgres_programs
from deploy.local_services.postgres import SUPERUSER, Postgres
from services.kernel import audit
from services.kernel.persistence import migrate
from services.kernel.persistence.database import Database
from tests.integration.backup.conftest import Saved

PAGE = Path(__file__).parents[3] / "docs/operations/kubernetes.md"


def documented(program: str, postgres: Postgres, **names: str) -> list[str]:
    """Return the page's command that runs this program, with its options for the superuser of this server. `names`: a name on the
    page → the name in the test."""
    programs = postgres_programs()
    assert programs
    [given] = re.findall(rf"\b{program} (--[^|\n]+)", PAGE.read_text(encoding="utf-8"))
    for before, after in names.items():
        given = re.sub(rf"(?<=[= ]){before}(?=\s|$)", after, given)
    there = ["--host=127.0.0.1", f"--port={postgres.port('sql')}", f"--username={SUPERUSER}", "--no-password"]
    return [str(programs / program), *there, *shlex.split(given)]


def test_a_copied_database_is_the_same_and_its_new_owner_works_on_it(saved: Saved, postgres: Postgres, tmp_path: Path) -> None:
    # Given a city's database on a shared server, and a migrated database without data, with another name and another owner
    shared = replace(
        saved.settings,
        var=str(tmp_path),
        keys=str(saved.settings.keys_folder),
        db_review=postgres.create_database("review_450500"),
    )
    restore(saved.archive, shared, ["review"])
    own = postgres.create_database("own_review")
    target = Database(own)
    migrate.upgrade("review", target)
    # When the database is copied by the documented commands
    surroundings = os.environ | {"PGPASSWORD": postgres.secret(SUPERUSER)}
    dump = documented("pg_dump", postgres)
    dumped = subprocess.run(dump, env=surroundings, capture_output=True, check=True)
    copy = documented("pg_restore", postgres, review="own_review")
    copied = subprocess.run(copy, env=surroundings, input=dumped.stdout, capture_output=True, check=False)
    assert (copied.returncode, copied.stderr) == (0, b"")
    # Then all rows are the same, every table belongs to the new owner, and the audit log verifies
    source = Database(shared.db_review)
    assert _counts(source) == _counts(target)
    assert sum(_counts(target).values()) > 100
    with target.snapshot() as session:
        owners = set(session.execute(text("SELECT tableowner FROM pg_tables WHERE schemaname = 'public'")).scalars())
        assert owners == {urlsplit(own).username}
        checked = audit.verify_rows(session, composition.registry_of("review"))
        assert checked.flaws == []
    # and the new owner can migrate the database and write to it as before
    assert not migrate.upgrade("review", target)
    with target.write() as session:
        session.execute(text("DELETE FROM idempotency"))
    for database in (source, target):
        database.close()


def _counts(database: Database) -> dict[str, int]:
    with database.read() as session:
        tables = session.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
        return {table: session.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one() for table in tables}
