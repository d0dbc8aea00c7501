"""Keyset paging. A cursor contains the sort key of the last row shown, so every page costs the same."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session

from services.kernel.errors import Invalid

#: The largest number of rows of a list that are counted.
COUNTED = 1000


def encode_cursor(key: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(list(key)).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, types: Sequence[type]) -> list[Any]:
    """Return the key in a cursor; its parts must have these types (`str` or `int`). Raises Invalid if the cursor contains no such
    key."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        key = None
    if not isinstance(key, list) or [*map(type, key)] != [*types] or not all(map(_storable, key)):
        raise bad_cursor()
    return key


def bad_cursor() -> Invalid:
    """Return the error for a cursor that was not issued for this list."""
    return Invalid.field(
        "/cursor",
        "bad_cursor",
        "翻页位置无效或不属于此列表，请从第一页重新查询。",
        "This is no place in this list with these filters; begin at its first page.",
    )


def _storable(part: str | int) -> bool:
    """Return whether a database can compare a column with this value: an integer of 64 bits, or UTF-8 text without NUL."""
    if isinstance(part, int):
        return -(2**63) <= part < 2**63
    return "\0" not in part and part.isprintable()


def page(
    session: Session,
    statement: Select[Any],
    key: Sequence[ColumnElement[Any]],
    *,
    limit: int,
    cursor: str | None,
    descending: bool = False,
) -> tuple[list[Any], str | None]:
    """Return one page of rows and the cursor of the next page. The statement's first columns must be `key` (text or integers,
    unique together); the caller chooses the others."""
    if cursor:
        after = decode_cursor(cursor, [column.type.python_type for column in key])
        statement = statement.where(tuple_(*key) < tuple(after) if descending else tuple_(*key) > tuple(after))
    order = [column.desc() for column in key] if descending else list(key)
    rows = list(session.execute(statement.order_by(*order).limit(limit + 1)))
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], encode_cursor(rows[limit - 1][: len(key)])


def total(
    session: Session,
    statement: Select[Any],
    key: Sequence[ColumnElement[Any]],
    rows: int,
    *,
    cursor: str | None,
    more: str | None,
) -> int | None:
    """Return the number of rows of a list, up to `COUNTED`; None if there are more, and on later pages. `rows` and `more` are the
    results of `page`: if the first page contains all rows, no query is needed."""
    if cursor:
        return None
    if more is None:
        return rows
    # The rows are counted in the list's own order, so that the index of the page also serves the count and no table is scanned.
    limited = statement.with_only_columns(*key).order_by(*key).limit(COUNTED + 1).subquery()
    counted: int = session.execute(select(func.count()).select_from(limited)).scalar_one()
    return counted if counted <= COUNTED else None
