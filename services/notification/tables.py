"""The notification service's tables."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import registry

from services.kernel.persistence import tables
from services.kernel.persistence.database import Instant, Json, Position
from services.notification.domain import Case

metadata = MetaData(naming_convention=tables.metadata.naming_convention)

#: Messages. `texts` is {language: [title, text]}.
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
    Column("addressed", Boolean, nullable=False, server_default=true()),
    Index(None, "audience", "id"),
    UniqueConstraint("audience", "once"),
)
#: SQL condition: no letters were created for the message yet. It must match the partial index's predicate exactly, or PostgreSQL
#: ignores the index.
unaddressed = text("NOT addressed")
Index("ix_messages_unaddressed", messages.c.id, postgresql_where=unaddressed, sqlite_where=unaddressed)

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
    Column("channels", Json(none_as_null=True)),
    Column("quiet_hours", Json(none_as_null=True)),
    Column("digest", String(10), nullable=False, server_default="none"),
)

#: Contact addresses of accounts. `roles` contains the account's roles, separated by blanks and with blanks around them, so that a
#: query can search for one role. `until`: the last day of a delegation.
contacts = Table(
    "contacts",
    metadata,
    Column("account", String(120), primary_key=True),
    Column("email", String(320)),
    Column("phone", String(30)),
    Column("roles", String(120), nullable=False),
    Column("bureau", String(20)),
    Column("organisation", String(18)),
    Column("active", Boolean, nullable=False),
    Column("until", Date),
    Index(None, "organisation"),
    Index(None, "bureau"),
)

#: Letters: one message to one account over one channel. A `gathered` letter waits for the account's digest. Instants are real
#: time.
letters = Table(
    "letters",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("message", String(36), ForeignKey(messages.c.id), nullable=False),
    Column("account", String(120), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("type", String(80), nullable=False),
    Column("state", String(10), nullable=False),
    Column("gathered", Boolean, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("tried_at", Instant),
    Column("code", String(60)),
    Column("secret", Json(none_as_null=True)),
    UniqueConstraint("message", "account", "channel"),
    Index(None, "account", "id"),
    Index(None, "state", "id"),
)
_to_send = text("state = 'waiting'")
Index("ix_letters_waiting", letters.c.next_at, postgresql_where=_to_send, sqlite_where=_to_send)

#: Deadlines, each with the audiences that must act. `reminded`: the numbers of days before the deadline whose reminder was sent.
deadlines = Table(
    "deadlines",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("audiences", Json, nullable=False),
    Column("facts", Json, nullable=False),
    Column("reminded", Json, nullable=False),
    Index(None, "due_on"),
    Index(None, "subject"),
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

#: Events that other systems may read. One process assigns `position` after the commit, so that a reader who has read up to a
#: position misses no event before it. `body` is the event in CloudEvents form.
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

#: Subscriptions of other systems. Instants are real time. `secrets` are [{sealed, until}], the newest first; `cursor` is the feed
#: position up to which deliveries were created; `hold` identifies the worker that has the lease, which ends at `held_until`.
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
    Column("hold", String(36)),
    Column("held_until", Instant, nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("failing_since", Instant),
    Column("slow", Boolean, nullable=False, server_default=false()),
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
