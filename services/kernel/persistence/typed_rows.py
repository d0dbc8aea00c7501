"""Read a row of a query as the TypedDict that describes it, so that mypy finds a misspelt column."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from sqlalchemy import Row

RowDict = TypeVar("RowDict")


def typed_row(kind: type[RowDict], row: Row[Any]) -> RowDict:
    """The columns of a row by name. The query must select the members of `kind`; nothing is checked at run time."""
    return cast(RowDict, dict(row._mapping))
