"""The index of research directions: which directions are compared, and which candidates may be similar (A4(1)).

Candidates share pairs of neighbouring characters. Each lookup is bounded: a pair yields at most the newest `MOST_WITH`
directions, and rarity is counted in a sample. So a comparison takes the same time however many directions there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Float, Select, bindparam, delete, func, insert, literal_column, select, union_all, update
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from services.application.domain.direction_similarity import Direction
from services.application.repository.dialect import upsert
from services.application.tables import applications, consortia, directions, terms, versions
from services.application.tables.directions import OUTDATED, UNCOMPARED

#: The values of `terms.kind`: open applications, and recognised consortia.
OPEN, RECOGNISED = "direction", "recognised"
#: The greatest number of directions that are fetched for one pair of characters; the newest are fetched.
MOST_WITH = 200
#: The greatest number of pairs that are looked up for a direction; the rarest are looked up.
MOST_PAIRS = 80
#: The number of the newest directions in which the rarity of a pair is counted.
SAMPLE = 200
#: The greatest number of candidates whose whole texts are compared.
CANDIDATES = 50

#: The value of `compared_version` for an application whose direction is in the index as that of a recognised consortium.
_AS_CONSORTIUM = -1


def outdated(session: Session, limit: int) -> list[str]:
    """Return the subjects whose entry in the index is out of date."""
    late = select(applications.c.id).where(sql(OUTDATED)).order_by(applications.c.id).limit(limit)
    not_compared = select(consortia.c.id).where(sql(UNCOMPARED)).order_by(consortia.c.id).limit(limit)
    cases = [f"application/{id}" for id in session.execute(late).scalars()]
    return [*cases, *(f"consortium/{id}" for id in session.execute(not_compared).scalars())]


def update_index(session: Session, subject: str) -> str:
    """Update a subject's entry in the index to its last submitted version. Delete the entry of an application that ended without
    recognition."""
    kind, _, id = subject.partition("/")
    if kind == "consortium":
        _store_direction(session, RECOGNISED, id, _of_consortium(session, id))
        session.execute(update(consortia).where(consortia.c.id == id).values(compared=True))
        return "compared"
    columns = (applications.c.status, applications.c.version)
    case = session.execute(select(*columns).where(applications.c.id == id).with_for_update()).one()
    if case.status in ("rejected", "declined", "withdrawn"):
        _store_direction(session, OPEN, id, "")
        session.execute(delete(directions).where(directions.c.id == id))
        state = 0
    else:
        recognised = case.status == "recognised"
        state = _AS_CONSORTIUM if recognised else case.version
        if recognised:  # The application was recognised: move its pairs from the kind OPEN to RECOGNISED.
            _store_direction(session, OPEN, id, "")
            session.execute(delete(directions).where(directions.c.id == id))
        _store_direction(session, RECOGNISED if recognised else OPEN, id, _submitted(session, id, case.version))
    session.execute(update(applications).where(applications.c.id == id).values(compared_version=state))
    return "compared" if state else "not compared any more"


def text_of(content: Mapping[str, Any]) -> str:
    """Return the text of an application that is compared. Its field and industry chain are left out, because all applications of
    a trade share them."""
    parts = (content.get(name) for name in ("name", "research_direction"))
    return "\n".join(part for part in parts if part)


def sample(session: Session) -> list[Direction]:
    """Return the newest directions, of open applications or recognised consortia, in which rarity is counted."""
    newest = select(directions.c.text).order_by(directions.c.id.desc()).limit(SAMPLE)
    return [Direction.of(text) for text in session.execute(newest).scalars()]


def candidates(session: Session, kind: str, weights: Mapping[str, float], but: str) -> dict[str, str]:
    """Return the stored research directions most likely to be similar: those that share the pairs of neighbouring characters with
    the greatest weight (id → text). Only the `MOST_PAIRS` heaviest pairs are searched. The direction with the id `but` is left
    out."""
    ranked = sorted(weights, key=lambda pair: (-weights[pair], pair))[:MOST_PAIRS]
    slots = {f"pair_{index}": pair for index, pair in enumerate(ranked)}
    slots |= {f"pair_{index}": "" for index in range(len(ranked), MOST_PAIRS)}
    weight_parameters = {f"worth_{index}": weights[pair] ** 2 for index, pair in enumerate(ranked)}
    weight_parameters |= {f"worth_{index}": 0.0 for index in range(len(ranked), MOST_PAIRS)}
    rows = session.execute(_ALIKE, {"kind": kind, "but": but, **slots, **weight_parameters})
    return {row.id: row.text for row in rows if row.text}


def _store_direction(session: Session, kind: str, id: str, text: str) -> None:
    """Replace the stored text and the stored pairs of a direction."""
    before = session.execute(select(directions.c.text).where(directions.c.id == id)).scalar_one_or_none() or ""
    new_pairs, old_pairs = set(Direction.of(text).pairs), set(Direction.of(before).pairs)
    if removed := old_pairs - new_pairs:
        session.execute(delete(terms).where(terms.c.kind == kind, terms.c.id == id, terms.c.term.in_(removed)))
    if added := sorted(new_pairs - old_pairs):
        session.execute(insert(terms), [{"kind": kind, "term": pair, "id": id} for pair in added])
    if text:
        statement = upsert(session, directions).values(id=id, text=text)
        session.execute(statement.on_conflict_do_update(index_elements=[directions.c.id], set_={"text": statement.excluded.text}))


def _submitted(session: Session, id: str, version: int) -> str:
    content = select(versions.c.content).where(versions.c.application_id == id, versions.c.number == version)
    return text_of(session.execute(content).scalar_one())


def _of_consortium(session: Session, id: str) -> str:
    columns = (consortia.c.name, consortia.c.direction)
    row = session.execute(select(*columns).where(consortia.c.id == id)).one()
    return "\n".join(part for part in row if part)


def _with_pair(index: int) -> Select[Any]:
    """Return a query for the newest directions that contain one pair of characters, with the weight of the pair. `index`: the
    number of its bind parameters."""
    conditions = (terms.c.kind == bindparam("kind"), terms.c.term == bindparam(f"pair_{index}"), terms.c.id != bindparam("but"))
    newest = select(terms.c.id).where(*conditions).order_by(terms.c.id.desc()).limit(literal_column(str(MOST_WITH)))
    each = newest.subquery(f"with_{index}")
    return select(each.c.id, bindparam(f"worth_{index}", type_=Float()).label("worth"))


# Built once at import, with parameters for the most pairs, because the statement is long.
_places = union_all(*(_with_pair(place) for place in range(MOST_PAIRS))).subquery("shared")
_nearest = (
    select(_places.c.id)
    .group_by(_places.c.id)
    .order_by(func.sum(_places.c.worth).desc(), _places.c.id)
    .limit(literal_column(str(CANDIDATES)))
    .subquery("nearest")
)
# A subquery for each row, so that PostgreSQL looks up single texts by id and never scans the whole table.
_text = select(directions.c.text).where(directions.c.id == _nearest.c.id).scalar_subquery()
_ALIKE = select(_nearest.c.id, _text.label("text"))
