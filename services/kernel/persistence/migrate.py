"""Migrations. Each database has the kernel's branch of revisions and its service's own. Alembic is imported only if there is
something to migrate.

`python -m services.kernel.persistence.migrate SERVICE "message"` writes the next revision from the difference between the tables
and the migrations (`kernel` for the kernel's own).
"""

from __future__ import annotations

import importlib
import random
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, inspect, text

from services.kernel.errors import Unavailable
from services.kernel.persistence import tables
from services.kernel.persistence.database import Database, connection_errors_translated

_KERNEL = Path(__file__).parents[1] / "migrations" / "versions"

#: The seconds for which one attempt to migrate waits for a table that other transactions lock, and the seconds that all attempts
#: may take together. While an attempt waits, later transactions wait behind it, and so do transactions that need tables which it
#: has changed. Therefore an attempt ends before PostgreSQL detects a deadlock (after 1 s) and ends one of those transactions.
LOCK_SECONDS, MAX_WAIT_SECONDS = 0.5, 60.0

#: Service → the package with its tables and migrations.
PACKAGES = {
    "application": "services.application",
    "review": "services.review",
    "evaluation": "services.evaluation",
    "notification": "services.notification",
    "documents": "services.documents",
    "gateway": "gateway.identity",
}


def _folder(service: str) -> Path:
    package = importlib.import_module(PACKAGES[service])
    return Path(package.__path__[0]) / "migrations"


def _service_metadata(service: str) -> MetaData:
    return importlib.import_module(f"{PACKAGES[service]}.tables").metadata  # type: ignore[no-any-return]


def heads(service: str) -> set[str]:
    """Return the revisions that this code needs. A revision's id is its file name, so alembic is not needed to find the ids."""
    files = ([path.stem for path in folder.glob("*_[0-9]*.py")] for folder in (_KERNEL, _folder(service)))
    return {max(stems) for stems in files if stems}


def current(database: Database) -> set[str]:
    """Return the revisions of a database. Raises Unavailable if it cannot be reached."""
    with connection_errors_translated(), database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return set()
        return set(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())


def reached(heads: set[str], revisions: set[str]) -> bool:
    """Return whether a database at these `revisions` has at least everything that code with these `heads` needs."""
    return all(any(_same_branch(head, at) and at >= head for at in revisions) for head in heads)


def _same_branch(one: str, other: str) -> bool:
    return one.rpartition("_")[0] == other.rpartition("_")[0]


def upgrade(service: str, database: Database) -> bool:
    """Migrate a database to the revisions of this code. Return whether the database was behind. A database that a newer version
    has migrated further is not changed, so that a rollback to this version works. Raises Unavailable if the database cannot be
    reached or its tables stay locked."""
    if reached(heads(service), current(database)):
        return False
    deadline = time.monotonic() + MAX_WAIT_SECONDS
    while True:
        try:
            _upgrade(service, database)
            return True
        except Unavailable as error:
            if not _lock_not_granted(error) or time.monotonic() > deadline:
                raise
        time.sleep(random.uniform(0.2, 1.0))


def _upgrade(service: str, database: Database) -> None:
    from alembic import command

    with (
        connection_errors_translated(),
        database.engine.connect() as connection,
        _foreign_keys_unchecked(connection),
        connection.begin(),
    ):
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        command.upgrade(_config(service, connection), "heads")


@contextmanager
def _foreign_keys_unchecked(connection: Connection) -> Iterator[None]:
    """Stop SQLite from checking foreign keys within the block. A change that SQLite cannot make in place copies the table, drops
    it and renames the copy; SQLite refuses to drop a table whose rows others refer to."""
    if connection.dialect.name != "sqlite":
        yield
        return
    sqlite: Any = connection.connection.driver_connection
    sqlite.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        sqlite.execute("PRAGMA foreign_keys=ON")


def _lock_not_granted(error: Unavailable) -> bool:
    """Return whether the error means that other transactions had a lock."""
    return getattr(getattr(error.__cause__, "orig", None), "sqlstate", None) in ("55P03", "40P01")


def differences(service: str, database: Database) -> list[object]:
    """Return the differences between the tables in the code and those of a migrated database; empty if they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, [tables.metadata, _service_metadata(service)]))  # type: ignore[arg-type]


def knows(service: str, revision: str) -> bool:
    """Return whether this code contains a revision with this id."""
    return any((folder / f"{revision}.py").exists() for folder in (_KERNEL, _folder(service)))


def rebuild(service: str, connection: Connection, revisions: Iterable[str]) -> None:
    """Create the tables of an empty database as they were at these revisions."""
    from alembic import command

    metadata = MetaData()
    metadata.reflect(connection)
    metadata.drop_all(connection)
    for revision in revisions:
        command.upgrade(_config(service, connection), revision)


def _config(service: str, connection: object) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_KERNEL.parent))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"{_KERNEL}\n{_folder(service)}")
    config.set_main_option("file_template", "%%(rev)s")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = [tables.metadata, _service_metadata(service)]
    return config


def write_revision(service: str, message: str) -> None:
    """Write the next revision of a service (or of `kernel`). The difference is computed on a scratch SQLite database that has all
    earlier revisions."""
    from alembic import command

    target = "application" if service == "kernel" else service
    folder = _KERNEL if service == "kernel" else _folder(service)
    folder.mkdir(exist_ok=True)
    number = len(list(folder.glob("*_[0-9]*.py"))) + 1
    database = Database("sqlite://")
    with database.engine.begin() as connection:
        config = _config(target, connection)
        command.upgrade(config, "heads")
        command.revision(
            config,
            message,
            autogenerate=True,
            rev_id=f"{service}_{number:04d}",
            head="base" if number == 1 else f"{service}@head",
            splice=number == 1,
            branch_label=service if number == 1 else None,
            version_path=str(folder),
        )


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in {"kernel", *PACKAGES}:
        print(__doc__, f"SERVICE: kernel, {', '.join(PACKAGES)}", sep="\n", file=sys.stderr)
        sys.exit(2)
    write_revision(sys.argv[1], sys.argv[2])
