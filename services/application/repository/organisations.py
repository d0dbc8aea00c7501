"""Organisations and integrity records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from services.application.domain.organisation import Organisation
from services.application.repository.dialect import upsert
from services.application.tables import integrity_records, organisations


def by_code(session: Session, codes: Iterable[str], *, lock: bool = False) -> dict[str, Organisation]:
    """Organisations by code; locked one after the other in the order of their codes, so that no two submissions wait for
    each other."""
    found = session.execute(_LOCKED if lock else _BY_CODE, {"codes": sorted(set(codes))})
    return {organisation.uscc: organisation for organisation in found.scalars()}


def named(session: Session, codes: Iterable[str]) -> dict[str, Any]:
    """Name and registration by code."""
    columns = (organisations.c.uscc, organisations.c.name, organisations.c.registered)
    return {row.uscc: row for row in session.execute(select(*columns).where(organisations.c.uscc.in_(set(codes))))}


def names(session: Session, codes: Iterable[str]) -> dict[str, str | None]:
    """Names by code."""
    found = session.execute(select(organisations.c.uscc, organisations.c.name).where(organisations.c.uscc.in_(set(codes))))
    return {row.uscc: row.name for row in found}


def mention(session: Session, named: Mapping[str, str | None], now: datetime) -> None:
    """Make sure there is a row for each code: an organisation that has not come to the platform yet is only named."""
    rows: list[dict[str, object]] = [
        {
            "uscc": code,
            "name": name,
            "figures": [],
            "platforms": [],
            "registered": False,
            "revision": 0,
            "created_at": now,
            "updated_at": now,
        }
        for code, name in sorted(named.items())
    ]
    if rows:
        statement = upsert(session, organisations).on_conflict_do_nothing()
        session.execute(statement.returning(organisations.c.uscc), rows)  # only with RETURNING do they go out together


def with_penalties(
    session: Session, codes: Iterable[str], today: date, *, lock: bool
) -> tuple[dict[str, Organisation], dict[str, date | None]]:
    """Organisations as by `by_code`, and code → last day of the longest penalty in force, None for one without end; no entry
    where there is none."""
    known: dict[str, Organisation] = {}
    penalties: dict[str, date | None] = {}
    statement = _LOCKED_WITH_PENALTIES if lock else _WITH_PENALTIES
    for found, penalised, until in session.execute(statement, {"codes": sorted(set(codes)), "today": today}):
        known[found.uscc] = found
        if penalised:
            longest = penalties.get(found.uscc, date.min)
            penalties[found.uscc] = None if until is None or longest is None else max(until, longest)
    return known, penalties


# Built once: every submission looks them up.
_CODES: BindParameter[list[str]] = bindparam("codes", expanding=True)
_BY_CODE = select(Organisation).where(organisations.c.uscc.in_(_CODES)).order_by(organisations.c.uscc)
_LOCKED = _BY_CODE.with_for_update(key_share=True).execution_options(populate_existing=True)
_in_force = and_(
    integrity_records.c.uscc == organisations.c.uscc,
    integrity_records.c.recorded_on <= bindparam("today"),
    or_(integrity_records.c.penalty_until.is_(None), integrity_records.c.penalty_until >= bindparam("today")),
)
_WITH_PENALTIES = (
    select(Organisation, integrity_records.c.uscc, integrity_records.c.penalty_until)
    .outerjoin(integrity_records, _in_force)
    .where(organisations.c.uscc.in_(_CODES))
    .order_by(organisations.c.uscc)
)
_LOCKED_WITH_PENALTIES = _WITH_PENALTIES.with_for_update(of=organisations, key_share=True).execution_options(
    populate_existing=True
)
