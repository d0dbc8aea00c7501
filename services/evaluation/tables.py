"""The evaluation service's tables."""

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
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import registry

from services.evaluation.domain.annual_report import Obligation
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.coordination import Item
from services.evaluation.domain.inspection import Inspection
from services.evaluation.domain.objection import GradeObjection
from services.evaluation.domain.participation import Participation
from services.evaluation.domain.rectification import Rectification
from services.evaluation.domain.revocation import Revocation
from services.evaluation.domain.round import Round
from services.kernel.persistence import tables
from services.kernel.persistence.database import Instant, Json, index_where
from services.objections.table import map_objections, objections_table

metadata = MetaData(naming_convention=tables.metadata.naming_convention)


consortia = Table(
    "consortia",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(400), nullable=False),
    Column("lead", String(18), nullable=False),
    Column("lead_name", String(400)),
    Column("recommender", String(20), nullable=False),
    Column("recognised_on", Date, nullable=False),
    Column("opened_through", Integer, nullable=False, index=True),
    Column("number", String(30), nullable=False),
    Column("field", String(60), nullable=False),
    Column("status", String(20), nullable=False),
    Column("units", Json, nullable=False),
    Column("goals", Json, nullable=False),
    Column("grade", String(20)),
    Column("graded_on", Date),
    Column("next_round_by", Date),
    Column("graded_under", Date),
    Column("owes_round", String(20)),
    Column("deferrals", Integer, nullable=False, server_default=text("0")),
    Column("under_guidance", Boolean, nullable=False),
    Column("related_units", Json, nullable=False, server_default=text("'[]'")),
)
Index("ix_consortia_home", consortia.c.recommender, consortia.c.id)
Index("ix_consortia_lead", consortia.c.lead, consortia.c.id)

annual_reports = Table(
    "annual_reports",
    metadata,
    Column("consortium", String(36), ForeignKey(consortia.c.id), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("policy", String(80), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("next_reminder", Date, nullable=False),
    Column("state", String(20), nullable=False),
    Column("version", Integer, nullable=False),
    Column("content", Json, nullable=False),
    Column("papers", Json, nullable=False),
    Column("returned", Json),
    Column("first_submitted_at", Instant),
    Column("submitted_at", Instant),
    Column("accepted_at", Instant),
    Column("overdue_told", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
)
Index("ix_annual_reports_reminder", annual_reports.c.next_reminder, **index_where("state = 'due'"))
Index("ix_annual_reports_overdue", annual_reports.c.due_at, **index_where("state = 'due' AND NOT overdue_told"))

#: Submitted versions of annual reports, which never change.
report_versions = Table(
    "report_versions",
    metadata,
    Column("consortium", String(36), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("submitted_at", Instant, nullable=False),
    Column("submitted_by", String(120), nullable=False),
    Column("content", Json, nullable=False),
    Column("papers", Json, nullable=False),
)

coordination_items = Table(
    "coordination_items",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("consortium", String(36), ForeignKey(consortia.c.id), nullable=False),
    Column("recommender", String(20), nullable=False),
    Column("year", Integer),
    Column("matter", Text, nullable=False),
    Column("asked_of", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("due_on", Date),
    Column("answers", Json, nullable=False),
    Column("result", Text),
    Column("closed_on", Date),
    Column("revision", Integer, nullable=False),
)
Index("ix_coordination_items_consortium", coordination_items.c.consortium, coordination_items.c.id)
Index("ix_coordination_items_asked_of", coordination_items.c.asked_of, coordination_items.c.status, coordination_items.c.id)
Index("ix_coordination_items_home", coordination_items.c.recommender, coordination_items.c.id)

inspections = Table(
    "inspections",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("consortium", String(36), ForeignKey(consortia.c.id), nullable=False),
    Column("recommender", String(20), nullable=False),
    Column("year", Integer, nullable=False),
    Column("inspected_on", Date, nullable=False),
    Column("result", String(10), nullable=False),
    Column("findings", Text, nullable=False),
    Column("under_guidance", Boolean, nullable=False),
    Column("follow_up_on", Date),
    Column("follow_up_told", Boolean, nullable=False),
    Column("papers", Json, nullable=False),
    Column("by", String(120), nullable=False),
    Column("bureau", String(20), nullable=False),
    Column("recorded_at", Instant, nullable=False),
)
Index("ix_inspections_consortium", inspections.c.consortium, inspections.c.year)
Index("ix_inspections_home", inspections.c.recommender, inspections.c.id)
Index("ix_inspections_follow_up", inspections.c.follow_up_on, **index_where("follow_up_on IS NOT NULL AND NOT follow_up_told"))

evaluations = Table(
    "evaluations",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("opens_at", Instant, nullable=False),
    Column("closes_at", Instant, nullable=False),
    Column("period_from", Date, nullable=False),
    Column("period_to", Date, nullable=False),
    Column("policy", String(80), nullable=False),
    Column("rubric", Json, nullable=False),
    Column("bands", Json, nullable=False),
    Column("caps", Json, nullable=False),
    Column("caps_at_least_one", Boolean, nullable=False, server_default=false()),
    Column("allow_younger", Boolean, nullable=False),
    Column("min_reviewers", Integer, nullable=False),
    Column("status", String(20), nullable=False),
    Column("publicity_ends", Instant),
    Column("published_on", Date),
    Column("amendments", Json, nullable=False, server_default=text("'[]'")),
    Column("cancellation", Json),
    Column("contact", Json),
    Column("revision", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
)

participations = Table(
    "participations",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("evaluation", String(36), ForeignKey(evaluations.c.id), nullable=False),
    Column("consortium", String(36), ForeignKey(consortia.c.id), nullable=False),
    Column("recommender", String(20), nullable=False),
    Column("mandatory", Boolean, nullable=False),
    Column("status", String(20), nullable=False),
    Column("stage", String(40)),
    Column("version", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("content", Json, nullable=False),
    Column("papers", Json, nullable=False),
    Column("returned", Json),
    Column("correction_due", Instant),
    Column("submitted_at", Instant),
    Column("deferral", Json),
    Column("hand_in_until", Instant),
    Column("score", String(20)),
    Column("spread", String(20)),
    Column("scores", Integer, nullable=False),
    Column("site_visit", Json),
    Column("grade", String(20)),
    Column("grade_score", String(20)),
    Column("grade_reason", Text),
    Column("graded_by", String(120)),
    Column("publicity_ends", Instant),
    Column("held_by", String(36)),
    Column("reason", Text),
    Column("revision", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("evaluation", "consortium"),
)
Index("ix_participations_consortium", participations.c.consortium, participations.c.id)
Index("ix_participations_status", participations.c.evaluation, participations.c.status)
Index("ix_participations_correction", participations.c.correction_due, **index_where("status = 'returned'"))

#: Submitted versions of participations' reports, which never change.
participation_versions = Table(
    "participation_versions",
    metadata,
    Column("participation", String(36), ForeignKey(participations.c.id), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("submitted_at", Instant, nullable=False),
    Column("submitted_by", String(120), nullable=False),
    Column("content", Json, nullable=False),
    Column("papers", Json, nullable=False),
)

#: The experts and third parties who may read a participation's documents, according to the province's last `panel.appointed`.
participation_readers = Table(
    "participation_readers",
    metadata,
    Column("participation", String(36), ForeignKey(participations.c.id), primary_key=True),
    Column("username", String(120), primary_key=True),
)
Index("ix_participation_readers_username", participation_readers.c.username)

#: The claims of outcomes. At any time at most one participation has claimed an outcome (A13); of two concurrent submissions, the
#: primary key refuses the second. `kind` is the namespace of the number; rows of earlier releases contain the outcome's kind
#: there until they get new keys. A row without a participation is an outcome that was used under the plan of 2021; it was stored
#: when its consortium was imported (A16).
outcome_claims = Table(
    "outcome_claims",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("participation", String(36), ForeignKey(participations.c.id), index=True),
    Column("evaluation", String(36), ForeignKey(evaluations.c.id)),
    Column("identifier", String(200), nullable=False),
    Column("claimed_at", Instant, nullable=False),
    Column("number", String(200), index=True),
    Column("title_key", String(300), index=True),
    Column("outcome", Json),
)

#: The outcomes that drafts mention. If the drafts of two consortia mention the same outcome, the lead that saves its draft later
#: gets a warning; the draft is not refused.
outcome_drafts = Table(
    "outcome_drafts",
    metadata,
    Column("participation", String(36), ForeignKey(participations.c.id), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("key", String(200), primary_key=True),
)
Index("ix_outcome_drafts_key", outcome_drafts.c.kind, outcome_drafts.c.key)

#: The outcomes that the province allowed: the row's participation may claim a number that another participation's outcome has
#: too.
outcome_allowances = Table(
    "outcome_allowances",
    metadata,
    Column("participation", String(36), ForeignKey(participations.c.id), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("identifier", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("allowed_by", String(120), nullable=False),
    Column("allowed_at", Instant, nullable=False),
)

#: Objections to grades that are public and not yet in effect (A13).
grade_objections = objections_table(
    metadata,
    "grade_objections",
    Column("participation", String(36), ForeignKey(participations.c.id), nullable=False, index=True),
)

rectifications = Table(
    "rectifications",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("consortium", String(36), ForeignKey(consortia.c.id), nullable=False),
    Column("evaluation", String(36), ForeignKey(evaluations.c.id), nullable=False),
    Column("policy", String(80), nullable=False),
    Column("status", String(20), nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("report", Json),
    Column("acceptance_from", Date),
    Column("acceptance", Json),
    Column("closed_on", Date),
    Column("revision", Integer, nullable=False),
)
Index("ix_rectifications_consortium", rectifications.c.consortium, rectifications.c.id)
Index("ix_rectifications_due", rectifications.c.due_on, **index_where("status IN ('open', 'submitted')"))

revocations = Table(
    "revocations",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("consortium", String(36), ForeignKey(consortia.c.id), nullable=False),
    Column("recommender", String(20), nullable=False),
    Column("policy", String(80), nullable=False),
    Column("origin", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("grounds", Json, nullable=False),
    Column("facts", Json, nullable=False),
    Column("reason", Text),
    Column("papers", Json, nullable=False),
    Column("proposed_on", Date, nullable=False),
    Column("opened_on", Date),
    Column("statement_due", Instant),
    Column("statements", Json, nullable=False),
    Column("decision", Json),
    Column("revision", Integer, nullable=False),
)
Index("ix_revocations_consortium", revocations.c.consortium, revocations.c.id)
Index("ix_revocations_status", revocations.c.status, revocations.c.id)

#: The published versions of the policy.
policies = Table(
    "policies",
    metadata,
    Column("ref", String(80), primary_key=True),
    Column("document", Json, nullable=False),
    Column("published_at", Instant, nullable=False),
)

_mapper = registry(metadata=metadata)
_mapper.map_imperatively(Consortium, consortia)
_mapper.map_imperatively(Obligation, annual_reports)
_mapper.map_imperatively(Item, coordination_items)
_mapper.map_imperatively(Inspection, inspections)
_mapper.map_imperatively(Round, evaluations)
_mapper.map_imperatively(Participation, participations)
_mapper.map_imperatively(Rectification, rectifications)
_mapper.map_imperatively(Revocation, revocations)
map_objections(_mapper, GradeObjection, grade_objections, "participation")
