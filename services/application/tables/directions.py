"""The tables for the search for similar research directions (A4(1)); the pairs of characters are in `terms`."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table, Text

from services.application.tables.cases import applications
from services.application.tables.register import consortia
from services.application.tables.schema import metadata
from services.kernel.persistence.database import index_where

#: The texts that are compared, from the last submissions. `id`: the id of an application or of an imported consortium.
directions = Table(
    "directions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("text", Text, nullable=False),
)

#: Selects applications whose `compared_version` is out of date. It should be the last submitted version for an open application,
#: -1 for a recognised one, and 0 (not compared) for one that ended otherwise. Queries must repeat this condition exactly, or
#: PostgreSQL ignores the index.
OUTDATED = (
    "version > 0 AND compared_version <> CASE status WHEN 'recognised' THEN -1 "
    "WHEN 'rejected' THEN 0 WHEN 'declined' THEN 0 WHEN 'withdrawn' THEN 0 ELSE version END"
)
Index("ix_applications_uncompared", applications.c.id, **index_where(OUTDATED))

#: Selects imported consortia whose direction is not in the index yet.
UNCOMPARED = "imported AND NOT compared"
Index("ix_consortia_uncompared", consortia.c.id, **index_where(UNCOMPARED))
