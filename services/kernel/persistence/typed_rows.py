"""Read a row of a query as the TypedDict that describes it, so that mypy finds a misspelt column."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from sqlalchemy import Row

RowDict = TypeVar("RowDict")


def typed_row(kind: type[RowDict], row: Row[Any]) -> RowDict:
    """Return the columns of a row by name, as the TypedDict `kind`. The query must select the members of `kind`; this is not
    checked at run time."""
    return cast(RowDict, dict(row._mapping))
