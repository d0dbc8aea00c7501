"""The tables of the documents service. The bytes are in the object store under `Document.key`."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import registry

from services.documents.domain.case_file import Hold, Record
from services.documents.domain.document import Document
from services.kernel.persistence import tables
from services.kernel.persistence.database import Instant, Json

metadata = MetaData(naming_convention=tables.metadata.naming_convention)

documents = Table(
    "documents",
    metadata,
    Column("id", String(150), primary_key=True),
    Column("subject", String(100), nullable=False),
    Column("kind", String(100), nullable=False),
    Column("filename", String(255), nullable=False),
    Column("name_key", String(64)),
    Column("replaces", String(150)),
    Column("replaced_by", String(150)),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("state", String(10), nullable=False),
    Column("version", Integer),
    Column("reason", Json(none_as_null=True)),
    Column("parts", Json(none_as_null=True)),
    Column("created_at", Instant, nullable=False),
    Column("stored_at", Instant),
    Column("checked_at", Instant),
    Column("lock_until", Date),
    Index(None, "subject", "id"),
)
_pending = text("state = 'pending'")
Index("ix_documents_pending", documents.c.created_at, postgresql_where=_pending, sqlite_where=_pending)

_damaged = text("state = 'damaged'")
Index("ix_documents_damaged", documents.c.id, postgresql_where=_damaged, sqlite_where=_damaged)

#: For each name of a subject's documents: the number of the last version (`versions`) and the newest document. `filename`
#: contains a document's `name_key` or, if the document has none, its file name.
names = Table(
    "names",
    metadata,
    Column("subject", String(100), primary_key=True),
    Column("kind", String(100), primary_key=True),
    Column("filename", String(255), primary_key=True),
    Column("versions", Integer, nullable=False),
    Column("newest", String(150), nullable=False),
)

_clean = text("state = 'clean'")
Index("ix_documents_checked", documents.c.checked_at, postgresql_where=_clean, sqlite_where=_clean)

#: The time at which each daily task was last completed (real time).
chores = Table(
    "chores",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("done_at", Instant, nullable=False),
)

#: Generated documents. Each version is generated once, and its bytes never change.
papers = Table(
    "papers",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("subject", String(100), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("version", String(60), nullable=False),
    Column("format", String(4), nullable=False),
    Column("filename", String(255), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
    UniqueConstraint("subject", "kind", "version", "format"),
)

#: The document number (发文字号) of each act within its bureau's year. `act` identifies the act among the acts about the same
#: subject with the same kind of document.
document_numbers = Table(
    "document_numbers",
    metadata,
    Column("bureau", String(20), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("subject", String(100), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("act", String(100), nullable=False),
    UniqueConstraint("subject", "kind", "act"),
)

#: The last document number that was assigned in a bureau's year. Of two concurrent acts, the second waits for the lock of this
#: row.
number_series = Table(
    "number_series",
    metadata,
    Column("bureau", String(20), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

#: The records of case files: each subject with its documents, the day on which the record ended, and until when the documents are
#: kept.
records = Table(
    "records",
    metadata,
    Column("subject", String(100), primary_key=True),
    Column("file", String(100), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("since", Instant, nullable=False),
    Column("title", String(300)),
    Column("recommender", String(20)),
    Column("policy", String(80)),
    Column("ended_on", Date),
    Column("why", String(60)),
    Column("rule", String(12)),
    Column("due_on", Date),
    Column("disposed_on", Date),
    Column("disposed", Integer, nullable=False),
    Column("holder", String(18)),
    Column("told_on", Date),
    Index(None, "file"),
)
_kept = text("disposed_on IS NULL")
Index("ix_records_due_on", records.c.due_on, postgresql_where=_kept, sqlite_where=_kept)

#: The organisations' documents that were submitted with a case. Such a document is kept until the documents of the last case with
#: which it was submitted are deleted.
handed_in = Table(
    "handed_in",
    metadata,
    Column("document", String(150), primary_key=True),
    Column("subject", String(100), primary_key=True),
    Index(None, "subject"),
)

holds = Table(
    "holds",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("subject", String(100), nullable=False),
    Column("document", String(150)),
    Column("reason", Text, nullable=False),
    Column("placed_by", String(64), nullable=False),
    Column("placed_at", Instant, nullable=False),
    Column("lifted_by", String(64)),
    Column("lifted_at", Instant),
    Column("lift_reason", Text),
    Column("announced", Boolean, nullable=False, server_default=false()),
    Index(None, "subject"),
)

#: Documents whose lock in the object store must be set again, and the real time from which on a job may do so.
locking = Table(
    "locking",
    metadata,
    Column("document", String(150), primary_key=True),
    Column("next_at", Instant, nullable=False),
    Index(None, "next_at"),
)

#: Published policies, of which this service uses the retention terms.
policies = Table(
    "policies",
    metadata,
    Column("ref", String(80), primary_key=True),
    Column("document", Json, nullable=False),
    Column("published_at", Instant, nullable=False),
)

_mapper = registry(metadata=metadata)
_mapper.map_imperatively(Document, documents, exclude_properties=["checked_at", "lock_until"])
_mapper.map_imperatively(Record, records)
_mapper.map_imperatively(Hold, holds)
