"""The tables by which similar directions of research are found (A4(1)); their pairs of characters are in `terms`."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table, Text

from services.application.tables.cases import applications
from services.application.tables.register import consortia
from services.application.tables.schema import metadata, where

#: What is compared, as it was last submitted. `id` is an application's, or that of a consortium that was imported.
directions = Table(
    "directions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("text", Text, nullable=False),
)

#: Applications whose direction is not compared as it should be by now: the version submitted last of an open one, -1 for one that
#: is recognised, 0 (not compared) for one that ended otherwise. Queries must repeat it, or PostgreSQL ignores the index.
OUTDATED = (
    "version > 0 AND compared_version <> CASE status WHEN 'recognised' THEN -1 "
    "WHEN 'rejected' THEN 0 WHEN 'declined' THEN 0 WHEN 'withdrawn' THEN 0 ELSE version END"
)
Index("ix_applications_uncompared", applications.c.id, **where(OUTDATED))

#: Imported consortia whose direction is not compared yet.
UNCOMPARED = "imported AND NOT compared"
Index("ix_consortia_uncompared", consortia.c.id, **where(UNCOMPARED))
