"""Write the audit log. An entry is written in the transaction of the change that it records, and signed by the service that
writes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Text, bindparam, cast, func, insert, literal, select
from sqlalchemy.orm import Session

from services.kernel.audit import content
from services.kernel.messaging.signing import Signer
from services.kernel.persistence.subject_rows import Subject
from services.kernel.persistence.tables import audit
from services.kernel.persistence.unit_of_work import AuditEntry, UnitOfWork
from services.kernel.registry import Registry

_ENTRY = tuple(AuditEntry.__dataclass_fields__)
_POSITION = func.nextval(func.pg_get_serial_sequence("audit", "position"))
_NEXT_POSITIONS = select(literal(-1), cast(_POSITION, Text)).select_from(func.generate_series(1, bindparam("count")).alias())
_LAST_POSITION = select(literal(-1), cast(func.coalesce(func.max(audit.c.position), 0), Text))


def subjects_of(works: Iterable[UnitOfWork], registry: Registry) -> set[Subject]:
    """Return the subjects of the audit entries of these units of work, without subjects that have no table rows of their own."""
    entries = (entry for work in works for entry in work.entries if registry.subjects.knows(entry.subject))
    return {_subject(entry.bureau, entry.subject, registry) for entry in entries}


def write(session: Session, works: Iterable[UnitOfWork], registry: Registry, signer: Signer) -> None:
    """Write the entries of units of work into the log, each with the digest of its subject's rows. The caller must have flushed
    all other changes to the database and must lock the subjects until the commit, so that the digest in a subject's last entry
    includes all earlier changes."""
    entries = [(entry, work.correlation_id) for work in works for entry in work.entries]
    if not entries:
        return
    subjects = [_subject(entry.bureau, entry.subject, registry) for entry, _ in entries]
    positions, states = _positions_and_states(session, subjects, registry)
    rows = []
    for (entry, correlation_id), position, subject in zip(entries, positions, subjects, strict=True):
        row = {name: getattr(entry, name) for name in _ENTRY}
        row |= {"correlation_id": correlation_id, "position": position, "state": states.get(subject)}
        rows.append(row | {"signature": signer.signature(content.signed_bytes(row, position))})
    session.execute(insert(audit), rows)


def _positions_and_states(
    session: Session, subjects: Sequence[Subject], registry: Registry
) -> tuple[Sequence[int], dict[Subject, str]]:
    """Return the positions of new entries and, by subject, the digests of the subjects' rows, both read in one statement. An
    entry's signature covers its position, so that a copy of the entry at another position is detected; therefore the position is
    reserved before the entry is written."""
    count = len(subjects)
    if session.get_bind().dialect.name == "sqlite":  # SQLite needs no lock: it has one writer at a time.
        states, [last] = registry.subjects.read(session, set(subjects), _LAST_POSITION)
        return range(int(last) + 1, int(last) + 1 + count), states
    states, positions = registry.subjects.read(session, set(subjects), _NEXT_POSITIONS, count=count)
    return sorted(map(int, positions)), states


def _subject(bureau: str, subject: str, registry: Registry) -> Subject:
    return (bureau if registry.per_bureau else None, subject)


def unsealed(session: Session) -> int:
    """Return the number of entries that are not in a hash chain yet."""
    return session.execute(select(func.count()).where(audit.c.sealed.is_(None))).scalar_one()
