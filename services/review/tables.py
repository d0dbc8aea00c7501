"""The tables of the review database, and the mapping of the domain's classes to them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text, UniqueConstraint, false
from sqlalchemy.orm import registry

from services.kernel.persistence import tables as kernel
from services.kernel.persistence.database import Instant, Json
from services.review.domain.case import Case, Round
from services.review.domain.decision_list import DecisionList
from services.review.domain.opinion import Opinion
from services.review.domain.panel import Account, Draw, Seat
from services.review.domain.scoring import Score

metadata = MetaData(naming_convention=kernel.metadata.naming_convention)

cases = Table(
    "cases",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("bureau", String(20), nullable=False),
    Column("recommender", String(20), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("title", Text, nullable=False),
    Column("policy", String(80), nullable=False),
    Column("call", String(60)),
    Column("stage", String(40), nullable=False),
    Column("status", String(20), nullable=False),
    Column("settled", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("due_on", String(10), nullable=False),
    Column("assigned_to", String(120)),
    Column("scoring_closed_at", Instant),
    Column("rank_first", Boolean, nullable=False, server_default=false()),
    Column("four_eyes", Boolean),
    UniqueConstraint("subject", "bureau"),
)
#: These three indexes serve the inbox in its usual order (waiting cases first, by due date): without a filter, by status, and by
#: stage.
Index("ix_cases_inbox", cases.c.bureau, cases.c.settled, cases.c.due_on, cases.c.id)
Index("ix_cases_inbox_by_status", cases.c.bureau, cases.c.status, cases.c.settled, cases.c.due_on, cases.c.id)
Index("ix_cases_inbox_by_stage", cases.c.bureau, cases.c.stage, cases.c.settled, cases.c.due_on, cases.c.id)
#: This index serves the inbox in the order in which the cases were opened.
Index("ix_cases_inbox_by_opening", cases.c.bureau, cases.c.id)
Index("ix_cases_call", cases.c.call, cases.c.status)

rounds = Table(
    "rounds",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("material", Json, nullable=False),
    Column("recommendation", Json(none_as_null=True)),
    Column("changed", Json, nullable=False),
    Column("waivers", Json, nullable=False),
)

opinions = Table(
    "opinions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False, index=True),
    Column("round", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("stage", String(40), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("comment", Text, nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", Instant, nullable=False),
    Column("sections", Json, nullable=False),
    Column("answers", Json, nullable=False),
    Column("waivers", Json, nullable=False),
    Column("signed", Boolean, nullable=False),
    Column("drafted_by", String(120)),
    Column("corrects", String(36)),
    Column("void", Text),
    Column("particulars", Json(none_as_null=True)),
    Column("differs", Json(none_as_null=True)),
    Column("acting_for", String(120)),
)

seats = Table(
    "seats",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False, index=True),
    Column("round", Integer, nullable=False),
    Column("account", String(120), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("assigned_at", Instant, nullable=False),
    Column("reason", Text),
    Column("late", Boolean, nullable=False, server_default=false()),
    Column("replaces", String(36)),
    Column("ended_by", String(120)),
    Column("ended_at", Instant),
    Column("void", Text),
    Column("declared_at", Instant),
    Column("declaration", Text),
)
Index("ix_seats_account", seats.c.account, seats.c.state, seats.c.case_id)

scores = Table(
    "scores",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("seat_id", ForeignKey("seats.id"), nullable=False),
    Column("case_id", ForeignKey("cases.id"), nullable=False, index=True),
    Column("account", String(120), nullable=False),
    Column("scores", Json, nullable=False),
    Column("comment", Text, nullable=False),
    Column("total", String(80), nullable=False),
    Column("at", Instant, nullable=False),
)
Index("ix_scores_seat", scores.c.seat_id, scores.c.id)

#: The tasks of a bureau's officials about its open cases, computed from the tables above. `drafted_by`: the only author of the
#: case's drafts, who may not sign them; null if the drafts have several authors, and if no draft is required.
case_tasks = Table(
    "case_tasks",
    metadata,
    Column("case_id", ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("bureau", String(20), nullable=False),
    Column("due_on", String(10), nullable=False),
    Column("drafted_by", String(120)),
)
#: PostgreSQL reads a to-do list in its order from this index, and counts tasks from this index alone.
Index(
    "ix_case_tasks_todo",
    case_tasks.c.bureau,
    case_tasks.c.kind,
    case_tasks.c.due_on,
    case_tasks.c.case_id,
    case_tasks.c.drafted_by,
)

draws = Table(
    "draws",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False, index=True),
    Column("round", Integer, nullable=False),
    Column("seed", String(64)),
    Column("pool", Json(none_as_null=True)),
    Column("drawn", Json, nullable=False),
    Column("experts", Json, nullable=False),
    Column("third_party", String(120)),
    Column("excluded", Json, nullable=False),
    Column("reason", Text),
    Column("by", String(120), nullable=False),
    Column("at", Instant, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("username", String(120), primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("roles", Json, nullable=False),
    Column("bureau", String(20)),
    Column("organisation", String(18)),
    Column("active", Boolean, nullable=False),
    Column("is_expert", Boolean, nullable=False),
    Column("expert", Json(none_as_null=True)),
    Column("term_until", String(10)),
)
Index("ix_accounts_pool", accounts.c.is_expert, accounts.c.active)

#: The calls. `places`: how many cases of the call can be approved, null for no limit. A decision locks the call's row, so that of
#: two concurrent decisions one waits for the other.
calls = Table(
    "calls",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("title", Text, nullable=False),
    Column("places", Integer),
)

#: Decision lists: decisions of one call that a chief signs in one act.
decision_lists = Table(
    "decision_lists",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("bureau", String(20), nullable=False),
    Column("call", String(60), nullable=False),
    Column("title", Text, nullable=False),
    Column("rows", Json, nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", Instant, nullable=False),
    Column("signed_by", String(120)),
    Column("signed_at", Instant),
    Column("results", Json, nullable=False),
    Column("withdrawn_by", String(120)),
    Column("withdrawn_at", Instant),
)
Index("ix_decision_lists_call", decision_lists.c.call, decision_lists.c.id)

#: Every subject that an event has named. A reaction locks its subject's row, so that events of different producers about one
#: subject are processed one after the other. `ended`: why the subject ended at the service that owns it (withdrawn; its grade
#: published), even if this service has no case about it. `home`: the subject's recommender, as the service that owns the subject
#: states it.
subjects = Table(
    "subjects",
    metadata,
    Column("subject", String(120), primary_key=True),
    Column("ended", String(40)),
    Column("home", String(20)),
)

#: In the province's database: the last report of each deployment with a message broker of its own. In such a deployment's
#: database: its own last report.
deployments = Table(
    "deployments",
    metadata,
    Column("bureau", String(20), primary_key=True),
    Column("version", String(80), nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("lag_seconds", Integer, nullable=False),
    Column("unpublished", Integer, nullable=False),
    Column("publishing_lag_seconds", Integer, nullable=False),
    Column("parked", Integer, nullable=False),
    Column("reported_at", Instant, nullable=False),
)

_mapper = registry(metadata=metadata)
_mapper.map_imperatively(Case, cases)
_mapper.map_imperatively(Round, rounds)
_mapper.map_imperatively(Opinion, opinions)
_mapper.map_imperatively(Seat, seats)
_mapper.map_imperatively(Score, scores)
_mapper.map_imperatively(Draw, draws)
_mapper.map_imperatively(DecisionList, decision_lists)
_mapper.map_imperatively(Account, accounts)
