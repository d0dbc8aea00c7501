"""Reserve, confirm and release quotas (L6, M3). A submission reserves quotas, the recognition confirms them, and any other end of
the case releases them (A5(2)5, A5(3)5). A caller that relies on the counts must lock the organisations first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, String, bindparam, case, func, insert, select, update
from sqlalchemy.orm import Session

from services.application.domain.quotas import Limits
from services.application.tables import organisations, places
from services.kernel.persistence.database import Instant
from services.policy import Standing


def usage_of(session: Session, codes: Iterable[str], *, apart_from: str = "") -> dict[str, Standing]:
    """Count the consortia, recognised or in process, that each of these organisations leads and takes part in. `apart_from`: a
    case that does not count. A quota that a change reserves within a consortium counts once, together with that consortium's
    quota of the same unit."""
    rows = session.execute(_STANDING, {"codes": sorted(set(codes)), "apart_from": apart_from})
    return {code: Standing(leads=leads, joins=joins) for code, leads, joins in rows}


def of_case(session: Session, subject: str) -> list[Row[Any]]:
    """The quotas of one case that are not released."""
    return list(session.execute(select(places).where(places.c.subject == subject, places.c.freed_at.is_(None))))


def of_organisation(session: Session, code: str) -> list[Row[Any]]:
    """The quotas of one organisation that are not released."""
    return list(session.execute(select(places).where(places.c.uscc == code, places.c.freed_at.is_(None))))


def reserve(
    session: Session,
    case: str,
    units: Iterable[str],
    lead: str,
    standings: Mapping[str, Standing],
    limits: Limits,
    now: datetime,
    *,
    renewed: bool,
    within: str | None = None,
) -> None:
    """Reserve one quota for each unit. The quota is `held` if it fits within the limits, beside the unit's quotas elsewhere
    (`standings`); otherwise it is recorded but not held. `within`: the consortium whose change reserves it.

    `renewed`: the case already has quotas from an earlier submission. Those of units that left are released, and those that are
    not held are tested against the limits again.
    """
    units = set(units)
    reserved = of_case(session, case) if renewed else []
    at_limit = {code for code in units if not limits.admit(standings.get(code, Standing()), leading=code == lead)}
    removed = [row.position for row in reserved if row.uscc not in units]
    risen = [row.position for row in reserved if row.uscc in units - at_limit and not row.held]
    if removed:
        session.execute(update(places).where(places.c.position.in_(removed)).values(freed_at=now))
    if risen:
        session.execute(update(places).where(places.c.position.in_(risen)).values(held=True))
    if added := sorted(units - {row.uscc for row in reserved}):
        values = {"case": case, "lead": lead, "now": now, "within": within}
        session.execute(_RESERVE, values | {"codes": added, "full": sorted(at_limit.intersection(added))})


def release(session: Session, case: str, now: datetime) -> None:
    """Release all quotas of a case that ended without recognition, or of a consortium that is revoked or dissolved."""
    session.execute(update(places).where(places.c.subject == case, places.c.freed_at.is_(None)).values(freed_at=now))


def confirm(session: Session, case: str, consortium: str, now: datetime) -> None:
    """Confirm the quotas of a recognised case or of a change in effect, and move them to the consortium. All these quotas become
    held, even beyond the limit, because the decision waived the limit then. A unit that already has a quota in the consortium
    does not get a second one."""
    occupied = select(places.c.uscc).where(places.c.subject == consortium, places.c.freed_at.is_(None))
    of_case_open = (places.c.subject == case) & places.c.freed_at.is_(None)
    session.execute(update(places).where(of_case_open, places.c.uscc.in_(occupied.scalar_subquery())).values(freed_at=now))
    session.execute(
        update(places)
        .where(places.c.subject == case, places.c.freed_at.is_(None))
        .values(held=True, confirmed_at=now, subject=consortium, within=None)
    )


def confirm_directly(session: Session, case: str, units: Iterable[str], lead: str, now: datetime) -> None:
    """Create the quotas of a consortium recognised under the plan of 2021. All are held, without regard to the limits (A16)."""
    row = {"subject": case, "held": True, "reserved_at": now, "confirmed_at": now}
    session.execute(insert(places), [row | {"uscc": code, "leads": code == lead} for code in sorted(units)])


def update_units(session: Session, case: str, units: Iterable[str], lead: str, now: datetime) -> None:
    """Update the quotas of a consortium after a change of its units: release the quotas of units that left, and mark only the
    lead's quota as leading."""
    of_case_open = (places.c.subject == case) & places.c.freed_at.is_(None)
    session.execute(update(places).where(of_case_open, places.c.uscc.not_in(set(units))).values(freed_at=now))
    session.execute(update(places).where(of_case_open).values(leads=places.c.uscc == lead))


#: SQL expression: the case or consortium in which a quota counts. A quota that a change reserves within a consortium counts as
#: the consortium's, so that a unit is counted once.
counted_in = func.coalesce(places.c.within, places.c.subject)

# This statement is built once at import, because every submission counts quotas and reserves them.
_STANDING = (
    select(places.c.uscc, func.count(case((places.c.leads, counted_in)).distinct()), func.count(counted_in.distinct()))
    .where(
        places.c.uscc.in_(bindparam("codes", expanding=True)),
        places.c.freed_at.is_(None),
        places.c.held,
        counted_in != bindparam("apart_from"),
    )
    .group_by(places.c.uscc)
)
# Inserts by selecting from the organisations' rows, which are locked. A VALUES list of a dozen rows would be too long for the
# driver to prepare.
_code = organisations.c.uscc
_RESERVE = insert(places).from_select(
    ("uscc", "subject", "leads", "held", "reserved_at", "within"),
    select(
        _code,
        bindparam("case", type_=String),
        _code == bindparam("lead"),
        _code.not_in(bindparam("full", expanding=True)),
        bindparam("now", type_=Instant),
        bindparam("within", type_=String),
    )
    .where(_code.in_(bindparam("codes", expanding=True)))
    .order_by(_code),
)
