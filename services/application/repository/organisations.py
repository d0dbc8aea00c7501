"""Load and store organisations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Protocol, cast

from sqlalchemy import ColumnElement, bindparam, false, or_, select
from sqlalchemy.orm import Session

from services.application.domain.consortium import Consortium
from services.application.domain.organisation import Organisation
from services.application.repository.dialect import upsert
from services.application.tables import integrity_records, organisations
from services.contracts.consortium_reference import ConsortiumReference
from services.contracts.organisation_name import LeadReference
from services.kernel.errors import NotFound
from services.policy import BUREAUS


class NamedOrganisation(Protocol):
    """An organisation's name, and whether it is registered: an `Organisation`, or a row of a query that has only these two."""

    @property
    def name(self) -> str | None: ...
    @property
    def registered(self) -> bool: ...


def no_organisation() -> NotFound:
    """Return the error for an organisation that does not exist or that the actor may not know about."""
    return NotFound(
        "organisation_not_found",
        "没有这一单位的信息，或您无权查看。",
        "There is no such organisation, or it is not yours to see.",
    )


def by_code(session: Session, codes: Iterable[str], *, lock: bool = False) -> dict[str, Organisation]:
    """Return organisations by code. `lock`: lock their rows in the order of the codes, so that two submissions cannot
    deadlock."""
    rows = session.execute(_LOCKED if lock else _BY_CODE, {"codes": sorted(set(codes))})
    return {organisation.uscc: organisation for organisation in rows.scalars()}


def load_named(session: Session, codes: Iterable[str]) -> dict[str, NamedOrganisation]:
    """Return rows with the name of each organisation and whether it is registered, by code."""
    columns = (organisations.c.uscc, organisations.c.name, organisations.c.registered)
    rows: dict[str, NamedOrganisation] = {}
    for row in session.execute(select(*columns).where(organisations.c.uscc.in_(set(codes)))):
        rows[row.uscc] = cast(NamedOrganisation, row)
    return rows


def names(session: Session, codes: Iterable[str]) -> dict[str, str | None]:
    """The names of organisations, by code."""
    rows = session.execute(select(organisations.c.uscc, organisations.c.name).where(organisations.c.uscc.in_(set(codes))))
    return {row.uscc: row.name for row in rows}


def reference(session: Session, consortium: Consortium) -> ConsortiumReference:
    """The reference by which events name a consortium, with its lead's present name."""
    lead = LeadReference(uscc=consortium.lead, name=names(session, [consortium.lead]).get(consortium.lead))
    return {"consortium": consortium.id, "number": consortium.number, "name": consortium.name, "lead": lead}


def records_in_force(session: Session, codes: Iterable[str], today: date) -> dict[str, dict[str, date | None]]:
    """Return the integrity records whose penalty has not ended: code → record id → the penalty's last day, None for a penalty
    without end."""
    statement = select(integrity_records.c.uscc, integrity_records.c.id, integrity_records.c.penalty_until).where(
        integrity_records.c.uscc.in_(set(codes)),
        integrity_records.c.recorded_on <= today,
        or_(integrity_records.c.penalty_until.is_(None), integrity_records.c.penalty_until >= today),
    )
    records: dict[str, dict[str, date | None]] = {}
    for row in session.execute(statement.order_by(integrity_records.c.id)):
        records.setdefault(row.uscc, {})[row.id] = row.penalty_until
    return records


def in_city(bureau: str) -> ColumnElement[bool]:
    """Return the condition that selects organisations registered in a bureau's city. It selects no row if the bureau is not a
    city bureau."""
    if bureau not in BUREAUS or BUREAUS[bureau].tier != "city":
        return false()
    return organisations.c.region.between(f"{bureau[:4]}00", f"{bureau[:4]}99")


def ensure_rows(session: Session, names: Mapping[str, str | None], now: datetime) -> None:
    """Create a row for each code that has none. The row of an organisation that is not registered contains only its name, if that
    is known."""
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
        for code, name in sorted(names.items())
    ]
    if rows:
        statement = upsert(session, organisations).on_conflict_do_nothing()
        # With RETURNING the driver sends all rows in one statement; without it, one at a time.
        session.execute(statement.returning(organisations.c.uscc), rows)


# This statement is built once at import, because nearly every command runs it.
_BY_CODE = select(Organisation).where(organisations.c.uscc.in_(bindparam("codes", expanding=True))).order_by(organisations.c.uscc)
_LOCKED = _BY_CODE.with_for_update(key_share=True).execution_options(populate_existing=True)
