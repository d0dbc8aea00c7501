"""The metadata of the application service's tables, and `where` for their partial indexes. Every module in this folder imports
it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import MetaData, text

from services.kernel.persistence.tables import metadata as kernel

metadata = MetaData(naming_convention=kernel.naming_convention)


def where(condition: str) -> dict[str, Any]:
    """Return the index arguments that limit a partial index to the rows that fulfil this condition."""
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}
