"""The audit check. It finds entries that were inserted, changed, removed, reordered or unsealed, and chains whose end was cut
off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, exists, or_, select
from sqlalchemy.orm import Session

from services.kernel.audit import content, restored
from services.kernel.audit.custody import BATCH, TRANSIT_TIME, UPGRADE_TAKES, ChainHead
from services.kernel.audit.flaw import Flaw
from services.kernel.audit.sealer import is_authentic
from services.kernel.clock import real_now
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence.tables import audit, audit_chain, outbox


@dataclass(frozen=True, slots=True)
class Anchors:
    """The heads of a service's chains that other services keep. `began`: the instant at which the keepers' ledgers began; None if
    no ledger is known. `upgraded`: an earlier version, which signed no entries, ran on this database. `due`: entries written up
    to this instant of the domain's clock should be sealed and anchored; None if no keeper's anchor shows such an
    instant. `heard`: by bureau, the instant of the domain's clock at which a keeper last received an event of this service."""

    heads: tuple[ChainHead, ...] = ()
    began: datetime | None = None
    upgraded: bool = True
    due: datetime | None = None
    heard: Mapping[str, datetime] = field(default_factory=dict)

    def of(self, bureau: str) -> list[ChainHead]:
        return [head for head in self.heads if head["bureau"] == bureau]


def verify(
    session: Session, anchors: Iterable[ChainHead] | Anchors = (), *, service: str = "", verifier: Verifier | None = None
) -> tuple[int, list[Flaw]]:
    """Recompute every chain and compare it with the anchors that other services store. With a `verifier`, also check the
    signatures of entries that are not sealed yet. `session` must read one snapshot. Return the number of links checked and the
    flaws found."""
    anchor_set = anchors if isinstance(anchors, Anchors) else Anchors(tuple(anchors))
    flaws, checked = [], 0
    chains = session.execute(select(audit_chain.c.bureau).distinct()).scalars().all()
    for bureau in sorted({*chains, *(head["bureau"] for head in anchor_set.heads)}):
        chain = _Chain(bureau, anchor_set, service, verifier)
        for row in _links(session, bureau):
            chain.next(row)
        chain.end(session)
        flaws += chain.flaws
        checked += chain.checked
    flaws += _unlinked(session)
    flaws += _unsealed_too_long(session, anchor_set.due)
    if verifier is not None:
        flaws += _unsealed_forgeries(session, service, verifier, may_be_unsigned=anchor_set.upgraded or anchor_set.began is None)
    return checked, flaws


class _Chain:
    """Checks one bureau's chain from its beginning to its end."""

    def __init__(
        self, bureau: str, anchors: Anchors, service: str, verifier: Verifier | None, after: tuple[int, str] = (0, "")
    ) -> None:
        self.bureau = bureau
        self.flaws: list[Flaw] = []
        self.checked = 0
        self._service, self._verifier = service, verifier
        self._ledgers_began, self._due, self._last_received = anchors.began, anchors.due, anchors.heard.get(bureau)
        self._heads = anchors.of(bureau)
        self._anchored: dict[int, set[str]] = {}
        for head in self._heads:
            self._anchored.setdefault(head["number"], set()).add(head["hash"])
        self._last_anchored = max(self._anchored, default=0)
        #: The first link after the last anchored one; None if there is no such link.
        self._unanchored: Row[Any] | None = None
        self._last_number, self._last_hash = after
        self._last_moved_position, self._native_seen = 0, False
        self._signed_from = self._end_of_upgrade(anchors)

    def next(self, row: Row[Any]) -> None:
        self.checked += 1
        if row.number != self._last_number + 1 and not self._is_explained_by_restore(row):
            self._flaw(self._last_number + 1, "links are missing", "missing")
        if row.position is None:
            self._flaw(row.number, "its entry was removed", "missing")
        elif row.hash not in content.valid_hashes(self._last_hash, row):
            self._flaw(row.number, "its entry or the link was changed")
        else:
            self._check_position(row)
            if row.signature is None and self._signed_from is not None and row.number > self._signed_from:
                self._flaw(row.number, "its entry is unsigned: the service did not write it", "forged")
        if self._anchored.get(row.number, {row.hash}) != {row.hash}:
            self._flaw(row.number, "it differs from what another service anchored", "differs")
        if row.number > self._last_anchored and self._unanchored is None:
            self._unanchored = row
        self._last_number, self._last_hash = row.number, row.hash

    def end(self, session: Session) -> None:
        if self._last_anchored > self._last_number:
            self._flaw(
                self._last_number + 1, f"it was cut off from here on: {self._last_anchored} links were anchored", "cut_off"
            )
        elif self._ledgers_began is not None and self._last_number not in self._anchored and self._should_be_anchored(session):
            self.flaws.append(self._not_anchored_flaw())

    def _not_anchored_flaw(self) -> Flaw:
        """Return the flaw for newest links without an anchor. Their anchors may still arrive (`awaited`) if no keeper has
        received an event of this service since the first of these entries was written. The time of an entry is signed, so it can
        be trusted."""
        since = self._unanchored
        first, what = self._last_number if since is None else since.number, "from here on it is anchored nowhere"
        if since is not None and since.at is not None and self._last_received is not None and since.at > self._last_received:
            why = f"no keeper has received an event of {self._service} since {self._last_received:%Y-%m-%d %H:%M} UTC"
            return Flaw(
                self.bureau, first, f"{what}: {why}; they or the link to them are away", awaited=True, code="not_anchored"
            )
        return Flaw(
            self.bureau, first, f"{what}: anchors were removed, or came to no keeper within 2 minutes", code="not_anchored"
        )

    def _should_be_anchored(self, session: Session) -> bool:
        """Return whether the newest links should be anchored by now. The outbox shows whether their announcement is not published
        yet. Because an attacker who can write to the database can falsify the outbox, the age of the entries counts as well; the
        time of an entry is signed."""
        since = self._unanchored
        overdue = since is not None and since.at is not None and self._due is not None and since.at <= self._due
        return overdue or not _announcement_is_pending(session, self.bureau)

    def _is_explained_by_restore(self, row: Row[Any]) -> bool:
        """Return whether a restore explains that the links before this one are missing. The entry of this link must record the
        restore, and the service must have signed it. The anchors of the lost links are then no flaw."""
        if self._verifier is None or row.position is None or row.number != self._last_number + 1 + restored.GAP:
            return False
        restore = restored.restore_of(row, self._service, self._verifier)
        if restore is None:
            return False
        lost = [head for head in self._heads if self._last_number < head["number"] < row.number]
        for head in lost:
            if restore.explains(head.get("kept_at")):
                self._anchored.pop(head["number"], None)
        anchored = max((head["number"] for head in lost), default=self._last_number)
        what = f"a restore at {restore.at:%Y-%m-%d %H:%M} UTC set the log back to {restore.to:%Y-%m-%d %H:%M} UTC"
        self.flaws.append(
            Flaw(self.bureau, row.number, f"{what}; {anchored - self._last_number} anchored links are lost", explained=True)
        )
        if unexplained := [number for number in self._anchored if self._last_number < number < row.number]:
            self._flaw(min(unexplained), "links are missing that were anchored at another time", "missing")
        return True

    def _check_position(self, row: Row[Any]) -> None:
        """Check the entry's position. The seal of an entry that was sealed in this database covers its position. Entries that
        were moved here from another database must come before entries that were sealed here, in the order of their links."""
        if row.sealed_as is None:
            self._native_seen = True
            if row.position > self._last_moved_position:
                return
        elif row.position > self._last_moved_position and not self._native_seen:
            self._last_moved_position = row.position
            return
        self._flaw(row.number, "its entry lies in another place than it was sealed in")

    def _end_of_upgrade(self, anchors: Anchors) -> int | None:
        """Return the number of the last link that may lack a signature because processes of the previous version still ran; None
        if that number is not known."""
        if anchors.began is None:
            return None
        if not anchors.upgraded:
            return 0
        until = anchors.began + UPGRADE_TAKES
        kept = [(head["number"], at) for head in anchors.of(self.bureau) if (at := head.get("kept_at")) is not None]
        if not any(at > until for _, at in kept):
            return None
        return max((number for number, at in kept if at <= until), default=0)

    def _flaw(self, number: int, what: str, code: str = "changed") -> None:
        self.flaws.append(Flaw(self.bureau, number, what, code=code))


def verify_newest(
    session: Session, anchors: Anchors, bureau: str, links: int, *, service: str, verifier: Verifier
) -> tuple[int, int, list[Flaw]]:
    """Recompute the newest links of one chain and compare them with the anchors that other services store. Return the chain's
    length, the number of links checked and the flaws found. (`verify` checks whole chains.)"""
    newest = select(audit_chain.c.number).where(audit_chain.c.bureau == bureau).order_by(audit_chain.c.number.desc()).limit(1)
    length = session.execute(newest).scalar() or 0
    earlier = (audit_chain.c.bureau == bureau, audit_chain.c.number <= length - links)
    start = select(audit_chain.c.number, audit_chain.c.hash).where(*earlier).order_by(audit_chain.c.number.desc()).limit(1)
    start_row = session.execute(start).one_or_none()
    after = (start_row.number, start_row.hash) if start_row else (0, "")
    chain = _Chain(bureau, anchors, service, verifier, after)
    for row in _links(session, bureau, after[0]):
        chain.next(row)
    chain.end(session)
    return length, chain.checked, chain.flaws


def _links(session: Session, bureau: str, after: int = 0) -> Iterator[Row[Any]]:
    joined = audit_chain.outerjoin(audit, audit.c.position == audit_chain.c.audit_position)
    columns = (audit_chain.c.number, audit_chain.c.hash, *audit.columns)
    of_chain = (audit_chain.c.bureau == bureau, audit_chain.c.number > after)
    statement = select(*columns).select_from(joined).where(*of_chain).order_by(audit_chain.c.number)
    yield from session.execute(statement.execution_options(yield_per=BATCH))


def _unlinked(session: Session) -> Iterator[Flaw]:
    """Yield a flaw for each entry that is marked as sealed but has no link in a chain, and for each entry that is marked as not
    sealed but has a link."""
    linked = exists().where(audit_chain.c.audit_position == audit.c.position)
    inconsistent = or_(and_(audit.c.sealed.is_not(None), ~linked), and_(audit.c.sealed.is_(None), linked))
    columns = (audit.c.bureau, audit.c.position, audit.c.sealed)
    for row in session.execute(select(*columns).where(inconsistent).order_by(audit.c.position)):
        what = "is sealed and marked as not sealed" if row.sealed is None else "claims to be sealed and no link knows it"
        yield Flaw(row.bureau, row.sealed or 0, f"the entry at position {row.position} {what}")


def _unsealed_forgeries(session: Session, service: str, verifier: Verifier, *, may_be_unsigned: bool) -> Iterator[Flaw]:
    for row in session.execute(select(audit).where(audit.c.sealed.is_(None)).order_by(audit.c.position)):
        if not is_authentic(row, service, verifier):
            yield Flaw(row.bureau, 0, f"the entry at position {row.position} is forged: its signature is not the service's")
        elif row.signature is None and not may_be_unsigned:
            yield Flaw(row.bureau, 0, f"the entry at position {row.position} is unsigned: the service did not write it")


def _unsealed_too_long(session: Session, due: datetime | None) -> Iterator[Flaw]:
    """Yield a flaw for each unsealed entry that was written up to `due` and should be sealed by now: the sealer needs only
    seconds."""
    if due is None:
        return
    late = select(audit).where(audit.c.sealed.is_(None), audit.c.at <= due)
    for row in session.execute(late.order_by(audit.c.position)):
        what = f"the entry at position {row.position}, of {row.at:%Y-%m-%d %H:%M} UTC, is not sealed"
        yield Flaw(row.bureau, 0, f"{what}: it was inserted or held back, or the service's leader does not run")


def _announcement_is_pending(session: Session, bureau: str) -> bool:
    """Return whether the announcement of the chain's newest head may not have reached the keepers yet."""
    announced = and_(outbox.c.type == "audit.sealed", outbox.c.subject == f"audit/{bureau}")
    recent = or_(outbox.c.published_at.is_(None), outbox.c.published_at > real_now() - TRANSIT_TIME)
    return session.execute(select(outbox.c.id).where(announced, recent).limit(1)).first() is not None
