"""An archive: a folder that is complete or does not exist, and that contains the checksums to prove that it is intact.

manifest.json                     its content, with checksums
<service>/<table>.jsonl.gz        one row per line
objects.jsonl.gz, objects/<key>   the documents' bytes
broker.json                       the exchanges and queues of the broker
keys/                             only on request: the archive is then as secret as the keys
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from deploy.backup.manifest import ArchivedObject, Contents, DatabaseEntry, Lines, Manifest
from deploy.backup.rows import Sum
from services.kernel.ids import new_id

#: The version of the archive format. It is increased when older code can no longer read a new archive.
FORMAT = 1
MANIFEST = "manifest.json"
OBJECTS = "objects"
#: The gzip level: the fastest one, because most of an archive is documents, which are not compressed further.
_COMPRESSION = 1
#: Incomplete archives older than this (seconds) may be deleted.
_LEFT_SECONDS = 24 * 3600


class Broken(Exception):
    """The folder is no archive, or the archive is damaged; the message names the file and the fault."""


class Archive:
    """A complete archive. Opening it raises Broken if its manifest is missing or was changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            self.digest = content.pop("sha256")
        except OSError as error:
            advice = "name the folder of an archive; `guichuang backup list` has them"
            raise Broken(f"{folder / MANIFEST}: {error.strerror}; {advice}") from error
        except (ValueError, KeyError) as error:
            raise Broken(f"{folder / MANIFEST} is damaged ({error}); take another archive") from error
        if content.get("format") != FORMAT:
            raise Broken(f"{folder}: format {content.get('format')}, this version reads format {FORMAT}")
        if _digest(content) != self.digest:
            raise Broken(f"{folder / MANIFEST} was changed")
        self.content: Manifest = content

    @property
    def at(self) -> datetime:
        """Return the instant whose state the archive contains."""
        return datetime.fromisoformat(self.content["at"])

    @property
    def databases(self) -> dict[str, DatabaseEntry]:
        """Return, by service, the revisions and tables of its database."""
        return self.content["databases"]

    def rows(self, service: str, table: str) -> Iterator[str]:
        """Yield the rows of a table. Raises Broken after the last row if the rows differ from the checksum in the manifest."""
        recorded = self.databases[service]["tables"][table]
        yield from _lines(self.folder / service / f"{table}.jsonl.gz", recorded)

    def objects(self) -> Iterator[ArchivedObject]:
        """Yield key, size and SHA-256 of every object; nothing if the archive does not contain the database of `documents`.
        Raises Broken after the last object if the list differs from the manifest."""
        if "objects" not in self.content:
            return
        for line in _lines(self.folder / f"{OBJECTS}.jsonl.gz", self.content["objects"]):
            yield json.loads(line)

    def object(self, key: str) -> Path:
        """Return the path of an object's bytes in the archive."""
        return object_path(self.folder, key)

    def verify(self) -> None:
        """Read the whole archive. Raises Broken at the first file that differs from its checksum."""
        for service, database in self.databases.items():
            for table in database["tables"]:
                for _ in self.rows(service, table):
                    pass
        for item in self.objects():
            path = self.object(item["key"])
            if not path.is_file() or file_digest(path) != item["sha256"]:
                raise Broken(f"{path} is missing or was changed")
        for name, digest in self.content["files"].items():
            path = self.folder / name
            if not path.is_file() or file_digest(path) != digest:
                raise Broken(f"{path} is missing or was changed")


class Writer:
    """Writes a new archive; `finish` writes the manifest, which completes it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.content: Contents = {"format": FORMAT, "databases": {}, "files": {}}

    def rows(self, service: str, table: str, lines: Iterable[str]) -> Lines:
        """Write a table. Return the file's entry for the manifest."""
        (self.folder / service).mkdir(exist_ok=True, mode=0o700)
        return self._lines(self.folder / service / f"{table}.jsonl.gz", lines)

    def objects(self, items: Iterable[ArchivedObject], *, missing: list[str]) -> None:
        """Write the list of the archive's objects. `missing`: the keys of objects that the archive lacks; the iterator `items`
        may add keys to it while it is read."""
        listed = (json.dumps(item, separators=(",", ":")) for item in items)
        lines = self._lines(self.folder / f"{OBJECTS}.jsonl.gz", listed)
        self.content["objects"] = {**lines, "missing": missing}

    def file(self, name: str, content: bytes) -> None:
        """Write an additional file."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True, mode=0o700)
        with created(path) as file:
            file.write(content)
        self.content["files"][name] = hashlib.sha256(content).hexdigest()

    def finish(self, at: datetime, *, code: str, vaults: Mapping[str, list[str]]) -> Archive:
        """Complete the archive: write the manifest and give the folder its final name, that of the archive's instant."""
        content: Manifest = {**self.content, "at": at.isoformat(), "code": code, "vaults": dict(vaults)}
        with created(self.folder / MANIFEST) as file:
            file.write(json.dumps({**content, "sha256": _digest(content)}, ensure_ascii=False, indent=1).encode())
        for folder, _, _ in os.walk(self.folder):
            _sync(Path(folder))
        final = _named(self.folder, f"guichuang-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}")
        _sync(final.parent)
        return Archive(final)

    def _lines(self, path: Path, lines: Iterable[str]) -> Lines:
        rows = Sum()
        with created(path) as file, gzip.GzipFile("", "wb", _COMPRESSION, file, mtime=0) as packed:
            for line in rows.over(lines):
                packed.write(line.encode() + b"\n")
        return {"rows": rows.rows, "sum": rows.hex, "sha256": file_digest(path)}


def _named(folder: Path, name: str) -> Path:
    """Rename the folder to this name, or to a similar one if an archive of the same second has the name already, because several
    deployments may use one folder."""
    number = 1
    while True:
        try:
            return folder.rename(folder.with_name(name if number == 1 else f"{name}-{number}"))
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            number += 1


@contextmanager
def new_archive(home: Path) -> Iterator[Writer]:
    """Begin an archive in `home`. If it is not complete at the end of the block, it is removed."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for unfinished in home.glob(".unfinished-*"):
        if unfinished.stat().st_mtime < time.time() - _LEFT_SECONDS:
            shutil.rmtree(unfinished, ignore_errors=True)
    scratch = home / f".unfinished-{new_id()}"
    scratch.mkdir(mode=0o700)
    try:
        yield Writer(scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def complete(home: Path) -> list[Archive]:
    """Return the complete archives in `home`, the newest first; other folders are ignored."""
    archives = []
    for folder in home.glob("guichuang-*"):
        with suppress(Broken):
            archives.append(Archive(folder))
    return sorted(archives, key=lambda archive: archive.at, reverse=True)


def object_path(folder: Path, key: str) -> Path:
    """Return the path of an object in an archive. Raises Broken for a key that leads out of the archive."""
    path = folder / OBJECTS / key
    if not path.resolve().is_relative_to(folder.resolve() / OBJECTS):
        raise Broken(f"not a key: {key!r}")
    return path


@contextmanager
def created(path: Path) -> Iterator[IO[bytes]]:
    """Create a file that only its owner can read, and sync it to disk when the block ends."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _lines(path: Path, recorded: Lines) -> Iterator[str]:
    """Check the file's checksum, then yield each line of it."""
    if not path.is_file() or file_digest(path) != recorded["sha256"]:
        raise Broken(f"{path} is missing or was changed")
    rows = Sum()
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        yield from rows.over(line.rstrip("\n") for line in file)
    if (rows.rows, rows.hex) != (recorded["rows"], recorded["sum"]):
        raise Broken(f"{path} holds other rows than its manifest tells of")


def _digest(content: Manifest) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
