"""Tables of accounts and registrations."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, String, Table, text

from services.kernel import tables
from services.kernel.database import Instant, Json

metadata = MetaData(naming_convention=tables.metadata.naming_convention)

#: `version` counts changes; a token that carries another one is dead. `expert` is the contract's ExpertData.
accounts = Table(
    "accounts",
    metadata,
    Column("username", String(60), primary_key=True),
    Column("password_hash", String(200), nullable=False),
    Column("name", String(60), nullable=False),
    Column("phone", String(30)),
    Column("email", String(320)),
    Column("roles", Json, nullable=False),
    Column("bureau", String(20)),
    Column("organisation", String(18)),
    Column("expert", Json),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
)
Index("ix_accounts_bureau", accounts.c.bureau, accounts.c.username)
Index("ix_accounts_organisation", accounts.c.organisation, accounts.c.username)

#: `bureau` decides; `password_hash` is gone once it is decided.
registrations = Table(
    "registrations",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("uscc", String(18), nullable=False),
    Column("name", String(200), nullable=False),
    Column("region", String(6), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("contact", Json, nullable=False),
    Column("username", String(60), nullable=False),
    Column("password_hash", String(200)),
    Column("bureau", String(20), nullable=False),
    Column("status", String(10), nullable=False),
    Column("reason", String(500)),
    Column("requested_at", Instant, nullable=False),
    Column("decided_at", Instant),
    Column("decided_by", String(60)),
)
_pending = text("status = 'pending'")
#: A name is asked for by one at a time.
Index(
    "uq_registrations_pending_username",
    registrations.c.username,
    unique=True,
    postgresql_where=_pending,
    sqlite_where=_pending,
)
Index("ix_registrations_bureau", registrations.c.bureau, registrations.c.id)
Index("ix_registrations_bureau_status", registrations.c.bureau, registrations.c.status, registrations.c.id)
Index("ix_registrations_status", registrations.c.status, registrations.c.id)
