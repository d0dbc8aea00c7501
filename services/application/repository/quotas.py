"""The places of L6 and M3: reserved with a submission, confirmed by recognition, freed when a case ends otherwise (A5(2)5,
A5(3)5). Whoever counts on the numbers locks the organisations first."""

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
    """In how many consortia, recognised or in process, these organisations hold a place; the case `apart_from` not counted. What
    a change reserves in a consortium counts with that consortium, once."""
    found = session.execute(_STANDING, {"codes": sorted(set(codes)), "apart_from": apart_from})
    return {code: Standing(leads=leads, joins=joins) for code, leads, joins in found}


def of_case(session: Session, subject: str) -> list[Row[Any]]:
    """The places of one case that are not freed."""
    return list(session.execute(select(places).where(places.c.subject == subject, places.c.freed_at.is_(None))))


def of_organisation(session: Session, code: str) -> list[Row[Any]]:
    """The places of one organisation that are not freed."""
    return list(session.execute(select(places).where(places.c.uscc == code, places.c.freed_at.is_(None))))


def reserve(
    session: Session,
    case: str,
    units: Iterable[str],
    lead: str,
    others: Mapping[str, Standing],
    limits: Limits,
    now: datetime,
    *,
    again: bool,
    within: str | None = None,
) -> None:
    """One place for each unit: held where it fits beside the others, recorded without being held where it does not. `within`: the
    consortium that a change reserves it in.

    `again`: the case has places from an earlier submission; those of units that left are freed, those not held are counted
    anew."""
    units = set(units)
    kept = of_case(session, case) if again else []
    full = {code for code in units if not limits.admit(others.get(code, Standing()), leading=code == lead)}
    gone = [row.position for row in kept if row.uscc not in units]
    risen = [row.position for row in kept if row.uscc in units - full and not row.held]
    if gone:
        session.execute(update(places).where(places.c.position.in_(gone)).values(freed_at=now))
    if risen:
        session.execute(update(places).where(places.c.position.in_(risen)).values(held=True))
    if new := sorted(units - {row.uscc for row in kept}):
        said = {"case": case, "lead": lead, "now": now, "within": within}
        session.execute(_RESERVE, said | {"codes": new, "full": sorted(full.intersection(new))})


def release(session: Session, case: str, now: datetime) -> None:
    """The case has ended without recognition: its places are everybody's again."""
    session.execute(update(places).where(places.c.subject == case, places.c.freed_at.is_(None)).values(freed_at=now))


def confirm(session: Session, case: str, consortium: str, now: datetime) -> None:
    """The case is recognised, or the change in effect: all its places are held, beyond the limit where that was waived, under the
    consortium's name; who has one there already needs no second."""
    there = select(places.c.uscc).where(places.c.subject == consortium, places.c.freed_at.is_(None))
    mine = (places.c.subject == case) & places.c.freed_at.is_(None)
    session.execute(update(places).where(mine, places.c.uscc.in_(there.scalar_subquery())).values(freed_at=now))
    session.execute(
        update(places)
        .where(places.c.subject == case, places.c.freed_at.is_(None))
        .values(held=True, confirmed_at=now, subject=consortium, within=None)
    )


def confirm_directly(session: Session, case: str, units: Iterable[str], lead: str, now: datetime) -> None:
    """Places of a consortium recognised under the earlier plan: held whatever the limits (A16)."""
    row = {"subject": case, "held": True, "reserved_at": now, "confirmed_at": now}
    session.execute(insert(places), [row | {"uscc": code, "leads": code == lead} for code in sorted(units)])


def keep_only(session: Session, case: str, units: Iterable[str], lead: str, now: datetime) -> None:
    """The places of a consortium after a change of its units: who left has none, and the lead's counts as leading."""
    mine = (places.c.subject == case) & places.c.freed_at.is_(None)
    session.execute(update(places).where(mine, places.c.uscc.not_in(set(units))).values(freed_at=now))
    session.execute(update(places).where(mine).values(leads=places.c.uscc == lead))


# Built once: every submission counts and reserves.
_whole = func.coalesce(places.c.within, places.c.subject)
_STANDING = (
    select(places.c.uscc, func.count(case((places.c.leads, _whole)).distinct()), func.count(_whole.distinct()))
    .where(
        places.c.uscc.in_(bindparam("codes", expanding=True)),
        places.c.freed_at.is_(None),
        places.c.held,
        _whole != bindparam("apart_from"),
    )
    .group_by(places.c.uscc)
)
# From the organisations, which are locked: with a dozen rows of values it would be too long for the driver to prepare.
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
