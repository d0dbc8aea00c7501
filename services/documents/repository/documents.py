"""Load and store documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.documents.domain.document import Document, no_document
from services.documents.tables import documents, names

#: The columns of a document that a signed statement contains.
STATED = ("id", "subject", "kind", "filename", "size", "sha256")


def get(session: Session, id: str, *, lock: bool = False) -> Document:
    """Return one document. Raises NotFound."""
    document = session.get(Document, id, with_for_update=lock)
    if document is None:
        raise no_document()
    return document


def same_name(session: Session, document: Document) -> Document | None:
    """Lock and return the newest document of the same subject, kind and name. A concurrent transaction that calls this function
    for the same name waits until this transaction commits."""
    mine = _named(document)
    newest = select(names.c.newest).where(*(names.c[column] == value for column, value in mine.items()))
    id = session.scalar(newest.with_for_update())
    return session.get(Document, id) if id else None


def next_version(session: Session, document: Document, *, above: int) -> int:
    """Make this document the newest one of its name. Return its version number, which is greater than `above`, the version number
    of the document that it replaces."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(names).values(**_named(document), versions=above + 1, newest=document.id)
    last = case((names.c.versions > above, names.c.versions), else_=above)
    statement = statement.on_conflict_do_update(
        index_elements=[names.c.subject, names.c.kind, names.c.filename],
        set_={"versions": last + 1, "newest": document.id},
    )
    version: int = session.execute(statement.returning(names.c.versions)).scalar_one()
    return version


def _named(document: Document) -> dict[str, str]:
    """Return column → value, for the columns of `names` that identify the document's name."""
    return {"subject": document.subject, "kind": document.kind, "filename": document.name_key or document.filename}


def clean_of(session: Session, subjects: Sequence[str]) -> list[tuple[Document, bool]]:
    """Return the clean documents of these subjects, the oldest first, each with whether it is the newest version."""
    return [(document, newest) for document, newest in session.execute(_clean(Document), {"subjects": list(subjects)})]


def states_of(session: Session, subjects: Sequence[str]) -> list[Row[Any]]:
    """Return the documents of these subjects for a signed statement, with `newest` as in `clean_of`. Every submission runs this
    query."""
    return list(session.execute(_STATES, {"subjects": list(subjects)}))


def pending_since(session: Session, instant: datetime) -> list[str]:
    """Return the ids of uploads started before an instant and not completed."""
    statement = select(documents.c.id).where(documents.c.state == "pending", documents.c.created_at < instant)
    return list(session.scalars(statement.order_by(documents.c.created_at)))


def forget_names(session: Session, subject: str) -> None:
    """Delete the rows of `names` of a subject's documents, because file names may contain personal data."""
    session.execute(delete(names).where(names.c.subject == subject))


def _clean(*what: Any) -> Select[Any]:
    same_name = and_(
        names.c.subject == documents.c.subject,
        names.c.kind == documents.c.kind,
        names.c.filename == func.coalesce(documents.c.name_key, documents.c.filename),
    )
    return (
        select(*what, and_(names.c.newest == documents.c.id, documents.c.replaced_by.is_(None)).label("newest"))
        .join(names, same_name)
        .where(documents.c.subject.in_(bindparam("subjects", expanding=True)), documents.c.state == "clean")
        .order_by(documents.c.id)
    )


_STATES = _clean(*(documents.c[name] for name in STATED))
