"""Document numbers (文号): each act gets one number, without gaps within a bureau's year."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from services.documents.tables import document_numbers, number_series
from services.kernel.persistence.database import insert_into
from services.policy.official_texts import document_number


def _subject(act: Mapping[str, str], subject: str) -> str:
    """Return the subject under which an act is numbered: the act's own subject if the act covers several cases, otherwise the
    subject of the document."""
    return act.get("subject", subject)


def _kind(act: Mapping[str, str], kind: str) -> str:
    """Return the kind of document under which an act is numbered. If one act has documents of several kinds (such as the
    decisions and the public list of one decision list), they are all numbered under one kind, which the act names."""
    return act.get("kind", kind)


def given(session: Session, subject: str, kind: str, act: Mapping[str, str]) -> str | None:
    """Return the document number of an act; None if the act has no number yet."""
    mine = (
        document_numbers.c.subject == _subject(act, subject),
        document_numbers.c.kind == _kind(act, kind),
        document_numbers.c.act == act["id"],
    )
    row = session.execute(select(document_numbers).where(*mine)).one_or_none()
    return document_number(row.bureau, row.year, row.number) if row else None


def give(session: Session, subject: str, kind: str, act: Mapping[str, str]) -> str:
    """Assign the next number of its bureau and year to an act (`id`, `bureau`, `on`), and return the document number. Of two
    concurrent calls for one bureau and year, the second waits for the first. An act that has a number already keeps that
    number."""
    bureau, year = act["bureau"], int(act["on"][:4])
    started = insert_into(session.get_bind().dialect.name, number_series).values(bureau=bureau, year=year, last=0)
    session.execute(started.on_conflict_do_nothing())
    mine = (number_series.c.bureau == bureau, number_series.c.year == year)
    session.execute(update(number_series).where(*mine).values(last=number_series.c.last + 1))
    if known := given(session, subject, kind, act):
        session.execute(update(number_series).where(*mine).values(last=number_series.c.last - 1))
        return known
    number = session.execute(select(number_series.c.last).where(*mine)).scalar_one()
    filed = {"subject": _subject(act, subject), "kind": _kind(act, kind), "act": act["id"]}
    row = {"bureau": bureau, "year": year, "number": number} | filed
    session.execute(insert(document_numbers), row)
    return document_number(bureau, year, number)
