"""The documents' bytes on their way into an archive and back. Objects never change under their key, so they are copied after the
instant of the archive, and what an earlier archive has already is not copied again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import text as sql

from deploy.backup.archive import Archive, Broken, created, file_digest, object_path
from deploy.backup.rows import STREAMED
from services.kernel.storage.base import Missing, Store

#: Objects on their way at once, and those looked at before the next are thought of.
AT_ONCE, BATCH = 4, 200

Item = dict[str, Any]


def known(connection: Connection, tables: Iterable[str]) -> Iterator[Item]:
    """Key, size and SHA-256 of all that the documents' database says is kept for good: no uploads on their way, nothing kept
    apart for malware, nothing damaged."""
    papers = "SELECT DISTINCT 'papers/' || sha256 || '.' || format AS key, size, sha256 FROM papers"
    kept = "SELECT 'documents/' || id AS key, size, sha256 FROM documents WHERE state = 'clean'"
    statement = f"{kept} UNION ALL {papers}" if "papers" in tables else kept
    return (dict(row._mapping) for row in connection.execute(sql(statement), execution_options=STREAMED))


def save(items: Iterable[Item], store: Store, folder: Path, previous: Archive | None, missing: list[str]) -> Iterator[Item]:
    """Put the objects into an archive's folder; those that are there. The others (gone or changed in the store) go to
    `missing`."""

    def one(item: Item) -> bool:
        return _from_previous(item, previous, folder) or _from_store(item, store, folder)

    for item, there in _at_once(one, items):
        if there:
            yield item
        else:
            missing.append(item["key"])


def put_back(archive: Archive, store: Store) -> int:
    """Bring every object the store does not have into it; how many that were."""

    def one(item: Item) -> bool:
        if store.holds(item["key"]):
            return False
        path = archive.object(item["key"])
        if file_digest(path) != item["sha256"]:
            raise Broken(f"{path} was changed")
        store.put_file(item["key"], path)
        return True

    return sum(brought for _, brought in _at_once(one, archive.objects()))


def lacking(archive: Archive, store: Store) -> list[str]:
    """Read every object from the store; the keys of those that are not the archive's."""

    def one(item: Item) -> bool:
        digest = hashlib.sha256()
        try:
            for chunk in store.read(item["key"]):
                digest.update(chunk)
        except Missing:
            return True
        return bool(digest.hexdigest() != item["sha256"])

    return [item["key"] for item, lacks in _at_once(one, archive.objects()) if lacks]


def _from_previous(item: Item, previous: Archive | None, folder: Path) -> bool:
    """The same file under a second name, where the disk can do that; that it is whole was seen when it was copied."""
    if previous is None:
        return False
    source, target = previous.object(item["key"]), object_path(folder, item["key"])
    with suppress(OSError):
        if source.stat().st_size == item["size"]:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.link(source, target)
            return True
    return False


def _from_store(item: Item, store: Store, folder: Path) -> bool:
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


def _at_once(one: Callable[[Item], bool], items: Iterable[Item]) -> Iterator[tuple[Item, bool]]:
    items = iter(items)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        while batch := list(islice(items, BATCH)):
            yield from zip(batch, threads.map(one, batch), strict=True)
