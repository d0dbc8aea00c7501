"""`guichuang restore`: copy an archive into an empty installation of any form, which then continues from the archive's
instant."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta

from sqlalchemy import Connection, Table, inspect, select
from sqlalchemy import text as sql

from deploy import composition
from deploy.backup import objects, rows
from deploy.backup.archive import Archive, Broken
from deploy.backup.create import vaults
from deploy.backup.manifest import Lines
from deploy.embedded.instance_lock import Taken, hold_instance_lock
from deploy.keys import key_folder
from services.kernel import audit
from services.kernel.messaging.outbox import LEADER_LOCK
from services.kernel.persistence import housekeeping, migrate
from services.kernel.persistence.database import Database
from services.kernel.persistence.tables import audit_chain
from services.kernel.settings import InvalidSetting, Settings
from services.notification.webhooks import feed
from services.policy.bureaus import BUREAUS

#: Events that occurred up to this many days before the archive's instant are published again. The number is larger than any time
#: for which a consumer is expected to be unavailable.
REPLAYED_DAYS = 7


class Refused(Exception):
    """The restore was refused and nothing was written; the message gives the reason."""


def restore(archive: Archive, settings: Settings, services: Sequence[str] = (), *, keep_store: bool = False) -> None:
    """Restore databases, documents and the broker's exchanges and queues; with `services`, only the databases of these services.
    An interrupted restore can be repeated and skips the parts that are complete. Raises Refused if the installation is not empty,
    and Broken if the archive is damaged."""
    archive.verify()
    selected = services or list(archive.databases)
    is_complete = set(selected) == set(composition.PARTIES)
    if lacking := set(selected) - set(archive.databases):
        raise Refused(f"the archive has no database of {', '.join(sorted(lacking))}")
    with_objects = "documents" in selected
    settings.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as open_databases:
        if settings.bus == "embedded://":
            _lock_folder(settings, open_databases)
        databases = {name: Database(settings.database(name), pool=2) for name in selected}
        for database in databases.values():
            open_databases.callback(database.close)
        served = [name for name, database in databases.items() if not _take_leader_lock(database, open_databases)]
        if served:
            raise Refused(f"stop the platform first: processes still serve {', '.join(served)}")
        todo = {name: database for name, database in databases.items() if not _done(archive, database)}
        flaws = [flaw for name, database in todo.items() for flaw in _obstacles(name, archive, database)]
        if with_objects and not keep_store:
            flaws += _unknown_objects(archive, settings)
        if is_complete and settings.bus != "embedded://":
            flaws += _waiting(settings)
        if flaws:
            raise Refused("\n".join(flaws))
        _keys(archive, settings)
        for name, database in todo.items():
            _database(name, archive, database)
        if not is_complete:
            for name, database in databases.items():
                _record(name, archive, database, settings)
    if with_objects:
        _objects(archive, settings)
    if not is_complete:
        since = archive.at - timedelta(days=REPLAYED_DAYS)
        print(f"the others send again what was received here since: guichuang events replay --since {since:%Y-%m-%dT%H:%M:%SZ}")
    elif settings.bus != "embedded://":
        from deploy.cluster.topology import declare_all

        declare_all(settings)
        print("the broker has all queues")


def _lock_folder(settings: Settings, locks: ExitStack) -> None:
    """Lock the folder of an embedded platform, so that no other process uses it during the restore."""
    try:
        locks.enter_context(hold_instance_lock(settings.folder))
    except Taken as why:
        raise Refused(f"stop the platform first: {why}") from why


def _take_leader_lock(database: Database, locks: ExitStack) -> bool:
    """Take the leader lock of this database, so that no service becomes active on it during the restore. Return False if a
    running service has the lock."""
    if database.sqlite:
        return True
    connection = locks.enter_context(database.engine.connect().execution_options(isolation_level="AUTOCOMMIT"))
    return bool(connection.execute(sql("SELECT pg_try_advisory_lock(:key)"), {"key": LEADER_LOCK}).scalar_one())


def _done(archive: Archive, database: Database) -> bool:
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("keeping"):
            return False
    with database.read() as session:
        return bool(housekeeping.restored_from(session) == archive.digest)


def _obstacles(name: str, archive: Archive, database: Database) -> Iterator[str]:
    """Yield the reasons why a database cannot be restored; nothing if the database is empty and this code knows the version of
    the archived tables."""
    with database.engine.connect() as connection:
        filled = [table.name for table in rows.tables_of(connection) if not _empty(connection, table)]
    if filled:
        yield f"{name}: the database is not empty ({', '.join(sorted(filled)[:5])} …); give it an empty one"
    for revision in archive.databases[name]["revisions"]:
        if not migrate.knows(name, revision):
            yield f"{name}: the archive is of a newer version (revision {revision}); use that version"


def _empty(connection: Connection, table: Table) -> bool:
    return connection.execute(sql(f'SELECT 1 FROM "{table.name}" LIMIT 1')).first() is None


def _unknown_objects(archive: Archive, settings: Settings) -> Iterator[str]:
    from services.kernel.storage.factory import store_of

    archived_keys = {item["key"] for item in archive.objects()}
    unknown = [key for key, _ in store_of(settings).objects() if key not in archived_keys]
    if unknown:
        yield (
            f"the object store holds {len(unknown)} objects the archive does not know, {unknown[0]} for one; "
            "give it an empty one, or say --keep-store where the store itself survived"
        )


def _waiting(settings: Settings) -> Iterator[str]:
    from deploy.cluster.topology import events_waiting

    for queue, count in events_waiting(settings).items():
        if count:
            yield f"the broker's queue {queue} holds {count} messages of another time; give it an empty broker"


def _keys(archive: Archive, settings: Settings) -> None:
    """Copy those keys of the archive that do not exist yet; existing keys are never changed."""
    for name in archive.content["files"]:
        folder, _, key = name.partition("/")
        if folder == "keys" and not (settings.keys_folder / key).exists():
            settings.keys_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            text = (archive.folder / name).read_text()
            key_folder.write(settings.keys_folder / key, text, 0o644 if key.endswith(".pub") else 0o600)
            print(f"{key} is back among the keys")
    vaults_here = vaults(settings)
    for name, needed in archive.content["vaults"].items():
        if not set(needed) <= set(vaults_here.get(name, ())):
            print(
                f"the secrets in {name}'s database were sealed with a key that is not in {settings.keys_folder}: "
                f"put {name}.vault of that time there before the platform starts"
            )


def _database(name: str, archive: Archive, database: Database) -> None:
    """Restore a database in one transaction. Afterwards the database has the state of the archive's instant and can be used;
    after a failure it is empty."""
    began, count = time.monotonic(), 0
    recorded = archive.databases[name]
    with database.write() as session:
        connection = session.connection()
        if not database.sqlite:
            connection.execute(sql("SET LOCAL statement_timeout = 0"))
        migrate.rebuild(name, connection, recorded["revisions"])
        tables = rows.tables_of(connection)
        if {table.name for table in tables} != set(recorded["tables"]):
            raise Broken(f"{name}: the archive has other tables than its revisions make")
        for table in tables:
            rows.write(connection, table, archive.rows(name, table.name))
            rows.set_positions(connection, table, recorded["tables"][table.name]["last"])
            if not database.sqlite:  # Without this, PostgreSQL's planner would have no statistics for the first queries.
                connection.execute(sql(f'ANALYZE "{table.name}"'))
            count += _compared(name, connection, table, recorded["tables"][table.name])
        if "feed" in recorded["tables"]:
            feed.skip_positions(session)
        republished = housekeeping.resume_restored(session, archive.at - timedelta(days=REPLAYED_DAYS))
        if "keeping" in recorded["tables"]:
            housekeeping.record_backup(session, "restore", archive.digest, archive.at)
    if migrate.upgrade(name, database):
        with database.write() as session:
            housekeeping.record_backup(session, "restore", archive.digest, archive.at)
    seconds = time.monotonic() - began
    print(f"{name}: {count} rows, identical by checksum, in {seconds:.1f} s; {republished} events will be published again")


def _record(name: str, archive: Archive, database: Database, settings: Settings) -> None:
    """Record in the audit log, signed with the service's key, that the database was set back to the archive's instant. Without
    this entry, services that know audit entries written after that instant would report them as missing."""
    registry = composition.registry_of(name)
    with database.write() as session:
        chains = set(session.execute(select(audit_chain.c.bureau).distinct()).scalars())
        bureaus = composition.jurisdictions(settings) if registry.per_bureau else chains | set(BUREAUS)
        try:
            audit.record(session, registry, composition.signer(name, settings), archive.digest, archive.at, bureaus)
        except InvalidSetting as error:
            print(f"{name}: the audit log does not say that it was set back: {error}")
            print("    put the key there and restore again; `guichuang audit verify` reports a log that was cut off until then")


def _compared(name: str, connection: Connection, table: Table, recorded: Lines) -> int:
    restored_sum = rows.Sum()
    for _ in restored_sum.over(rows.read(connection, table)):
        pass
    if (restored_sum.rows, restored_sum.hex) != (recorded["rows"], recorded["sum"]):
        raise Broken(f"{name}.{table.name} did not come out as it is in the archive")
    return restored_sum.rows


def _objects(archive: Archive, settings: Settings) -> None:
    from services.kernel.storage.factory import store_of

    began, store = time.monotonic(), store_of(settings)
    restored = objects.put_back(archive, store)
    if lacking := objects.lacking(archive, store):
        raise Broken(f"the store has other bytes than the archive under {len(lacking)} keys, {lacking[0]} for one")
    total = archive.content["objects"]["rows"]
    print(f"{total} documents and papers, identical by checksum, {restored} of them brought, in {time.monotonic() - began:.1f} s")
    for key in archive.content["objects"]["missing"]:
        print(f"    was missing already when the archive was made: {key}")
