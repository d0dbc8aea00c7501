"""The record of a restore. If one database is restored while the others continue, its audit log ends earlier than the anchors in
other databases say. An entry that the service signs records the restore."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from services.kernel.audit import content
from services.kernel.audit.log import write
from services.kernel.clock import DomainClock, real_now
from services.kernel.identity import SYSTEM
from services.kernel.messaging.signing import Signer, Verifier
from services.kernel.persistence.tables import audit
from services.kernel.persistence.unit_of_work import AuditEntry, UnitOfWork
from services.kernel.registry import Registry

#: The action of an entry that records a restore. Its subject contains the archive's instant, `after` the archive's digest.
ACTION = "audit.restored"
#: The number of link numbers that are skipped before an entry that records a restore. The keepers have anchors of the lost links,
#: so the numbers of the lost links must not be used again.
GAP = 1_000_000

_SUBJECT = "archive/"


@dataclass(frozen=True, slots=True)
class Restore:
    """A restore of a database, made at the instant `at`. The audit log lost every entry after `to`, the archive's instant."""

    to: datetime
    at: datetime

    def explains(self, kept_at: datetime | None) -> bool:
        """Return whether the restore explains that the entry whose anchor was stored at `kept_at` is missing."""
        return kept_at is not None and self.to <= kept_at < self.at


def record(session: Session, registry: Registry, signer: Signer, archive: str, to: datetime, bureaus: Iterable[str]) -> None:
    """Record in the log of a restored database, in the chain of each bureau, that it was set back to the archive's instant `to`.
    Existing entries are not written again."""
    recorded = select(audit.c.bureau).where(audit.c.action == ACTION, audit.c.after == archive)
    recorded_bureaus = set(session.execute(recorded).scalars())
    work = UnitOfWork(registry.service, DomainClock())
    subject = f"{_SUBJECT}{to.isoformat()}"
    for bureau in sorted(set(bureaus) - recorded_bureaus):
        username = SYSTEM.stamp()["username"]
        work.entries.append(AuditEntry(real_now(), bureau, username, None, ACTION, subject, None, None, archive))
    write(session, [work], registry, signer)


def restore_of(row: Row, service: str, verifier: Verifier) -> Restore | None:  # type: ignore[type-arg]
    """Return the restore that an entry records; None if the entry records no restore, or if the service did not sign the
    entry."""
    if row.action != ACTION or row.signature is None:
        return None
    if not verifier.signed_by(
        row.signature, content.signed_bytes(row._mapping, content.sealed_position(row)), service, f"{service}.{row.bureau}"
    ):
        return None
    return Restore(datetime.fromisoformat(row.subject.removeprefix(_SUBJECT)), row.at)


def all_restores(session: Session, service: str, verifier: Verifier) -> list[Restore]:
    """Return all restores that the log of this database records."""
    rows = session.execute(select(audit).where(audit.c.action == ACTION).order_by(audit.c.position))
    return [restore for row in rows if (restore := restore_of(row, service, verifier)) is not None]
