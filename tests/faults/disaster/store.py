"""The object store is destroyed: its files are restored from an archive, and the integrity job finds that newer files are
missing."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from minio import Minio
from sqlalchemy import create_engine, text

from deploy.backup.archive import OBJECTS
from deploy.backup.create import backup
from deploy.cluster.local_cluster import LocalCluster
from deploy.doctor import examine
from tests.faults.checker import Report
from tests.faults.disaster.crew import Crew, settings, timed

#: The seconds within which the integrity job must have read every object, after all objects have become due.
READ_SECONDS = 120.0


def lose_the_store(folder: Path) -> Report:
    """Destroy the store while databases and broker keep running. The people stop before the loss, because they would have to
    repeat an upload in progress; they start again while there is no store."""
    with LocalCluster(settings(folder / "var")) as machine:
        crew = Crew(machine)
        crew.work()
        archive = backup(machine.province.operators())
        crew.work()
        crew.finish()
        machine.province.pause("documents")
        machine.store.kill()
        lost = {promise.path.split("/")[2] for promise in crew.ledger.promises if promise.path.endswith("/completion")}
        lost -= {item["key"].partition("/")[2] for item in archive.objects()}
        shutil.rmtree(machine.store.folder / "data")
        crew.begin()
        with timed("an empty store started"):
            machine.store.start()
            machine.store.wait_ready()
            machine.store.create_bucket(machine.settings.bucket)
        with timed("the documents copied back"):
            copied = _copy_back(machine, archive.folder / OBJECTS)
        machine.province.go_on("documents")
        crew.work()
        crew.finish()
        report = crew.check()
        with timed("everything read again"):
            damaged = _read_again(machine)
        report.see("documents copied back", copied > 0, "there were none")
        report.see("documents younger than the archive", bool(lost), "there were none")
        report.see("documents found to be lost", lost <= damaged, f"{len(lost - damaged)} of {len(lost)} not seen")
        said = [symptom.what for symptom in examine(machine.operators())]
        report.see("the doctor's count", any(f"{len(damaged)} documents are damaged" in what for what in said), "; ".join(said))
        return report


def _copy_back(machine: LocalCluster, folder: Path) -> int:
    """Copy an archive's files back into the store, as any S3 client does; return the number of files."""
    key, secret = machine.store.access_key, machine.store.secret_key
    client = Minio(machine.store.endpoint, key, secret, secure=False)
    files = [path for path in folder.rglob("*") if path.is_file()]
    for path in files:
        client.fput_object(machine.settings.bucket, path.relative_to(folder).as_posix(), str(path))
    return len(files)


def _read_again(machine: LocalCluster) -> set[str]:
    """Date the documents 31 days back in the database, so that the integrity job reads every object again; return the ids of the
    documents that it finds missing or damaged."""
    with create_engine(machine.province.operators().database("documents")).connect() as connection:
        old = "UPDATE documents SET stored_at = stored_at - interval '31 days', checked_at = NULL WHERE state = 'clean'"
        connection.execute(text(old))
        connection.commit()
        end = time.monotonic() + READ_SECONDS
        left = text("SELECT count(*) FROM documents WHERE state = 'clean' AND checked_at IS NULL")
        while connection.execute(left).scalar_one() and time.monotonic() < end:
            connection.rollback()
            time.sleep(0.5)
        return set(connection.execute(text("SELECT id FROM documents WHERE state = 'damaged'")).scalars())
