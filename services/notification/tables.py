"""The notification service's tables."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, MetaData, String, Table, UniqueConstraint, text
from sqlalchemy.orm import registry

from services.kernel import tables
from services.kernel.database import Instant, Json, Position
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

#: What other systems may read, as it arrived; `position` is given afterwards, in one row, so that a reader who has seen one
#: position has seen all before it. `body` is the event in CloudEvents form.
feed = Table(
    "feed",
    metadata,
    Column("arrived", Position, primary_key=True, autoincrement=True),
    Column("position", Position, unique=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("type", String(80), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("bureau", String(20), nullable=False),
    Column("recommender", String(20)),
    Column("public", Boolean, nullable=False),
    Column("body", Json, nullable=False),
    Column("recorded_at", Instant, nullable=False),
)
_unnumbered = text("position IS NULL")
Index("ix_feed_unnumbered", feed.c.arrived, postgresql_where=_unnumbered, sqlite_where=_unnumbered)

#: Instants here are real time. `secrets` are [{sealed, until}], the newest first; `cursor` is the place in the feed up to which
#: deliveries were made out; `held_until` is when somebody may take it in hand again.
webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("owner", String(120), nullable=False),
    Column("bureau", String(20)),
    Column("url", String(500), nullable=False),
    Column("types", Json, nullable=False),
    Column("secrets", Json, nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", String(40)),
    Column("cursor", Position, nullable=False),
    Column("held_until", Instant, nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("failing_since", Instant),
    Column("created_at", Instant, nullable=False),
    Index(None, "owner", "id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("webhook", String(36), ForeignKey(webhooks.c.id, ondelete="CASCADE"), nullable=False),
    Column("position", Position, nullable=False),
    Column("event", String(36), nullable=False),
    Column("type", String(80), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("state", String(10), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("tried_at", Instant),
    Column("status", Integer),
    Column("error", String(200)),
    UniqueConstraint("webhook", "position"),
    Index(None, "webhook", "id"),
)
_waiting = text("state = 'waiting'")
Index(
    "ix_deliveries_waiting",
    deliveries.c.webhook,
    deliveries.c.next_at,
    postgresql_where=_waiting,
    sqlite_where=_waiting,
)

registry(metadata=metadata).map_imperatively(Case, cases)
