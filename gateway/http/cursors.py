"""Cursors as clients receive them. Each cursor is signed for one list, so that an invented or altered cursor, or one of another
list, never reaches a service."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any

from flask import request

from services.contracts.common import Cursor
from services.kernel.persistence.paging import bad_cursor
from services.kernel.vault import Vault

#: The purpose for which the vault derives the keys.
_PURPOSE = "cursor"
#: The number of bytes of the HMAC in a cursor.
_TAG_BYTES = 16


class Cursors:
    """Signs a service's cursor (`<position in the list>.<tag>`), and verifies the cursor when a client sends it back. All gateway
    processes share the vault's keys; after a change of keys, older cursors stay valid as long as the old key does. Services need
    not sign their cursors, because clients get cursors only through the gateway."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def sign(self, position: str, listing: str) -> str:
        """Return the signed cursor for a position in a list."""
        return next(self._signed_with_each_key(position, listing))

    def read(self, cursor: str, listing: str) -> str:
        """Return the position in a cursor of this list. Raises Invalid at /cursor if the cursor was not issued for this list."""
        position, _, _ = cursor.rpartition(".")
        if not cursor.isascii() or not any(
            hmac.compare_digest(signed, cursor) for signed in self._signed_with_each_key(position, listing)
        ):
            raise bad_cursor()
        return position

    def _signed_with_each_key(self, position: str, listing: str) -> Iterator[str]:
        message = f"{listing}\n{position}".encode()
        for tag in self._vault.tags(_PURPOSE, message):
            yield f"{position}.{base64.urlsafe_b64encode(tag[:_TAG_BYTES]).decode().rstrip('=')}"


def listing_of(field: Cursor, name: str, arguments: Mapping[str, Any]) -> str:
    """Return a text that identifies the list to which a cursor of this request belongs: the name of a list that the schema field
    states (`of`), or the request's path with its filters. Filters that are not given are left out, so that a new filter does not
    invalidate cursors issued before it."""
    if field.of:
        return field.of
    filters = {key: value for key, value in arguments.items() if key not in (name, "limit") and value is not None}
    return json.dumps([request.path, filters], ensure_ascii=True, sort_keys=True)
