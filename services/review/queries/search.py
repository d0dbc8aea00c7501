"""Search cases by title or by subject."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import Session

from services.contracts.bilingual import Bilingual
from services.contracts.labels import label
from services.contracts.search import SearchResults
from services.kernel.identity import PROVINCE, Actor
from services.kernel.search import Hit, Search, run_searches
from services.review.tables import cases


def search(session: Session, actor: Actor, q: str, limit: int, subjects: Sequence[str] = ()) -> SearchResults:
    """Return the cases whose title contains `q` or whose subject is among `subjects`, the newest first. An official gets the
    cases of the own bureau, an auditor the province's, any other actor none."""
    if not (actor.official or actor.has("auditor")):
        return {"groups": []}
    columns = (cases.c.id, cases.c.title, cases.c.kind, cases.c.stage, cases.c.status, cases.c.subject)
    matching = or_(func.lower(cases.c.title).contains(q.lower(), autoescape=True), cases.c.subject.in_(subjects))
    statement = select(*columns).where(cases.c.bureau == (actor.bureau or PROVINCE), matching)
    return run_searches(session, [Search("review", statement.order_by(cases.c.id.desc()), _case)], limit)


def _case(row: Row[Any]) -> Hit:
    kind, stage = label("case_kind", row.kind), label("stage", row.stage)
    subtitle: Bilingual = {"zh": f"{kind.zh}，{stage.zh}", "en": f"{kind.en}, {stage.en}"}
    return Hit(row.id, row.title, subtitle=subtitle, status=label("review_status", row.status).to_dict(), about=row.subject)
