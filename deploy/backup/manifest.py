"""The JSON of an archive: its manifest, and the lines of its lists."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class Lines(TypedDict):
    """A file of lines. `rows`: the number of lines; `sum`: a checksum of the lines that does not depend on their order; `sha256`:
    the digest of the file."""

    rows: int
    sum: str
    sha256: str


class TableEntry(Lines):
    """The rows of a table. `last`: the last number that each auto-increment column has assigned."""

    columns: list[str]
    last: dict[str, int]


class DatabaseEntry(TypedDict):
    revisions: list[str]
    tables: dict[str, TableEntry]


class ObjectList(Lines):
    """The list of the archive's objects. `missing`: the keys of objects that the store lacked, or whose bytes there differed from
    the digest in the database."""

    missing: list[str]


class Contents(TypedDict):
    """The files of an archive. `databases`: by service; `files`: the SHA-256 of each additional file, by its name."""

    format: int
    databases: dict[str, DatabaseEntry]
    files: dict[str, str]
    objects: NotRequired[ObjectList]


class Manifest(Contents):
    """`at`: the instant whose state the archive contains; `code`: the release that wrote the archive; `vaults`: the fingerprints
    of the sealing keys, by vault."""

    at: str
    code: str
    vaults: dict[str, list[str]]


class ArchivedObject(TypedDict):
    """An object of the store. `size` in bytes."""

    key: str
    size: int
    sha256: str


class OutboxRow(TypedDict):
    """The columns of an archived row of an outbox that `compare` reads."""

    producer: str
    body: str


class InboxRow(TypedDict):
    """The columns of an archived row of an inbox that `compare` reads."""

    id: str
    type: str
    producer: str
    subject: str
    received_at: str
    bureau: str | None
