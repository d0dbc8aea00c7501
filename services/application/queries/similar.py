"""The research directions that are most similar to an application's (A4(1)). They inform the answer to question Q8 and decide
nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from services.application.access import bureau_reads, reader, reads_for_bureau
from services.application.domain.application import Application
from services.application.domain.direction_similarity import LEAST, Direction, Rarity, shared_words, similarity
from services.application.repository import cases, directions, organisations
from services.application.tables import applications, consortia, readers
from services.contracts.application.assessment_responses import SimilarDirectionDict, SimilarDirectionsAnswerDict
from services.kernel.identity import Actor

#: The greatest number of similar directions that are shown.
MOST = 10


@dataclass(frozen=True, slots=True)
class _Near:
    """A similar direction: its id, its similarity (0 to 1) and the shared words."""

    id: str
    likeness: float
    shared: list[str]


def similar_directions(session: Session, actor: Actor, id: str) -> SimilarDirectionsAnswerDict:
    """Return the directions most similar to the application's direction, the most similar first, each with its similarity (0 to
    1) and the shared words. Recognised consortia are compared and, for reviewers, also open applications, which are named if the
    reviewer may read them. For a party the application's present content is compared, for a reviewer the version under review.
    Raises NotFound."""
    application = cases.application(session, id)
    access = reader(session, actor, application)
    content = application.version_content()
    if not access.party and application.version:
        version = cases.version(session, id, access.version or application.version)
        content = version.content if version is not None else content
    direction = Direction.of(directions.text_of(content))
    rarity = Rarity([direction, *directions.sample(session)])
    reviews = not access.party or reads_for_bureau(actor)
    kinds = (directions.RECOGNISED, directions.OPEN) if reviews else (directions.RECOGNISED,)
    nearest = [neighbour for kind in kinds for neighbour in _nearest(session, kind, direction, rarity, id)]
    nearest.sort(key=lambda neighbour: (-neighbour.likeness, neighbour.id))
    items = _with_case_data(session, actor, nearest[: 3 * MOST])
    return {"citation": "A4(1)", "question": "Q8", "applications_compared": reviews, "items": items[:MOST]}


def _nearest(session: Session, kind: str, direction: Direction, rarity: Rarity, but: str) -> list[_Near]:
    weights = rarity.weigh(direction)
    pairs = {pair: weights[pair] for pair in direction.pairs}
    similar = []
    for id, text in directions.candidates(session, kind, pairs, but).items():
        other_direction = Direction.of(text)
        alike = similarity(weights, rarity.weigh(other_direction))
        if alike >= LEAST:
            similar.append(_Near(id, round(alike, 2), shared_words(direction, other_direction, rarity)))
    return similar


def _with_case_data(session: Session, actor: Actor, nearest: list[_Near]) -> list[SimilarDirectionDict]:
    """Add to each direction the data of its case that the actor may read. A case that has ended since the index was updated is
    left out."""
    ids = {neighbour.id for neighbour in nearest}
    register = {
        row.application_id or row.id: row
        for row in session.execute(select(consortia).where(or_(consortia.c.application_id.in_(ids), consortia.c.id.in_(ids))))
    }
    open_ones = {
        case.id: case
        for case in session.scalars(select(Application).where(applications.c.id.in_(ids - set(register))))
        if case.open
    }
    lead_codes = {row.lead for row in register.values()} | {case.lead for case in open_ones.values() if case.lead}
    names = organisations.names(session, lead_codes)
    readable_ids = select(readers.c.application_id).where(*cases.given_to(actor.username), readers.c.application_id.in_(ids))
    assigned = set(session.execute(readable_ids).scalars()) if actor.has("expert", "third_party") else set()
    items = []
    for neighbour in nearest:
        if neighbour.id in register and register[neighbour.id].status in ("active", "rectifying"):
            items.append(_consortium(register[neighbour.id], neighbour, names))
        elif neighbour.id in open_ones:
            items.append(_application(actor, open_ones[neighbour.id], neighbour, neighbour.id in assigned, names))
    return items


def _consortium(row: Row[Any], neighbour: _Near, names: Mapping[str, str | None]) -> SimilarDirectionDict:
    return {
        "kind": "consortium",
        "id": row.id,
        "number": row.number,
        "name": row.name,
        "field": row.field,
        "lead": {"uscc": row.lead, "name": names.get(row.lead)},
        "recommender": row.recommender,
        "status": row.status,
        "likeness": neighbour.likeness,
        "shared": neighbour.shared,
    }


def _application(
    actor: Actor, application: Application, neighbour: _Near, assigned: bool, names: Mapping[str, str | None]
) -> SimilarDirectionDict:
    """Return an open application as an entry of the list. Officials who may not read it get only its field and its
    recommender."""
    readable = assigned or actor.has("auditor") or bureau_reads(actor, application)
    official = readable or reads_for_bureau(actor)
    return {
        "kind": "application",
        "id": application.id if readable else None,
        "number": None,
        "name": application.name if readable else None,
        "field": application.field if official else None,
        "lead": {"uscc": application.lead, "name": names.get(application.lead or "")} if readable else None,
        "recommender": application.recommender if official else None,
        "status": application.status if readable else None,
        "likeness": neighbour.likeness,
        "shared": neighbour.shared,
    }
