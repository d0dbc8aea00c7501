"""Generate a document from facts that the service which owns the subject signs. A document is typeset once and kept, so every
download returns the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from services.contracts.attachment import Attachment
from services.contracts.document_answers import GeneratedDocument, GeneratedHash
from services.contracts.document_payloads import DocumentGenerated
from services.documents.generated.templates import PAPERS
from services.documents.generated.typesetting import typeset
from services.documents.repository import document_numbers
from services.documents.repository import documents as repository
from services.documents.tables import papers
from services.kernel.clock import Clock
from services.kernel.document_statement import StatedFacts
from services.kernel.errors import Forbidden
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence.database import insert_into
from services.kernel.persistence.unit_of_work import as_system, audit_only, publish
from services.kernel.registry import PER_BUREAU
from services.kernel.settings import Settings
from services.kernel.storage.base import Store

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@dataclass(frozen=True, slots=True)
class TypesetFile:
    """A generated document's file that was typeset and put into the store. `size` is in bytes."""

    sha256: str
    size: int


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
    names: Mapping[str, str] = {},
) -> TypesetFile | None:
    """Typeset the document and put its bytes into the store, unless it was generated before or still lacks its document number.
    This runs before the transaction of `make_paper`. Raises Invalid for characters that no font has."""
    stated = _read(session, verifier, actor, owner, statement)
    act = stated.act
    number = document_numbers.given(session, stated.subject, stated.paper, act) if act else None
    if _kept(session, stated, form) or (act and number is None):
        return None
    facts = stated.facts | {"document_number": number, "names": names}
    content = typeset(PAPERS[stated.paper].compose(facts), form, fonts=Path(settings.fonts))
    sha256 = hashlib.sha256(content).hexdigest()
    store.put(_key(sha256, form), content)
    return TypesetFile(sha256, len(content))


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
    prepared: TypesetFile | None,
    names: Mapping[str, str] = {},
) -> GeneratedDocument:
    """Return the URL and the SHA-256 of a generated document. The first request with these facts generates it; the audit log
    records the hash under `paper/<sha256>`.

    For an act that needs a document number, the first request only assigns the number and returns `url` null; the caller repeats
    the request, which typesets the document with the number. `names`: the names of the people whom the document mentions.
    """
    stated = _read(session, verifier, actor, owner, statement)
    row = _kept(session, stated, form)
    if row is None:
        if prepared is None:
            return _numbered(session, stated)
        row = _keep(session, clock, stated, form, prepared)
    url = store.download_url(_key(row.sha256, form), filename=row.filename, media_type=MEDIA_TYPES[form])
    return {"url": url, "sha256": row.sha256}


def _numbered(session: Session, stated: StatedFacts) -> GeneratedDocument:
    """Assign a document number to the document's act. `typeset_paper` typesets such a document only when the act has a number."""
    assert stated.act
    number = document_numbers.give(session, stated.subject, stated.paper, stated.act)
    audit_only(session, "document.numbered", stated.subject, bureau=stated.act["bureau"], after=number)
    return {"url": None, "sha256": None}


def paper_hashes(session: Session, *, subject: str, kind: str) -> list[GeneratedHash]:
    """Query: return the hashes of the documents of this kind that were generated for a subject, the newest first. By comparing a
    file's hash with them, a reader finds out whether the file is genuine."""
    made = select(papers.c.sha256, papers.c.made_at).where(papers.c.subject == subject, papers.c.kind == kind)
    rows = session.execute(made.order_by(papers.c.id.desc()).limit(20))
    return [{"sha256": row.sha256, "made_at": row.made_at.isoformat()} for row in rows]


def _keep(session: Session, clock: Clock, stated: StatedFacts, form: str, file: TypesetFile) -> Row[Any]:
    paper = PAPERS[stated.paper]
    generated = DocumentGenerated(
        kind=stated.paper,
        sha256=file.sha256,
        size=file.size,
        filename=f"{paper.name}.{form}",
        version=_version(stated),
        subject=stated.subject,
        article=paper.article,
    )
    row = {
        "id": new_id(),
        "subject": generated.subject,
        "kind": generated.kind,
        "version": generated.version,
        "format": form,
        "filename": generated.filename,
        "made_at": clock.now(),
        "sha256": generated.sha256,
        "size": generated.size,
    }
    made = insert_into(session.get_bind().dialect.name, papers).values(row).on_conflict_do_nothing()
    if session.execute(made.returning(papers.c.id)).first():
        audit_only(
            session,
            "document.generated",
            f"paper/{file.sha256}",
            bureau=stated.bureau,
            article=paper.article,
            after=generated.version,
        )
        # The event names the system as its actor: the first reader may be an expert, whom only the audit log may name.
        with as_system(session):
            publish(
                session,
                "document.generated",
                stated.subject,
                generated,
                bureau=stated.bureau,
                recommender=stated.recommender,
            )
    kept = _kept(session, stated, form)
    assert kept is not None
    return kept


def _kept(session: Session, stated: StatedFacts, form: str) -> Row[Any] | None:
    mine = (
        papers.c.subject == stated.subject,
        papers.c.kind == stated.paper,
        papers.c.version == _version(stated),
        papers.c.format == form,
    )
    return session.execute(select(papers).where(*mine)).one_or_none()


def _version(stated: StatedFacts) -> str:
    """Return the version of the generated document: the subject's version, and a digest of the facts and of the act. Without the
    digest, a request after a change of name, or about a second decision in the same words, would return the old document."""
    content = stated.facts | ({"act": stated.act} if stated.act else {})
    facts = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
    return f"{stated.version}.{hashlib.sha256(facts).hexdigest()[:12]}"


def _read(session: Session, verifier: Verifier, actor: Actor, owner: str, statement: str) -> StatedFacts:
    stated = StatedFacts.from_dict(verifier.read(statement, owner))
    paper = PAPERS.get(stated.paper)
    fits = paper is not None and paper.owner == owner and stated.username == actor.username
    if not fits or (owner in PER_BUREAU and not _of_its_bureau(stated)):
        raise Forbidden("statement_refused", "授权凭证不适用于该文件，请重试。", "The statement is not for this paper.")
    if stated.paper == "application_form" and stated.facts["draft"]:
        handed_in = _uploaded(session, stated.subject, stated.facts["documents"])
        return replace(stated, facts=stated.facts | {"handed_in": handed_in})
    return stated


def _uploaded(session: Session, subject: str, named: Sequence[str]) -> list[Attachment]:
    """Return the documents that a submission of the application's draft would include: the newest version of each file name, and
    the documents that the draft names by id."""
    subjects = {subject, *("/".join(id.split(".")[:2]) for id in named)}
    return [
        {"id": document.id, "kind": document.kind, "filename": document.filename}
        for document in repository.states_of(session, sorted(subjects))
        if document.id in named or (document.subject == subject and document.newest)
    ]


def _of_its_bureau(stated: StatedFacts) -> bool:
    """Return whether a bureau's review service states facts about one of the bureau's own cases: the case's id begins with the
    bureau's code, and the facts and the act name this bureau."""
    bureau = stated.bureau
    own_number = stated.act is None or stated.act["bureau"] == bureau
    return bool(own_number and stated.facts["bureau"] == bureau and stated.subject.startswith(f"review/{bureau}-"))


def _key(sha256: str, form: str) -> str:
    return f"papers/{sha256}.{form}"
