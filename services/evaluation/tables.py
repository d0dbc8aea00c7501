"""The evaluation service's tables."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, MetaData, String, Table
from sqlalchemy.orm import registry

from services.evaluation.domain.annual_report import Obligation
from services.evaluation.domain.consortium import Consortium
from services.kernel import tables
from services.kernel.database import Instant, Json

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
    Column("under_guidance", Boolean, nullable=False),
)
Index("ix_consortia_home", consortia.c.recommender, consortia.c.id)

annual_reports = Table(
    "annual_reports",
    metadata,
    Column("consortium", String(36), ForeignKey(consortia.c.id), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("policy", String(80), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("opened_at", Instant, nullable=False),
)

_mapper = registry(metadata=metadata)
_mapper.map_imperatively(Consortium, consortia)
_mapper.map_imperatively(Obligation, annual_reports)
