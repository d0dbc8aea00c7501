"""The check of the present table rows: the rows of each subject must match the digest in the subject's last audit entry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.kernel.audit.flaw import Flaw
from services.kernel.persistence.subject_rows import BATCH, Subject
from services.kernel.persistence.tables import audit
from services.kernel.registry import Registry


@dataclass
class LiveRows:
    """The result of comparing the present table rows with the audit log."""

    #: The number of subjects whose rows were compared with the subject's last entry.
    compared: int = 0
    #: The number of subjects whose last entry is from an earlier version, which recorded no digest of rows.
    without_digest: int = 0
    flaws: list[Flaw] = field(default_factory=list)


def verify_rows(session: Session, registry: Registry) -> LiveRows:
    """Compare the rows of each subject with the digest in its last entry, and find rows of subjects that have no entry. `session`
    must read one snapshot."""
    result = LiveRows()
    for entries in _last_entries(session, registry):
        last = {_subject(row, registry): row for row in entries if registry.subjects.knows(row.subject)}
        recorded = {subject: row for subject, row in last.items() if row.state is not None}
        result.without_digest += len(last) - len(recorded)
        result.compared += len(recorded)
        for subject, digest in registry.subjects.digests(session, recorded).items():
            row = recorded[subject]
            if digest != row.state:
                what = f"{row.subject}: its rows are not as its last entry (position {row.position}) recorded them"
                result.flaws.append(Flaw(row.bureau, 0, what))
    result.flaws += _unrecorded(session, registry)
    return result


def _unrecorded(session: Session, registry: Registry) -> Iterator[Flaw]:
    """Yield a flaw for each subject that has rows but no entry: the service did not write these rows."""
    for kind in registry.subjects.kinds.values():
        for subjects in kind.subjects(session) if kind.recorded else ():
            names = {name for _, name in subjects}
            entries = session.execute(select(audit.c.bureau, audit.c.subject).where(audit.c.subject.in_(names)).distinct())
            recorded = {_subject(row, registry) for row in entries}
            for bureau, name in subjects:
                if (bureau, name) not in recorded:
                    yield Flaw(bureau or "", 0, f"{name}: it has rows and no audit entry")


def _subject(row: Any, registry: Registry) -> Subject:
    return (row.bureau if registry.per_bureau else None, row.subject)


def _last_entries(session: Session, registry: Registry) -> Iterator[Sequence[Any]]:
    keys = (audit.c.subject, audit.c.bureau) if registry.per_bureau else (audit.c.subject,)
    last = select(func.max(audit.c.position)).group_by(*keys)
    columns = (audit.c.position, audit.c.bureau, audit.c.subject, audit.c.state)
    statement = select(*columns).where(audit.c.position.in_(last)).order_by(audit.c.position)
    yield from session.execute(statement.execution_options(yield_per=BATCH)).partitions()
