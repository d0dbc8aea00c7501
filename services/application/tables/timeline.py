"""The tables of timelines, search terms and policies."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
)

from services.application.tables.schema import metadata
from services.kernel.persistence.database import Instant, Json

#: Pairs of neighbouring characters in names, so that a search for the middle of a Chinese name uses an index.
terms = Table(
    "terms",
    metadata,
    Column("kind", String(12), primary_key=True),
    Column("term", String(2), primary_key=True),
    Column("id", String(36), primary_key=True),
)

#: The steps of a subject, for its readers. `public`: every client may read the step once the consortium is recognised.
timeline = Table(
    "timeline",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("subject", String(60), nullable=False),
    Column("at", Instant, nullable=False),
    Column("type", String(80), nullable=False),
    Column("article", String(40)),
    Column("actor", Json, nullable=False),
    Column("detail", Json, nullable=False),
    Column("public", Boolean, nullable=False),
)
Index("ix_timeline_subject", timeline.c.subject, timeline.c.id)

#: Versions of the policy that were drafted on this platform; published ones are sent to the other services (A15).
policies = Table(
    "policies",
    metadata,
    Column("ref", String(80), primary_key=True),
    Column("document", Json, nullable=False),
    Column("status", String(20), nullable=False),
    Column("drafted_by", String(120), nullable=False),
    Column("drafted_at", Instant, nullable=False),
    Column("published_by", String(120)),
    Column("published_at", Instant),
)

#: Previews of policy drafts: the open applications for which the text with this digest (`etag`) would change a finding, as one
#: account read them. `next_cursor`: where the next page to read begins; null once the account has read all pages.
policy_previews = Table(
    "policy_previews",
    metadata,
    Column("policy", String(80), primary_key=True),
    Column("etag", String(32), primary_key=True),
    Column("previewed_by", String(120), primary_key=True),
    Column("previewed_at", Instant, nullable=False),
    Column("looked_at", Integer, nullable=False),
    Column("affected", Json, nullable=False),
    Column("next_cursor", String(200)),
)
