"""Load and store case files and their holds, and find the case files that are due for disposal."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from services.contracts.payload import JsonObject
from services.documents.domain.case_file import DRAFT, NOTICE, Hold, Record, kind_of
from services.documents.domain.document import Document
from services.documents.tables import documents, handed_in, holds, papers, policies, records
from services.kernel.errors import NotFound
from services.kernel.persistence.database import insert_into

#: The most subjects that one run of a sweep processes; the next run processes the others.
MOST = 200
#: The states of documents whose bytes must be in the store.
KEPT = ("clean", "damaged")

_other = aliased(records)
#: SQL condition: a subject of the record's case file has an active legal hold.
held: ColumnElement[bool] = exists(
    select(holds.c.id)
    .join(_other, _other.c.subject == holds.c.subject)
    .where(holds.c.lifted_at.is_(None), _other.c.file == records.c.file)
    .correlate(records)
)


def record(session: Session, subject: str, at: datetime) -> Record:
    """Lock and return the record of a subject; create it if there is none."""
    row = {"subject": subject, "file": subject, "kind": kind_of(subject), "since": at, "disposed": 0}
    session.execute(insert_into(session.get_bind().dialect.name, records).values(**row).on_conflict_do_nothing())
    return session.get_one(Record, subject, with_for_update=True)


def known(session: Session, subject: str) -> bool:
    """Return whether the subject ever had a case file."""
    either = (
        select(records.c.subject).where(records.c.subject == subject),
        select(documents.c.id).where(documents.c.subject == subject),
    )
    return any(session.execute(one.limit(1)).first() is not None for one in either)


def file_of(session: Session, file: str) -> list[Record]:
    """Lock and return all records of a case file."""
    statement = select(Record).where(records.c.file == file).order_by(records.c.subject).with_for_update()
    return list(session.scalars(statement))


#: SQL condition: the store still locks a document of the record. The parameter `really` is the real date, not the date of the
#: domain's clock.
_locked: ColumnElement[bool] = exists(
    select(documents.c.id)
    .where(documents.c.subject == records.c.subject, documents.c.state.in_(KEPT), documents.c.lock_until > bindparam("really"))
    .correlate(records)
)


def overdue(today: date) -> ColumnElement[bool]:
    """SQL condition: the record's term is over by a day and its documents are not deleted yet."""
    return and_(records.c.disposed_on.is_(None), records.c.due_on <= today)


def untold(today: date) -> ColumnElement[bool]:
    """SQL condition: the record belongs to a draft whose owner was not notified at least `NOTICE` ago."""
    late = or_(records.c.told_on.is_(None), records.c.told_on > today - NOTICE)
    return and_(records.c.kind == DRAFT, records.c.holder.is_not(None), late)


def to_be_told(session: Session, today: date) -> list[str]:
    """Return the subjects of the drafts whose owners must be notified, without those on legal hold."""
    soon = select(records.c.subject).where(overdue(today + NOTICE), records.c.kind == DRAFT, records.c.holder.is_not(None))
    return list(session.scalars(soon.where(records.c.told_on.is_(None), ~held).order_by(records.c.due_on).limit(MOST)))


def due(session: Session, today: date, really: date) -> list[str]:
    """Return the subjects whose documents must be deleted by the day `today`. Left out are subjects on legal hold, drafts whose
    owners were not notified at least `NOTICE` ago, and subjects with a document that the store locks beyond the real date
    `really`."""
    waiting = select(records.c.subject).where(overdue(today), ~untold(today), ~held, ~_locked)
    ordered = waiting.order_by(records.c.due_on, records.c.subject).limit(MOST)
    return list(session.scalars(ordered, {"really": really}))


def is_held(session: Session, subject: str) -> bool:
    """Return whether a legal hold keeps the subject's case file."""
    return bool(session.execute(select(held).select_from(records).where(records.c.subject == subject)).scalar_one_or_none())


def kept(session: Session, subject: str) -> list[Document]:
    """Lock and return those documents of a subject whose bytes must be in the store."""
    statement = select(Document).where(documents.c.subject == subject, documents.c.state.in_(KEPT))
    return list(session.scalars(statement.order_by(documents.c.id).with_for_update()))


def last_handed_in_with(session: Session, subject: str) -> list[Document]:
    """Return the organisations' documents that were submitted with this case and with no other case that is still kept."""
    mine, elsewhere = handed_in.alias(), handed_in.alias()
    other_kept = exists(
        select(elsewhere.c.document)
        .join(records, records.c.subject == elsewhere.c.subject)
        .where(elsewhere.c.document == documents.c.id, elsewhere.c.subject != subject, records.c.disposed_on.is_(None))
        .correlate(documents)
    )
    statement = (
        select(Document)
        .join(mine, and_(mine.c.document == documents.c.id, mine.c.subject == subject))
        .where(documents.c.state.in_(KEPT), ~other_kept)
    )
    return list(session.scalars(statement.order_by(documents.c.id).with_for_update()))


def hand_in(session: Session, subject: str, ids: Iterable[str]) -> None:
    """Record that organisations' documents were submitted with this case, so that they are kept as long as its documents."""
    rows = [{"document": id, "subject": subject} for id in sorted(set(ids))]
    if rows:
        session.execute(insert_into(session.get_bind().dialect.name, handed_in).on_conflict_do_nothing(), rows)


def forms_of(session: Session, subject: str) -> Sequence[Any]:
    """Return the application forms that were generated for a case. The forms repeat the applicant's data, so they are deleted
    with the case's documents; decisions and certificates belong to the authority and stay."""
    statement = select(papers.c.id, papers.c.sha256, papers.c.format).where(papers.c.subject == subject)
    return session.execute(statement.where(papers.c.kind == "application_form")).all()


def hold(session: Session, id: str, *, lock: bool = False) -> Hold:
    """Return one legal hold. Raises NotFound."""
    found = session.get(Hold, id, with_for_update=lock)
    if found is None:
        raise NotFound("no_such_hold", "没有这项保全。", "There is no such hold.")
    return found


def unannounced_holds(session: Session) -> list[str]:
    """Return the ids of the active legal holds that no event has announced."""
    waiting = select(holds.c.id).where(holds.c.lifted_at.is_(None), ~holds.c.announced)
    return list(session.scalars(waiting.order_by(holds.c.placed_at).limit(MOST)))


def counts(session: Session, subjects: Collection[str]) -> dict[str, int]:
    """Return subject → the number of its documents whose bytes must be in the store."""
    statement = select(documents.c.subject, func.count().label("kept")).where(documents.c.subject.in_(subjects))
    return {
        row.subject: row.kept
        for row in session.execute(statement.where(documents.c.state.in_(KEPT)).group_by(documents.c.subject))
    }


def published(session: Session, known: Collection[str]) -> list[JsonObject]:
    """Return the documents of the published policy versions whose references are not in `known`."""
    return list(session.scalars(select(policies.c.document).where(policies.c.ref.not_in(known))))


def keep_policy(session: Session, ref: str, document: JsonObject, at: datetime) -> None:
    """Store a published policy version. A version never changes, so a second delivery of the same event is ignored."""
    row = {"ref": ref, "document": document, "published_at": at}
    session.execute(insert_into(session.get_bind().dialect.name, policies).values(**row).on_conflict_do_nothing())
