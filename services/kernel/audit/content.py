"""What of an entry is signed and hashed, and in which form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

from sqlalchemy import Row, RowMapping

#: An entry without its place.
FIELDS = ("at", "bureau", "actor", "role", "action", "subject", "article", "before", "after", "correlation_id")


def canonical(content: Mapping[str, Any]) -> str:
    """The same text for the same content, wherever it is computed."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(text: str) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def of_entry(entry: Mapping[str, Any] | RowMapping, position: int, *, with_state: bool = True) -> dict[str, Any]:
    """An entry's content at its position. `state` is left out where there is none: entries of earlier versions have none."""
    content = {name: None if entry[name] is None else str(entry[name]) for name in FIELDS}
    content["at"] = entry["at"].astimezone(UTC).isoformat()
    content["position"] = str(position)
    if with_state and entry["state"] is not None:
        content["state"] = entry["state"]
    return content


def signed(entry: Mapping[str, Any] | RowMapping, position: int) -> bytes:
    """What the writer of an entry signs."""
    return f"guichuang.audit\n{canonical(of_entry(entry, position))}".encode()


def place_of(row: Row[Any]) -> int:
    """The position an entry had where it was sealed."""
    return int(row.position if row.sealed_as is None else row.sealed_as)


def links(previous: str, row: Row[Any]) -> Iterator[str]:
    """The hashes that may stand for an entry on top of the chain's head: with its state, and as a sealer of an earlier version
    made it, which knew no state."""
    entry = row._mapping
    yield digest(previous + canonical(of_entry(entry, place_of(row))))
    if entry["state"] is not None:
        yield digest(previous + canonical(of_entry(entry, place_of(row), with_state=False)))


def link(previous: str, row: Row[Any]) -> str:
    """The hash of one entry on top of the chain's head."""
    return next(links(previous, row))
