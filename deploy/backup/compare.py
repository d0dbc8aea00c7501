"""`guichuang backup compare`: find events that a consumer had received according to one archive, but that their producer had not
published according to another.

The archives of several deployments have different instants. After they are restored, only one side knows the events between those
instants. This command lists the cases concerned; it is best run before any restore.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar, cast

from deploy.backup.archive import Archive
from deploy.backup.manifest import InboxRow, OutboxRow
from services.kernel.messaging.inbox import Arrival

RowDict = TypeVar("RowDict")

#: The largest difference between the clocks of two deployments. An event that was received earlier than the producer's instant by
#: more than this was published before that instant.
SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """An event that `by` (an archive's folder and service) has received and that its producer's archive does not contain."""

    subject: str
    type: str
    producer: str
    by: str
    received_at: datetime


def compare(archives: Sequence[Archive]) -> list[UnknownEvent]:
    """Return every event that a consumer's archive contains and its producer's archive lacks, in the order in which the consumers
    received them."""
    instants: dict[str, datetime] = {}
    for archive, _, sent in _rows(archives, "outbox", OutboxRow):
        instants[sent["producer"]] = max(archive.at, instants.get(sent["producer"], archive.at))
    unknown: dict[str, UnknownEvent] = {}
    bureaus: set[str | None] = set()
    for archive, service, row in _rows(archives, "inbox", InboxRow):
        received_at, said_until = datetime.fromisoformat(row["received_at"]), instants.get(row["producer"])
        if said_until is not None and received_at > said_until - SKEW:
            archive_and_service = f"{archive.folder.name}/{service}"
            unknown[row["id"]] = UnknownEvent(row["subject"], row["type"], row["producer"], archive_and_service, received_at)
            bureaus.add(row["bureau"])
    for _, _, sent in _rows(archives, "outbox", OutboxRow) if unknown else ():
        for bureau in bureaus:
            unknown.pop(Arrival.of(sent["body"], bureau).id, None)
    return sorted(unknown.values(), key=lambda ahead: ahead.received_at)


def show(archives: Sequence[Archive]) -> int:
    """Print one line for each event and return their number."""
    findings = compare(archives)
    for ahead in findings:
        at = ahead.received_at.isoformat(timespec="seconds")
        print(f"{ahead.subject}  {ahead.type}  known to {ahead.by} since {at}, not to {ahead.producer}")
    cases = len({ahead.subject for ahead in findings})
    print(
        f"{len(findings)} events of {cases} cases are ahead of their producer's archive"
        if findings
        else "no archive is ahead of another"
    )
    return len(findings)


def _rows(archives: Sequence[Archive], table: str, kind: type[RowDict]) -> Iterator[tuple[Archive, str, RowDict]]:
    """Yield the rows of a table of every database, with archive and service. `kind` describes the columns that are read."""
    for archive in archives:
        for service, database in archive.databases.items():
            columns = database["tables"][table]["columns"]
            for line in archive.rows(service, table):
                yield archive, service, cast(RowDict, dict(zip(columns, json.loads(line), strict=True)))
