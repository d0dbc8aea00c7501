"""Copy the documents' bytes into an archive and back. An object never changes under its key. Therefore objects can be copied
after the archive's instant, and objects that an earlier archive contains are not copied again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy import text as sql

from deploy.backup.archive import Archive, Broken, created, file_digest, object_path
from deploy.backup.manifest import ArchivedObject
from deploy.backup.rows import STREAMED
from services.kernel.persistence.typed_rows import typed_row
from services.kernel.storage.base import Missing, Store

#: The number of objects that are copied concurrently, and the number of objects in one batch.
AT_ONCE, BATCH = 4, 200


def recorded_objects(connection: Connection, tables: Iterable[str]) -> Iterator[ArchivedObject]:
    """Yield key, size and SHA-256 of all objects that the documents' database records as permanent, which excludes unfinished
    uploads, quarantined malware and damaged documents."""
    papers = "SELECT DISTINCT 'papers/' || sha256 || '.' || format AS key, size, sha256 FROM papers"
    kept = "SELECT 'documents/' || id AS key, size, sha256 FROM documents WHERE state = 'clean'"
    statement = f"{kept} UNION ALL {papers}" if "papers" in tables else kept
    return (typed_row(ArchivedObject, row) for row in connection.execute(sql(statement), execution_options=STREAMED))


def save(
    items: Iterable[ArchivedObject], store: Store, folder: Path, previous: Archive | None, missing: list[str]
) -> Iterator[ArchivedObject]:
    """Copy the objects into an archive's folder, and yield those that were copied. The keys of objects that are missing in the
    store or were changed there are added to `missing`."""

    def handle(item: ArchivedObject) -> bool:
        return _from_previous(item, previous, folder) or _from_store(item, store, folder)

    for item, in_archive in _in_parallel(handle, items):
        if in_archive:
            yield item
        else:
            missing.append(item["key"])


def put_back(archive: Archive, store: Store) -> int:
    """Upload every object of the archive that the store lacks; return the number of uploaded objects."""

    def handle(item: ArchivedObject) -> bool:
        if store.exists(item["key"]):
            return False
        path = archive.object(item["key"])
        if file_digest(path) != item["sha256"]:
            raise Broken(f"{path} was changed")
        store.put_file(item["key"], path)
        return True

    return sum(restored for _, restored in _in_parallel(handle, archive.objects()))


def lacking(archive: Archive, store: Store) -> list[str]:
    """Read every object of the archive from the store; return the keys of those that are missing there or differ from the
    archive."""

    def handle(item: ArchivedObject) -> bool:
        digest = hashlib.sha256()
        try:
            for chunk in store.read(item["key"]):
                digest.update(chunk)
        except Missing:
            return True
        return bool(digest.hexdigest() != item["sha256"])

    return [item["key"] for item, lacks in _in_parallel(handle, archive.objects()) if lacks]


def _from_previous(item: ArchivedObject, previous: Archive | None, folder: Path) -> bool:
    """Make a hard link to the object's file in the previous archive, if the file system supports hard links; return whether the
    link was made. The file was verified when the previous backup copied it."""
    if previous is None:
        return False
    source, target = previous.object(item["key"]), object_path(folder, item["key"])
    with suppress(OSError):
        if source.stat().st_size == item["size"]:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.link(source, target)
            return True
    return False


def _from_store(item: ArchivedObject, store: Store, folder: Path) -> bool:
    target = object_path(folder, item["key"])
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    with suppress(Missing), created(target) as file:
        for chunk in store.read(item["key"]):
            file.write(chunk)
            digest.update(chunk)
    if digest.hexdigest() == item["sha256"]:
        return True
    target.unlink()
    return False


def _in_parallel(
    handle: Callable[[ArchivedObject], bool], items: Iterable[ArchivedObject]
) -> Iterator[tuple[ArchivedObject, bool]]:
    items = iter(items)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        while batch := list(islice(items, BATCH)):
            yield from zip(batch, threads.map(handle, batch), strict=True)
