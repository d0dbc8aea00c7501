"""The tables of organisations, calls, applications and the register, and the mapping of the domain's objects onto them."""

from __future__ import annotations

from typing import Any

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
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import registry

from services.application.domain.application import Application
from services.application.domain.call import Call
from services.application.domain.change import Change
from services.application.domain.consortium import Consortium
from services.application.domain.organisation import Organisation
from services.application.domain.support import Support
from services.kernel.database import Instant, Json, Position
from services.kernel.tables import metadata as kernel

metadata = MetaData(naming_convention=kernel.naming_convention)


def _where(condition: str) -> dict[str, Any]:
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


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
    Column("figures", Json, nullable=False),
    Column("platforms", Json, nullable=False),
    Column("registered", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

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
)
_submitted = _where("version > 0")
Index("ix_applications_home", applications.c.recommender, applications.c.id, **_submitted)
Index("ix_applications_home_status", applications.c.recommender, applications.c.status, applications.c.id, **_submitted)
Index("ix_applications_province", applications.c.id, **_where("at_province"))
Index("ix_applications_province_status", applications.c.status, applications.c.id, **_where("at_province"))
Index("ix_applications_status", applications.c.status, applications.c.id)
Index("ix_applications_call", applications.c.call_id, applications.c.id)
Index("ix_applications_correction", applications.c.correction_due, **_where("status = 'returned'"))
Index("ix_applications_publicity", applications.c.publicity_ends, **_where("status = 'publicised'"))
Index("ix_applications_lead", applications.c.lead, applications.c.id)

#: The lead (place 0) and the members, each with its last answer. `core` and `paper` are the digests it confirmed.
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

#: What was submitted, never changed again: the content, what it was judged on, and the verdict.
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

#: Experts and third parties who may read a version, as the province's last `panel.appointed` names them.
readers = Table(
    "readers",
    metadata,
    Column("application_id", String(36), primary_key=True),
    Column("username", String(120), primary_key=True),
    Column("version", Integer, nullable=False),
)
Index("ix_readers_username", readers.c.username, readers.c.application_id)

#: A unit's part in a consortium, in process or recognised. Only held ones count against others; `freed_at` ends it.
#: `within`: the consortium in which a change reserved it.
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
Index("ix_places_uscc", places.c.uscc, **_where("freed_at IS NULL"))
Index("ix_places_subject", places.c.subject, places.c.uscc, unique=True, **_where("freed_at IS NULL"))

objections = Table(
    "objections",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("application_id", String(36), ForeignKey("applications.id"), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("filed_by", String(120), nullable=False),
    Column("filed_at", Instant, nullable=False),
    Column("answer", Text),
    Column("outcome", String(20)),
    Column("answered_by", String(120)),
    Column("answered_at", Instant),
)

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

#: How a consortium stood from a day on, so that what it may use can be told for any date (A9); the last of a day holds.
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

#: The last sequence given in each year's numbers.
numbers = Table(
    "numbers",
    metadata,
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

#: Pairs of neighbouring characters in names, so that a search finds the middle of a Chinese name by an index.
terms = Table(
    "terms",
    metadata,
    Column("kind", String(12), primary_key=True),
    Column("term", String(2), primary_key=True),
    Column("id", String(36), primary_key=True),
)

#: What happened to a subject, for those who may read it; `public` for everybody once the consortium is recognised.
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
Index("ix_changes_effective", changes.c.effective_on, **_where("status = 'approved'"))

#: The answers of those who join by a change, each by its own account.
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

#: Which organisation took another's place: renamed with a new code, or merged.
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

#: Requests of support, which are the ledger of its use as well: what is requested is reserved, what ended otherwise is free.
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
)
Index("ix_support_requests_consortium", support_requests.c.consortium_id, support_requests.c.id)
Index("ix_support_requests_measure", support_requests.c.consortium_id, support_requests.c.measure)

#: Versions of the policy, drafted here and published to the others (A15).
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

_mapper = registry(metadata=metadata)
_mapper.map_imperatively(Organisation, organisations)
_mapper.map_imperatively(Call, calls)
_mapper.map_imperatively(Application, applications)
_mapper.map_imperatively(Consortium, consortia)
_mapper.map_imperatively(Change, changes)
_mapper.map_imperatively(Support, support_requests)
