"""Cursors as clients hold them: signed for one list, so that no invented, changed or foreign one reaches a service."""

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

#: What the vault's keys are derived for.
_PURPOSE = "cursor"
#: Bytes of the HMAC that a cursor carries.
_TAG_BYTES = 16


class Cursors:
    """Signs a service's cursor (`<place>.<tag>`) and reads it again. All processes of a gateway share the vault's keys; a cursor
    outlives a change of key as long as the old key is kept. Services sign nothing: their cursors reach clients here alone."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def sign(self, place: str, listing: str) -> str:
        """The cursor of a place in a list."""
        return next(self._signed(place, listing))

    def read(self, cursor: str, listing: str) -> str:
        """The place of a cursor of this list. Invalid at /cursor when the cursor was not given for it."""
        place, _, _ = cursor.rpartition(".")
        if not cursor.isascii() or not any(hmac.compare_digest(signed, cursor) for signed in self._signed(place, listing)):
            raise bad_cursor()
        return place

    def _signed(self, place: str, listing: str) -> Iterator[str]:
        message = f"{listing}\n{place}".encode()
        for tag in self._vault.tags(_PURPOSE, message):
            yield f"{place}.{base64.urlsafe_b64encode(tag[:_TAG_BYTES]).decode().rstrip('=')}"


def listing_of(field: Cursor, name: str, arguments: Mapping[str, Any]) -> str:
    """What a cursor of this request belongs to: the order its field names, or this path with these filters. Filters left out
    count for nothing, so that a new filter ends no cursor that was given before it."""
    if field.of:
        return field.of
    filters = {key: value for key, value in arguments.items() if key not in (name, "limit") and value is not None}
    return json.dumps([request.path, filters], ensure_ascii=True, sort_keys=True)
