"""The tables that every service's database has: outbox, inbox, idempotency, audit, the domain clock and others."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text, UniqueConstraint, text

from services.kernel.persistence.database import Instant, Json, Position

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

outbox = Table(
    "outbox",
    metadata,
    Column("position", Position, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("type", String(80), nullable=False),
    Column("producer", String(80), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("routing_key", String(120), nullable=False),
    Column("body", Text, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("published_at", Instant),
)
Index(
    "ix_outbox_unpublished",
    outbox.c.position,
    postgresql_where=text("published_at IS NULL"),
    sqlite_where=text("published_at IS NULL"),
)

#: The last `sequence` number that was assigned per (producer, subject).
sequences = Table(
    "sequences",
    metadata,
    Column("producer", String(80), primary_key=True),
    Column("subject", String(120), primary_key=True),
    Column("last", Integer, nullable=False),
)

#: Received events. `state` is pending, done or parked. `bureau` is the bureau that receives the event, in a service that runs per
#: bureau.
inbox = Table(
    "inbox",
    metadata,
    Column("position", Position, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("type", String(80), nullable=False),
    Column("producer", String(80), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("state", String(10), nullable=False, server_default="pending"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("error", Text),
    Column("bureau", String(20)),
)
_parked = text("state = 'parked'")
Index("ix_inbox_parked", inbox.c.position, postgresql_where=_parked, sqlite_where=_parked)
_pending = text("state = 'pending'")
Index("ix_inbox_due", inbox.c.position, postgresql_where=_pending, sqlite_where=_pending)
Index(
    "ix_inbox_waiting",
    inbox.c.subject,
    inbox.c.producer,
    inbox.c.sequence,
    postgresql_where=_pending,
    sqlite_where=_pending,
)

#: The answers of commands, so that a repeated command gets the same answer and is not run again. `bureau` is the command's
#: bureau, in a service that runs per bureau.
idempotency = Table(
    "idempotency",
    metadata,
    Column("account", String(120), primary_key=True),
    Column("command", String(80), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("answer", Json),
    Column("at", Instant, nullable=False),
    Column("bureau", String(20)),
)

#: Audit entries. Each is written in the transaction that it records, and sealed into `audit_chain` soon after. `sealed_as`: the
#: position that the seal covers, if another database sealed the entry; None if this database sealed it. `state`: the digest of
#: the subject's rows after the transaction. `signature`: the signature of the service that wrote the entry, over everything that
#: the seal covers.
audit = Table(
    "audit",
    metadata,
    Column("position", Position, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("bureau", String(20), nullable=False),
    Column("actor", String(120), nullable=False),
    Column("role", String(40)),
    Column("action", String(80), nullable=False),
    Column("subject", String(120), nullable=False, index=True),
    Column("article", String(40)),
    Column("before", String(64)),
    Column("after", String(64)),
    Column("correlation_id", String(64), nullable=False),
    Column("sealed", Integer),
    Column("sealed_as", Position),
    Column("state", String(64)),
    Column("signature", String(200)),
)
Index(
    "ix_audit_unsealed",
    audit.c.position,
    postgresql_where=text("sealed IS NULL"),
    sqlite_where=text("sealed IS NULL"),
)
#: This index is for auditors who search by account.
Index("ix_audit_actor", audit.c.actor, audit.c.position)
Index("ix_audit_action", audit.c.action, audit.c.position)
Index("ix_audit_at", audit.c.at, audit.c.position)

#: One hash chain per bureau: each link hashes the link before it and one audit entry.
audit_chain = Table(
    "audit_chain",
    metadata,
    Column("bureau", String(20), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("audit_position", Position, nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("audit_position"),
)

#: The heads of other services' chains, as those services announced them, so that entries that are cut off in their databases are
#: detected with the heads stored here. The rows with `kept_as` form a ledger: each contains the digest of the row before it and
#: is signed by the service that stores it.
audit_anchors = Table(
    "audit_anchors",
    metadata,
    Column("service", String(80), primary_key=True),
    Column("bureau", String(20), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("hash", String(64), nullable=False),
    Column("kept_as", Integer),
    Column("previous", String(64)),
    Column("kept_at", Instant),
    Column("signature", String(200)),
)
Index("ix_audit_anchors_kept_as", audit_anchors.c.kept_as, unique=True)

#: One row: the number of days by which a demonstration has moved the domain's date.
domain_clock = Table(
    "domain_clock",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("offset_days", Integer, nullable=False),
)

#: One row for each bureau that is moving to or from this database, or has left it; see `relocation/fencing.py`. `other`: the
#: identity of the other database of the move.
fences = Table(
    "fences",
    metadata,
    Column("bureau", String(20), primary_key=True),
    Column("state", String(10), nullable=False),
    Column("move", String(36), nullable=False),
    Column("at", Instant, nullable=False),
    Column("other", String(60)),
)

#: One row for each move that brought a bureau with all its rows to this database.
arrivals = Table(
    "arrivals",
    metadata,
    Column("move", String(36), primary_key=True),
    Column("bureau", String(20), nullable=False),
    Column("at", Instant, nullable=False),
)

#: The archive (by its digest) to which this database was last saved (`backup`) or from which it was restored (`restore`), with
#: its instant.
keeping = Table(
    "keeping",
    metadata,
    Column("what", String(10), primary_key=True),
    Column("archive", String(64), nullable=False),
    Column("at", Instant, nullable=False),
)
