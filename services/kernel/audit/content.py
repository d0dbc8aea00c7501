"""The parts of an audit entry that are signed and hashed, and their canonical form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

from sqlalchemy import Row, RowMapping

#: The columns of an entry that are signed and hashed together with its position.
FIELDS = ("at", "bureau", "actor", "role", "action", "subject", "article", "before", "after", "correlation_id")


def canonical(content: Mapping[str, Any]) -> str:
    """Return a content as canonical JSON: equal contents give the same text in every process."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(text: str) -> str:
    """Return the SHA-256 of a text in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def entry_content(entry: Mapping[str, Any] | RowMapping, position: int, *, with_state: bool = True) -> dict[str, str | None]:
    """Return the content of an entry at a position. `state` (the digest of the subject's rows) is left out if the entry has none,
    as in entries of earlier versions."""
    content: dict[str, str | None] = {name: None if entry[name] is None else str(entry[name]) for name in FIELDS}
    content["at"] = entry["at"].astimezone(UTC).isoformat()
    content["position"] = str(position)
    if with_state and entry["state"] is not None:
        content["state"] = entry["state"]
    return content


def signed_bytes(entry: Mapping[str, Any] | RowMapping, position: int) -> bytes:
    """Return the bytes that the writer of an entry signs."""
    return f"guichuang.audit\n{canonical(entry_content(entry, position))}".encode()


def sealed_position(row: Row[Any]) -> int:
    """Return the position that an entry had in the database in which it was sealed."""
    return int(row.position if row.sealed_as is None else row.sealed_as)


def valid_hashes(previous: str, row: Row[Any]) -> Iterator[str]:
    """Yield the valid hashes of an entry that follows the hash `previous`: the hash of the entry with its state, and the hash
    without it, because earlier versions computed the hash without a state."""
    entry = row._mapping
    yield digest(previous + canonical(entry_content(entry, sealed_position(row))))
    if entry["state"] is not None:
        yield digest(previous + canonical(entry_content(entry, sealed_position(row), with_state=False)))


def next_hash(previous: str, row: Row[Any]) -> str:
    """Return the hash of an entry that follows the hash `previous`."""
    return next(valid_hashes(previous, row))
