"""The tables of the register: consortia, their quotas, changes, matters, support and the watch list."""

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
    false,
    text,
)

from services.application.tables.schema import metadata
from services.kernel.persistence.database import Instant, Json, Position, index_where

#: The quotas (L6, M3). A row is one unit's participation in one consortium, in process or recognised. Only held rows count
#: against the limits; a row with `freed_at` is released. `within`: the consortium whose change reserved it.
places = Table(
    "places",
    metadata,
    Column("position", Position, primary_key=True, autoincrement=True),
    Column("uscc", String(18), nullable=False),
    Column("subject", String(60), nullable=False),
    Column("leads", Boolean, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("reserved_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Column("freed_at", Instant),
    Column("within", String(60)),
)
Index("ix_places_uscc", places.c.uscc, **index_where("freed_at IS NULL"))
Index("ix_places_subject", places.c.subject, places.c.uscc, unique=True, **index_where("freed_at IS NULL"))

consortia = Table(
    "consortia",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("number", String(30), nullable=False, unique=True),
    Column("name", String(100), nullable=False),
    Column("field", String(60), nullable=False),
    Column("status", String(20), nullable=False),
    Column("recognised_on", Date, nullable=False),
    Column("recommender", String(20), nullable=False),
    Column("lead", String(18), nullable=False),
    Column("policy", String(80), nullable=False),
    Column("application_id", String(36), unique=True),
    Column("imported", Boolean, nullable=False),
    Column("last_grade", String(20)),
    Column("graded_on", Date),
    Column("under_guidance", Boolean, nullable=False, server_default=false()),
    Column("people", Json, nullable=False, server_default=text("'{}'")),
    Column("revision", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("searchable", Text, nullable=False),
    Column("hand_overs", Integer, nullable=False, server_default=text("0")),
    Column("direction", Text),
    Column("compared", Boolean, nullable=False, server_default=false()),
)
Index("ix_consortia_home", consortia.c.recommender, consortia.c.id)
Index("ix_consortia_field", consortia.c.field, consortia.c.id)
Index("ix_consortia_status", consortia.c.status, consortia.c.id)

consortium_units = Table(
    "consortium_units",
    metadata,
    Column("consortium_id", String(36), ForeignKey("consortia.id"), primary_key=True),
    Column("uscc", String(18), primary_key=True),
    Column("tier", String(10)),
    Column("role", String(200)),
    Column("place", Integer, nullable=False),
)
Index("ix_consortium_units_uscc", consortium_units.c.uscc, consortium_units.c.consortium_id)

#: The state of a consortium from a given day on, so that its entitlements can be computed for any date (A9). If a day has several
#: states, the last one applies.
register_states = Table(
    "register_states",
    metadata,
    Column("consortium_id", String(36), ForeignKey("consortia.id"), primary_key=True),
    Column("since", Date, primary_key=True),
    Column("status", String(20), nullable=False),
    Column("last_grade", String(20)),
    Column("graded_on", Date),
    Column("under_guidance", Boolean, nullable=False),
)

#: The last sequence number assigned in each year.
numbers = Table(
    "numbers",
    metadata,
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

changes = Table(
    "changes",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("consortium_id", String(36), ForeignKey("consortia.id"), nullable=False),
    Column("recommender", String(20), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("detail", Json, nullable=False),
    Column("reason", Text, nullable=False),
    Column("late_reason", Text),
    Column("technical_need", Text),
    Column("task_source", Text),
    Column("late", Boolean, nullable=False),
    Column("status", String(30), nullable=False),
    Column("stage", String(20)),
    Column("policy", String(80), nullable=False),
    Column("papers", Json, nullable=False),
    Column("proposed", Json, nullable=False),
    Column("joining", Json, nullable=False),
    Column("findings", Json, nullable=False),
    Column("decision", Json),
    Column("knowingly", Boolean, nullable=False),
    Column("reported_on", Date, nullable=False),
    Column("reported_by", String(120), nullable=False),
    Column("took_effect_on", Date),
    Column("revision", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("unforeseen", Json),
    Column("asked", Json),
    Column("recommendation", Json),
    Column("version", Integer, nullable=False, server_default=text("1")),
)
Index("ix_changes_consortium", changes.c.consortium_id, changes.c.id)
Index("ix_changes_effective", changes.c.effective_on, **index_where("status = 'approved'"))

#: The answers of the units that must confirm a change, each given by its own account.
change_confirmations = Table(
    "change_confirmations",
    metadata,
    Column("change_id", String(36), ForeignKey("changes.id"), primary_key=True),
    Column("uscc", String(18), primary_key=True),
    Column("decision", String(10)),
    Column("reason", Text),
    Column("decided_at", Instant),
    Column("decided_by", String(120)),
)
Index("ix_change_confirmations_uscc", change_confirmations.c.uscc, change_confirmations.c.change_id)

matters = Table(
    "matters",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("consortium_id", String(36), ForeignKey("consortia.id"), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("title", String(200), nullable=False),
    Column("detail", Text, nullable=False),
    Column("occurred_on", Date, nullable=False),
    Column("papers", Json, nullable=False),
    Column("filed_by", String(120), nullable=False),
    Column("filed_at", Instant, nullable=False),
    Column("acknowledged", Json),
    Column("planned", Boolean, nullable=False, server_default=false()),
    Column("objection", Json),
)
Index("ix_matters_consortium", matters.c.consortium_id, matters.c.id)
Index("ix_matters_unanswered", matters.c.id, **index_where("acknowledged IS NULL AND objection IS NULL"))

#: The watch list: failing conditions that the province watches, the reports that leads were asked for with their last day, and
#: proposed grounds of revocation.
watches = Table(
    "watches",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("consortium_id", String(36), ForeignKey("consortia.id"), nullable=False),
    Column("recommender", String(20), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("cause", String(30), nullable=False),
    Column("organisation", String(18)),
    Column("source", String(60)),
    Column("rules", Json, nullable=False),
    Column("findings", Json, nullable=False),
    Column("status", String(20), nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("due_on", Date),
    Column("look_on", Date),
    Column("settled_on", Date),
    Column("outcome", String(20)),
    Column("note", Text),
    Column("revision", Integer, nullable=False),
)
_standing = index_where("status <> 'settled'")
Index("ix_watches_consortium", watches.c.consortium_id, watches.c.id)
Index("ix_watches_settled", watches.c.settled_on, **index_where("settled_on IS NOT NULL"))
Index("ix_watches_standing", watches.c.id, **_standing)
Index("ix_watches_due", watches.c.due_on, **index_where("status = 'open' AND due_on IS NOT NULL"))
Index("ix_watches_look", watches.c.look_on, **index_where("status <> 'settled' AND look_on IS NOT NULL"))

#: The legal holds on case files, from the documents service. The row of a lifted hold stays, so that a `hold.placed` event that
#: arrives late does not make the hold active again.
legal_holds = Table(
    "legal_holds",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("subject", String(100), nullable=False),
    Column("lifted", Boolean, nullable=False),
)

#: Successions of organisations: renamed with a new code, or merged.
successions = Table(
    "successions",
    metadata,
    Column("predecessor", String(18), primary_key=True),
    Column("successor", String(18), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("entered_by", String(120), nullable=False),
    Column("entered_at", Instant, nullable=False),
)

#: Support requests, which are also the ledger of uses. A request reserves its use; a request that ends without a grant releases
#: it.
support_requests = Table(
    "support_requests",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("consortium_id", String(36), ForeignKey("consortia.id"), nullable=False),
    Column("recommender", String(20), nullable=False),
    Column("measure", String(40), nullable=False),
    Column("status", String(20), nullable=False),
    Column("round", String(60)),
    Column("amount", String(20)),
    Column("person", Json),
    Column("person_key", String(120)),
    Column("unit", String(18)),
    Column("reason", Text, nullable=False),
    Column("papers", Json, nullable=False),
    Column("policy", String(80), nullable=False),
    Column("entitlement", Json, nullable=False),
    Column("requested_on", Date, nullable=False),
    Column("requested_by", String(120), nullable=False),
    Column("decision", Json),
    Column("certificate", Json),
    Column("ended_on", Date),
    Column("revision", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("replaces", String(36)),
    Column("replaced_by", String(36)),
)
Index("ix_support_requests_consortium", support_requests.c.consortium_id, support_requests.c.id)
Index("ix_support_requests_measure", support_requests.c.consortium_id, support_requests.c.measure)
Index("ix_support_requests_round", support_requests.c.round, support_requests.c.id, **index_where("round IS NOT NULL"))

#: Consortia of the plan of 2021 that an officer has proposed for the register (A16). `content`: the data that the officer
#: entered. A confirmed proposal has its entry in `consortia`, with the same id.
proposed_consortia = Table(
    "proposed_consortia",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("status", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("lead", String(18), nullable=False),
    Column("content", Json, nullable=False),
    Column("papers", Json, nullable=False),
    Column("proposed_by", String(120), nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("answered_by", String(120)),
    Column("answered_at", Instant),
    Column("reason", Text),
    Column("revision", Integer, nullable=False),
)
#: Allows one open proposal per consortium (lead and name).
Index(
    "ix_proposed_consortia_once",
    proposed_consortia.c.lead,
    proposed_consortia.c.name,
    unique=True,
    **index_where("status = 'proposed'"),
)
