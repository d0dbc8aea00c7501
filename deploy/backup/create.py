"""`guichuang backup`: copy the databases and documents of a running platform, all of the same instant, into a new archive."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from importlib.metadata import version

from sqlalchemy import Connection
from sqlalchemy import text as sql

from deploy import composition
from deploy.backup import objects, rows
from deploy.backup.archive import Archive, Writer, complete, new_archive
from deploy.backup.manifest import TableEntry
from deploy.backup.snapshot import take_snapshot
from services.kernel.persistence import housekeeping
from services.kernel.persistence.database import Database
from services.kernel.settings import Settings


def backup(settings: Settings, services: Sequence[str] = (), *, with_keys: bool = False) -> Archive:
    """Create an archive in the settings' folder of backups and record it in the databases. `services`: save only the databases of
    these services (and the documents' bytes, if `documents` is among them), for a deployment that has no other databases. Raises
    Busy if the databases cannot be locked in time, and Unavailable if the object store is unreachable."""
    is_complete = not services
    with ExitStack() as open_databases, new_archive(settings.backups_folder) as writer:
        databases = {name: Database(settings.database(name), pool=2) for name in services or composition.PARTIES}
        for database in databases.values():
            open_databases.callback(database.close)
        with take_snapshot(databases) as cut:
            print(f"the state of {cut.at.isoformat(timespec='seconds')}; writers waited {cut.held * 1000:.0f} ms at most")
            tables = {name: _database(writer, name, connection) for name, connection in cut.connections.items()}
            if "documents" in cut.connections:
                _objects(writer, settings, cut.connections["documents"], tables["documents"])
        if is_complete and settings.bus != "embedded://":
            _broker(writer, settings)
        if with_keys:
            for path in sorted(settings.keys_folder.glob("*.*")):
                writer.file(f"keys/{path.name}", path.read_bytes())
        archive = writer.finish(cut.at, code=version("guichuang"), vaults=vaults(settings))
        for name, database in databases.items():
            if "keeping" in tables[name]:  # Before its migration, a database does not have the table.
                with database.write() as session:
                    housekeeping.record_backup(session, "backup", archive.digest, cut.at)
    print(f"{archive.folder} is complete")
    return archive


def _database(writer: Writer, service: str, connection: Connection) -> list[str]:
    """Write all tables of a service as the snapshot sees them; return their names."""
    began, count = time.monotonic(), 0
    tables: dict[str, TableEntry] = {}
    for table in rows.tables_of(connection):
        recorded = writer.rows(service, table.name, rows.read(connection, table))
        columns = [column.name for column in rows.columns_of(table)]
        tables[table.name] = {**recorded, "columns": columns, "last": rows.positions_of(connection, table)}
        count += recorded["rows"]
    revisions = sorted(connection.execute(sql(f"SELECT version_num FROM {rows.REVISIONS}")).scalars())
    writer.content["databases"][service] = {"revisions": revisions, "tables": tables}
    print(f"{service}: {count} rows of {len(tables)} tables in {time.monotonic() - began:.1f} s")
    return list(tables)


def _objects(writer: Writer, settings: Settings, connection: Connection, tables: Iterable[str]) -> None:
    from services.kernel.storage.factory import store_of

    began = time.monotonic()
    earlier = complete(settings.backups_folder)
    missing: list[str] = []
    items = objects.recorded_objects(connection, tables)
    saved = objects.save(items, store_of(settings), writer.folder, earlier[0] if earlier else None, missing)
    writer.objects(saved, missing=missing)
    print(f"{writer.content['objects']['rows']} documents and papers in {time.monotonic() - began:.1f} s")
    for key in missing:
        print(f"    not in the store as it was registered, so not in the archive: {key}")


def _broker(writer: Writer, settings: Settings) -> None:
    from deploy.cluster.topology import definitions

    written = definitions(settings, accounts=True)
    writer.file("broker.json", json.dumps(written, indent=1).encode())


def vaults(settings: Settings) -> Mapping[str, list[str]]:
    """Return fingerprints of the sealing keys in the keys folder, by vault. The archive stores the fingerprints, and a restore
    compares them with the keys in its own keys folder; a fingerprint does not reveal the key."""
    return {
        name: [hashlib.sha256(b"guichuang " + key.encode()).hexdigest()[:16] for key in path.read_text().split()]
        for name in composition.VAULTS
        if (path := settings.keys_folder / f"{name}.vault").exists()
    }
