"""Make a paper of what its owner states: typeset once, kept for good, the same bytes whenever it is fetched."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from services.documents.papers.made import PAPERS
from services.documents.papers.typeset import typeset
from services.documents.tables import papers
from services.kernel.clock import Clock
from services.kernel.database import insert_into
from services.kernel.errors import Forbidden
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.registry import PER_BUREAU
from services.kernel.settings import Settings
from services.kernel.signing import Verifier
from services.kernel.storage import Store
from services.kernel.work import announce, as_system, note

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def typeset_paper(
    session: Session,
    actor: Actor,
    verifier: Verifier,
    store: Store,
    settings: Settings,
    *,
    owner: str,
    statement: str,
    form: str,
) -> dict[str, Any] | None:
    """Before the transaction: the paper's bytes in the store, unless it was made before. Invalid for characters that no font
    has."""
    stated = _read(verifier, actor, owner, statement)
    if _kept(session, stated, form):
        return None
    content = typeset(PAPERS[stated["paper"]].compose(stated["facts"]), form, fonts=Path(settings.fonts))
    sha256 = hashlib.sha256(content).hexdigest()
    store.put(_key(sha256, form), content)
    return {"sha256": sha256, "size": len(content)}


def make_paper(
    session: Session,
    clock: Clock,
    actor: Actor,
    verifier: Verifier,
    store: Store,
    *,
    owner: str,
    statement: str,
    form: str,
    prepared: dict[str, Any] | None,
) -> dict[str, Any]:
    """Where to fetch the paper, and its SHA-256. Whoever comes first with these facts makes it; the hash stands in the audit log
    under `paper/<sha256>`."""
    stated = _read(verifier, actor, owner, statement)
    row = _kept(session, stated, form) or _keep(session, clock, stated, form, prepared or {})
    url = store.download_url(_key(row.sha256, form), filename=row.filename, media_type=MEDIA_TYPES[form])
    return {"url": url, "sha256": row.sha256}


def paper_hashes(session: Session, *, subject: str, kind: str) -> list[dict[str, Any]]:
    """Query: the papers of a kind made for a subject, the newest first: what a holder compares a file with."""
    made = select(papers.c.sha256, papers.c.made_at).where(papers.c.subject == subject, papers.c.kind == kind)
    rows = session.execute(made.order_by(papers.c.id.desc()).limit(20))
    return [{"sha256": row.sha256, "made_at": row.made_at.isoformat()} for row in rows]


def _keep(session: Session, clock: Clock, stated: dict[str, Any], form: str, prepared: dict[str, Any]) -> Row[Any]:
    paper = PAPERS[stated["paper"]]
    row = {
        "id": new_id(),
        "subject": stated["subject"],
        "kind": stated["paper"],
        "version": _version(stated),
        "format": form,
        "filename": f"{paper.name}.{form}",
        "made_at": clock.now(),
    } | prepared
    made = insert_into(session.get_bind().dialect.name, papers).values(**row).on_conflict_do_nothing()
    if session.execute(made.returning(papers.c.id)).first():
        note(
            session,
            "document.generated",
            f"paper/{row['sha256']}",
            bureau=stated["bureau"],
            article=paper.article,
            after=row["version"],
        )
        told = {name: row[name] for name in ("kind", "sha256", "size", "filename", "version")} | {"subject": stated["subject"]}
        with as_system(session):  # whoever reads it first, an expert among them, is in the audit log alone
            announce(
                session,
                "document.generated",
                stated["subject"],
                told | {"article": paper.article},
                bureau=stated["bureau"],
                recommender=stated["recommender"],
            )
    kept = _kept(session, stated, form)
    assert kept is not None
    return kept


def _kept(session: Session, stated: dict[str, Any], form: str) -> Row[Any] | None:
    mine = (
        papers.c.subject == stated["subject"],
        papers.c.kind == stated["paper"],
        papers.c.version == _version(stated),
        papers.c.format == form,
    )
    return session.execute(select(papers).where(*mine)).one_or_none()


def _version(stated: dict[str, Any]) -> str:
    """The matter's version, and a digest of the facts: where a name changes without a new version, the paper is another."""
    facts = json.dumps(stated["facts"], ensure_ascii=False, sort_keys=True).encode()
    return f"{stated['version']}.{hashlib.sha256(facts).hexdigest()[:12]}"


def _read(verifier: Verifier, actor: Actor, owner: str, statement: str) -> dict[str, Any]:
    stated = verifier.read(statement, owner)
    paper = PAPERS.get(stated["paper"])
    fits = paper is not None and paper.owner == owner and stated["username"] == actor.username
    if not fits or (owner in PER_BUREAU and not _of_its_bureau(stated)):
        raise Forbidden("statement_refused", "授权凭证不适用于该文件，请重试。", "The statement is not for this paper.")
    return stated


def _of_its_bureau(stated: dict[str, Any]) -> bool:
    """A bureau's word is of its own cases, whose ids begin with its code, and stands on paper under its own name."""
    bureau = stated["bureau"]
    return bool(stated["facts"]["bureau"] == bureau and stated["subject"].startswith(f"review/{bureau}-"))


def _key(sha256: str, form: str) -> str:
    return f"papers/{sha256}.{form}"
