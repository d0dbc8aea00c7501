"""Search for evaluation rounds by title."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.contracts.labels import label
from services.contracts.search import SearchResults
from services.evaluation.tables import evaluations
from services.kernel.search import Hit, Search, run_searches


def search(session: Session, q: str, limit: int) -> SearchResults:
    """Return the rounds whose title contains `q`, the newest first. Every account may read them."""
    columns = (evaluations.c.id, evaluations.c.title, evaluations.c.status)
    statement = select(*columns).where(func.lower(evaluations.c.title).contains(q.lower(), autoescape=True))
    rounds = Search(
        "evaluation",
        statement.order_by(evaluations.c.id.desc()),
        lambda row: Hit(row.id, row.title, status=label("round_status", row.status).to_dict()),
    )
    return run_searches(session, [rounds], limit)
