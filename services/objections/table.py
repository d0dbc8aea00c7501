"""Create the table in which a service stores its objections."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, Date, MetaData, String, Table, Text
from sqlalchemy.orm import registry
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from services.kernel.persistence.database import Instant, Json
from services.objections.domain import Objection


def objections_table(metadata: MetaData, name: str, case: Column[str]) -> Table:
    """Return the table `name` with the columns of objections. `case` is the column that refers to the case objected to."""
    return Table(
        name,
        metadata,
        Column("id", String(36), primary_key=True),
        case,
        Column("organisation", String(18)),
        Column("objector", Json(none_as_null=True)),
        Column("received_on", Date),
        Column("document", Json(none_as_null=True)),
        Column("reason", Text, nullable=False),
        Column("filed_by", String(120), nullable=False),
        Column("filed_at", Instant, nullable=False),
        Column("prepared", Json(none_as_null=True)),
        Column("outcome", String(20)),
        Column("answer", Text),
        Column("answered_by", String(120)),
        Column("answered_at", Instant),
        Column("confirmed_by", String(120)),
        Column("resolved_at", Instant),
    )


def unanswered(columns: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    """Return the condition for objections that wait for an answer, in a statement over these columns."""
    condition: ColumnElement[bool] = columns["outcome"].is_(None)
    return condition


def map_objections(mapper: registry, kind: type[Objection], table: Table, case: str) -> None:
    """Map a service's own class of objections to its table. `case` names the column that refers to the case objected to."""
    mapper.map_imperatively(kind, table, properties={"case": table.c[case]})
