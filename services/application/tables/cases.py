"""The tables of organisations, calls and applications."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
    true,
)

from services.application.tables.schema import metadata
from services.kernel.persistence.database import Instant, Json, index_where
from services.objections.table import objections_table

organisations = Table(
    "organisations",
    metadata,
    Column("uscc", String(18), primary_key=True),
    Column("name", String(200)),
    Column("kind", String(20)),
    Column("region", String(6)),
    Column("industry", String(60)),
    Column("legal_person", Boolean),
    Column("public_institution", Boolean),
    Column("state_owned", Boolean),
    Column("rd_staff", Integer),
    Column("founded_on", String(10)),
    Column("operating_period", Json),
    Column("figures", Json, nullable=False),
    Column("platforms", Json, nullable=False),
    Column("registered", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("to_verify", Boolean, nullable=False, server_default=true()),
)
Index("ix_organisations_to_verify", organisations.c.region, organisations.c.uscc, **index_where("registered AND to_verify"))
#: All columns that a search reads of an organisation. It scans this small index instead of the wide table rows.
Index("ix_organisations_search", organisations.c.uscc, organisations.c.name, organisations.c.kind, organisations.c.region)

#: The verifications of organisations' facts, including those that ended.
verifications = Table(
    "verifications",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("uscc", String(18), nullable=False),
    Column("fact", String(30), nullable=False),
    Column("evidence", Text, nullable=False),
    Column("papers", Json, nullable=False),
    Column("bureau", String(20), nullable=False),
    Column("verified_by", String(120), nullable=False),
    Column("verified_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_because", String(20)),
    Column("outcome", String(20), nullable=False, server_default="verified"),
    Column("reason", Text),
)
Index("ix_verifications_ended", verifications.c.ended_at, **index_where("ended_at IS NOT NULL"))
Index("ix_verifications_held", verifications.c.uscc, verifications.c.fact, unique=True, **index_where("ended_at IS NULL"))

integrity_records = Table(
    "integrity_records",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("uscc", String(18), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("recorded_on", Date, nullable=False),
    Column("penalty_until", Date),
    Column("entered_by", String(120), nullable=False),
    Column("entered_at", Instant, nullable=False),
    Column("repairs", Json, nullable=False, server_default=text("'[]'")),
    UniqueConstraint("uscc", "recorded_on", "reason"),
)

calls = Table(
    "calls",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("opens_at", Instant, nullable=False),
    Column("closes_at", Instant, nullable=False),
    Column("policy", String(80), nullable=False),
    Column("fields", Json, nullable=False),
    Column("industry_bureaus", Json, nullable=False),
    Column("rubric", Json, nullable=False),
    Column("min_reviewers", Integer, nullable=False),
    Column("places", Integer),
    Column("budget", String(20)),
    Column("attachments", Json, nullable=False),
    Column("text", Text),
    Column("contact", Json),
    Column("cancelled_reason", Text),
    Column("revision", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
)

applications = Table(
    "applications",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("channel", String(20), nullable=False),
    Column("call_id", String(36), ForeignKey("calls.id")),
    Column("policy", String(80), nullable=False),
    Column("as_of", Date, nullable=False),
    Column("status", String(20), nullable=False),
    Column("stage", String(20)),
    Column("round", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("name", String(100)),
    Column("field", String(60)),
    Column("lead", String(18)),
    Column("recommender", String(20)),
    Column("content", Json, nullable=False),
    Column("basis", Json),
    Column("agreement", Json, nullable=False),
    Column("at_province", Boolean, nullable=False),
    Column("returned", Json),
    Column("correction_due", Instant),
    Column("decision", Json),
    Column("publicity_ends", Instant),
    Column("reason", Text),
    Column("consortium_id", String(36)),
    Column("searchable", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("submitted_at", Instant),
    Column("updated_at", Instant, nullable=False),
    Column("compared_version", Integer, nullable=False, server_default=text("0")),
)
_submitted = index_where("version > 0")
Index("ix_applications_home", applications.c.recommender, applications.c.id, **_submitted)
Index("ix_applications_home_status", applications.c.recommender, applications.c.status, applications.c.id, **_submitted)
Index("ix_applications_province", applications.c.id, **index_where("at_province"))
Index("ix_applications_province_status", applications.c.status, applications.c.id, **index_where("at_province"))
Index("ix_applications_status", applications.c.status, applications.c.id)
Index("ix_applications_call", applications.c.call_id, applications.c.id)
Index("ix_applications_correction", applications.c.correction_due, **index_where("status = 'returned'"))
Index("ix_applications_publicity", applications.c.publicity_ends, **index_where("status = 'publicised'"))
Index("ix_applications_lead", applications.c.lead, applications.c.id)

#: The lead and the members of an application, each with its last answer. `core` and `paper` are the digests of the terms that the
#: unit confirmed.
units = Table(
    "units",
    metadata,
    Column("application_id", String(36), ForeignKey("applications.id"), primary_key=True),
    Column("uscc", String(18), primary_key=True),
    Column("decision", String(10)),
    Column("core", String(32)),
    Column("paper", String(32)),
    Column("reason", Text),
    Column("decided_at", Instant),
    Column("decided_by", String(120)),
)
Index("ix_units_uscc", units.c.uscc, units.c.application_id)

#: The submitted versions, which never change: the content, the inputs of the verdict, and the verdict.
versions = Table(
    "versions",
    metadata,
    Column("application_id", String(36), ForeignKey("applications.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("round", Integer, nullable=False),
    Column("submitted_at", Instant, nullable=False),
    Column("submitted_by", String(120), nullable=False),
    Column("agreement_version", String(32), nullable=False),
    Column("policy", String(80), nullable=False),
    Column("eligible", Boolean, nullable=False),
    Column("content", Json, nullable=False),
    Column("documents", Json, nullable=False),
    Column("inputs", Json, nullable=False),
    Column("findings", Json, nullable=False),
    Column("changed", Json, nullable=False),
)

#: The experts and third parties who may read a version, according to the province's last `panel.appointed`.
readers = Table(
    "readers",
    metadata,
    Column("application_id", String(36), primary_key=True),
    Column("username", String(120), primary_key=True),
    Column("version", Integer, nullable=False),
)
Index("ix_readers_username", readers.c.username, readers.c.application_id)

objections = objections_table(
    metadata,
    "objections",
    Column("application_id", String(36), ForeignKey("applications.id"), nullable=False, index=True),
)
