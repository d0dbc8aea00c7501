"""Search in identity: registrations, the pool of reviewers, and accounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, String, cast, func, or_, select
from sqlalchemy.orm import Session

from gateway.identity.reviewers import KINDS
from gateway.identity.tables import accounts, registrations
from services.contracts.labels import label
from services.contracts.search import SearchResults
from services.kernel.identity import Actor
from services.kernel.search import Hit, Search, run_searches


def search(session: Session, actor: Actor, q: str, limit: int) -> SearchResults:
    """Query: return matches by name, code or username. Officials find the registrations addressed to their bureau; the province
    also finds its reviewers; operators find accounts."""
    return run_searches(session, _searches(actor, q.lower()), limit)


def _searches(actor: Actor, q: str) -> Iterator[Search]:
    if actor.official:
        columns = (registrations.c.id, registrations.c.name, registrations.c.uscc, registrations.c.status)
        matches_name = or_(
            func.lower(registrations.c.name).contains(q, autoescape=True),
            registrations.c.uscc.startswith(q.upper(), autoescape=True),
        )
        of_bureau = select(*columns).where(registrations.c.bureau == actor.bureau, matches_name)
        yield Search("registration", of_bureau.order_by(registrations.c.id.desc()), _registration)
    if actor.official and actor.of_province:
        pool = cast(accounts.c.roles, String).in_([f'["{kind}"]' for kind in KINDS])
        yield _people_search("reviewer", q, pool)
    if actor.has("operator"):
        yield _people_search("account", q)


def _people_search(kind: str, q: str, *conditions: Any) -> Search:
    matches_name = or_(
        func.lower(accounts.c.name).contains(q, autoescape=True),
        func.lower(accounts.c.username).contains(q, autoescape=True),
    )
    statement = select(accounts.c.username, accounts.c.name, accounts.c.roles).where(
        matches_name, accounts.c.erased_at.is_(None), *conditions
    )
    return Search(kind, statement.order_by(accounts.c.username), _account_hit)


def _registration(row: Row[Any]) -> Hit:
    return Hit(row.id, row.name, row.uscc, status=label("registration_status", row.status).to_dict())


def _account_hit(row: Row[Any]) -> Hit:
    words = [label("role", role) for role in row.roles]
    roles = {"zh": "、".join(role_label.zh for role_label in words), "en": ", ".join(role_label.en for role_label in words)}
    return Hit(row.username, row.name, row.username, roles)
