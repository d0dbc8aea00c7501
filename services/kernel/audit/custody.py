"""The check of the keepers' anchors: each keeper must have every head that was announced, and every head that the other keeper
has.

If an anchor was removed from one keeper's database, the check finds it, because the head is also in the outbox of the service
that announced it and in the other keeper's database.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NotRequired, TypedDict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.kernel.audit.anchors import KEEPERS, keepers_of
from services.kernel.audit.flaw import Flaw
from services.kernel.persistence.tables import audit_anchors, inbox, outbox
from services.kernel.registry import PER_BUREAU

#: The longest time that may pass until a new entry is sealed and the head has reached the keepers.
TRANSIT_TIME = timedelta(minutes=2)
#: The time after the first signed anchor during which processes of the previous version may still run; they sign no entries.
UPGRADE_TAKES = timedelta(days=1)
#: The largest number of rows that are in memory at the same time.
BATCH = 1000

#: The identity of a head: service, bureau and number.
Head = tuple[str, str, int]


class ChainHead(TypedDict):
    """A stored head with which the check compares a service's chain. `kept_at`: the instant at which a keeper stored the head,
    None or missing if that is not known."""

    bureau: str
    number: int
    hash: str
    kept_at: NotRequired[datetime | None]


@dataclass(frozen=True, slots=True)
class Kept:
    """All anchors of one keeper, by head: the hash, and the instant at which the keeper stored it (None: an earlier version
    stored it, without a signature). `received`: the instant at which this keeper received the last event of each producer."""

    heads: Mapping[Head, tuple[str, datetime | None]]
    received: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def began(self) -> datetime | None:
        """Return the instant of the ledger's first row; None if it has no row."""
        return min((at for _, at in self.heads.values() if at is not None), default=None)

    @property
    def upgraded(self) -> bool:
        """Return whether an earlier version stored anchors in this database."""
        return any(at is None for _, at in self.heads.values())

    def of(self, service: str) -> Iterator[ChainHead]:
        """Yield the heads of a service's chains, in the form that the check of the chains compares."""
        for (owner, bureau, number), (hash, at) in self.heads.items():
            if owner == service:
                yield {"bureau": bureau, "number": number, "hash": hash, "kept_at": at}

    def heard_from(self, service: str, bureau: str) -> datetime | None:
        """Return the instant at which this keeper last received an event of the producer of a chain; None if it has received
        none."""
        return self.received.get(f"{service}.{bureau}" if service in PER_BUREAU else service)

    def newest(self, before: datetime) -> datetime | None:
        """Return the last instant up to `before` at which an anchor was stored; None if there is none."""
        return max((at for _, at in self.heads.values() if at is not None and at <= before), default=None)


def read_kept_anchors(session: Session) -> Kept:
    """Read all anchors of the keeper whose database this is."""
    columns = (audit_anchors.c[name] for name in ("service", "bureau", "number", "hash", "kept_at"))
    rows = session.execute(select(*columns).execution_options(yield_per=BATCH))
    heads = {(row.service, row.bureau, row.number): (row.hash, row.kept_at) for row in rows}
    last = select(inbox.c.producer, func.max(inbox.c.received_at).label("at")).group_by(inbox.c.producer)
    return Kept(heads, {row.producer: row.at for row in session.execute(last)})


@dataclass(frozen=True, slots=True)
class Announced:
    """The heads that a service has announced, according to its outbox, each with the instant of its publication; None while the
    announcement waits in the outbox."""

    heads: Mapping[Head, datetime | None]


def read_announced_heads(session: Session) -> Announced:
    """Read the announcements in a service's outbox, where published events stay for `GUICHUANG_OUTBOX_DAYS`."""
    columns = (outbox.c.body, outbox.c.published_at)
    rows = session.execute(select(*columns).where(outbox.c.type == "audit.sealed").execution_options(yield_per=BATCH))
    return Announced({_head(json.loads(row.body)["data"]): row.published_at for row in rows})


def find_missing_anchors(kept: Mapping[str, Kept], announced: Mapping[str, Announced], now: datetime) -> dict[str, list[Flaw]]:
    """Return the anchors that each keeper lacks, as one flaw per chain. `kept` is by keeper and `announced` by service; both
    contain only the databases that this process can reach."""
    flaws: dict[str, list[Flaw]] = {keeper: [] for keeper in kept}
    since = _complete_since(kept.values())
    for keeper, own in kept.items():
        missing_heads: dict[tuple[str, str], dict[int, _Proof]] = {}
        for source, heads in _expected(keeper, kept, announced, now - TRANSIT_TIME, since):
            for (service, bureau, number), at in heads:
                if (service, bureau, number) not in own.heads:
                    missing_heads.setdefault((service, bureau), {}).setdefault(number, _Proof(source, at))
        flaws[keeper] = [_flaw(keeper, own, chain, proofs) for chain, proofs in sorted(missing_heads.items())]
    return flaws


@dataclass(frozen=True, slots=True)
class _Proof:
    """The proof that a head was announced: the database that contains it, and the instant of the announcement or of its arrival
    there."""

    source: str
    at: datetime


def _expected(
    keeper: str, kept: Mapping[str, Kept], announced: Mapping[str, Announced], before: datetime, since: datetime | None
) -> Iterator[tuple[str, Iterable[tuple[Head, datetime]]]]:
    """Yield the heads that a keeper must have, in groups: the source that proves the group, and each head with the instant at
    which it was announced or stored there."""

    def due(at: datetime | None) -> bool:
        return at is not None and at <= before and (since is None or at >= since)

    waiting = {head for outgoing in announced.values() for head, at in outgoing.heads.items() if at is None or at > before}
    for service, outgoing in announced.items():
        if keeper in keepers_of(service):
            yield f"{service} announced", ((head, at) for head, at in outgoing.heads.items() if at is not None and due(at))
    for other in KEEPERS:
        if other != keeper and other in kept:
            other_heads = ((head, at) for head, (_, at) in kept[other].heads.items() if head[0] not in KEEPERS and due(at))
            yield f"{other} keeps", ((head, at) for head, at in other_heads if at is not None and head not in waiting)


def _complete_since(kept: Iterable[Kept]) -> datetime | None:
    """Return the instant from which on both keepers must have every head; None if they must have had every head from the
    beginning. An earlier version had only one keeper."""
    all_kept = list(kept)
    if not any(keeper.upgraded for keeper in all_kept):
        return None
    began = min((keeper.began for keeper in all_kept if keeper.began is not None), default=None)
    return datetime.max.replace(tzinfo=UTC) if began is None else began + UPGRADE_TAKES


def _flaw(keeper: str, own: Kept, chain: tuple[str, str], proofs: Mapping[int, _Proof]) -> Flaw:
    """Return the flaw for the anchors of one chain that a keeper lacks. The anchors may still arrive (`awaited`) if the keeper
    has received no event of the chain's service since the first of them was announced. Events arrive in order, so a later event
    shows that an anchor was lost or removed."""
    service, bureau = chain
    first, last = min(proofs), max(proofs)
    subject, verb = f"{len(proofs)} anchors of {service}'s links {first} to {last}", "are"
    if first == last:
        subject, verb = f"the anchor of {service}'s link {first}", "is"
    message = f"{subject} {verb} missing ({proofs[last].source} the last one)"
    last_received = own.heard_from(service, bureau)
    is_receiving = last_received is not None or not (own.heads or own.received)
    if is_receiving and all(last_received is None or proof.at > last_received for proof in proofs.values()):
        since = f"no event of {service} since {last_received:%Y-%m-%d %H:%M} UTC" if last_received else "no event at all"
        return Flaw(bureau, first, f"{message}: {keeper} has received {since}; it or the link to it is away", awaited=True)
    return Flaw(bureau, first, f"{message}: removed, or not taken from the bus within 2 minutes")


def _head(data: Mapping[str, Any]) -> Head:
    return data["service"], data["bureau"], data["number"]


def newest_anchor_instant(kept: Sequence[Kept], now: datetime) -> datetime | None:
    """Return the last instant, at least `TRANSIT_TIME` ago, at which a keeper stored an anchor. Entries written more than
    `TRANSIT_TIME` before that instant should be sealed and anchored."""
    newest = (keeper.newest(now - TRANSIT_TIME) for keeper in kept)
    return max((at for at in newest if at is not None), default=None)
