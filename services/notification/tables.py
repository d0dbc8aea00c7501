"""The notification service's tables."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, MetaData, String, Table, UniqueConstraint
from sqlalchemy.orm import registry

from services.kernel import tables
from services.kernel.database import Instant, Json
from services.notification.domain import Case

metadata = MetaData(naming_convention=tables.metadata.naming_convention)

#: `texts` is {language: [title, text]}.
messages = Table(
    "messages",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("audience", String(150), nullable=False),
    Column("type", String(80), nullable=False),
    Column("about", String(200), nullable=False),
    Column("texts", Json, nullable=False),
    Column("once", String(200)),
    Column("occurred_at", Instant, nullable=False),
    Index(None, "audience", "id"),
    UniqueConstraint("audience", "once"),
)

reads = Table(
    "reads",
    metadata,
    Column("account", String(120), primary_key=True),
    Column("message", String(36), ForeignKey(messages.c.id), primary_key=True),
    Column("read_at", Instant, nullable=False),
)

preferences = Table(
    "preferences",
    metadata,
    Column("account", String(120), primary_key=True),
    Column("language", String(2)),
    Column("muted", Json, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("subject", String(120), primary_key=True),
    Column("title", String(400)),
    Column("lead", Json(none_as_null=True)),
    Column("units", Json, nullable=False),
    Column("bureaus", Json, nullable=False),
)

registry(metadata=metadata).map_imperatively(Case, cases)
