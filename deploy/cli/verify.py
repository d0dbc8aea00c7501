"""`guichuang audit verify`: recompute every chain of the audit logs, and compare it with the table rows and with the heads (the
digests of newest entries) that two other services store, the keepers. A head that a keeper stores is an anchor."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from deploy import composition
from services.kernel import audit
from services.kernel.clock import real_now
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence.database import Database
from services.kernel.persistence.tables import domain_clock
from services.kernel.registry import PER_BUREAU, Registry
from services.kernel.relocation import fencing
from services.kernel.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check: `service`, a description (`what`), and the flaws that were found."""

    service: str
    what: str
    flaws: tuple[audit.Flaw, ...] = ()

    @property
    def unexplained(self) -> int:
        """The number of flaws that neither a restore nor an absent keeper explains."""
        return sum(not flaw.explained and not flaw.awaited for flaw in self.flaws)


#: Exit statuses of `guichuang audit verify`. UNCONFIRMED: there is no flaw, but a keeper, or the connection to it, is
#: unavailable, so that the newest entries have no anchor yet.
WHOLE, FLAWED, UNCONFIRMED = 0, 1, 3


def verify(settings: Settings) -> int:
    """Verify the audit chains, print the results and return the exit status.

    Only the databases in these settings are checked: the chain of a service that runs per bureau is verified by the deployment
    that has its database, and chain heads are compared with the anchors by the deployment that has a keeper's database.
    """
    with ExitStack() as opened:
        databases = {}
        for service in composition.services_here(settings):
            databases[service] = database = Database(settings.database(service), pool=1)
            opened.callback(database.close)
        return report(check(databases, composition.verifier(settings), composition.jurisdictions(settings)))


def report(findings: Iterable[Finding]) -> int:
    """Print the findings and return the exit status."""
    flaws = awaited = 0
    for finding in findings:
        print(finding.what)
        for flaw in finding.flaws:
            print(f"    {finding.service} {flaw}")
        flaws += finding.unexplained
        awaited += sum(flaw.awaited for flaw in finding.flaws)
    if flaws:
        print(f"{flaws} flaws: docs/operations/runbooks/AuditTampered.md")
        return FLAWED
    if awaited:
        print("no flaw; the newest entries are not confirmed, because a keeper or the link to it is away: check again afterwards")
        return UNCONFIRMED
    return WHOLE


def check(
    databases: Mapping[str, Database],
    verifier: Verifier,
    served: Collection[str],
    registry_of: Callable[[str], Registry] = composition.registry_of,
) -> Iterator[Finding]:
    """Check the chains, the rows, the ledgers and the keepers' anchors in these databases, which are given by service. For a
    service that runs per bureau, check the chains of the bureaus `served` by this deployment."""
    now = real_now()
    kept_anchors = _kept_anchors(databases)  # Read the anchors before the chains: a chain may only be ahead of its anchors.
    clock_offset = max((_clock_offset(database) for database in databases.values()), default=timedelta())
    for service in audit.CHAINED:
        if service in databases:
            keepers = [kept_anchors[keeper] for keeper in audit.keepers_of(service) if keeper in kept_anchors]
            anchors = _anchors(service, keepers, now, clock_offset)
            yield from _chains(service, databases[service], anchors, verifier, served, registry_of(service))
    for keeper in audit.KEEPERS:
        if keeper in databases:
            anchors = _anchors(
                keeper,
                [kept_anchors[other_keeper] for other_keeper in audit.keepers_of(keeper) if other_keeper in kept_anchors],
                now,
                clock_offset,
            )
            yield _ledger(keeper, databases[keeper], anchors, verifier)
    yield from custody(databases, kept_anchors)


def custody(databases: Mapping[str, Database], kept_anchors: Mapping[str, audit.Kept] | None = None) -> Iterator[Finding]:
    """Check that each keeper stores every head that these services announced, and every head that the other keeper stores."""
    kept_anchors = _kept_anchors(databases) if kept_anchors is None else kept_anchors
    announced = {}
    for service in audit.CHAINED:
        if service in databases:
            with databases[service].snapshot() as session:
                announced[service] = audit.read_announced_heads(session)
    for keeper, flaws in audit.find_missing_anchors(kept_anchors, announced, real_now()).items():
        awaited = sum(flaw.awaited for flaw in flaws)
        lacking = f"{len(flaws) - awaited} chains lack some" + (f", {awaited} wait for this keeper" if awaited else "")
        yield Finding(keeper, f"{keeper}: keeps {len(kept_anchors[keeper].heads)} anchors, {lacking}", tuple(flaws))


def _chains(
    service: str, database: Database, anchors: audit.Anchors, verifier: Verifier, served: Collection[str], registry: Registry
) -> Iterator[Finding]:
    with database.snapshot() as session:
        absent = fencing.absent_bureaus(session)
        elsewhere = {audit.LEDGER, *absent}
        heads = (head for head in anchors.heads if head["bureau"] not in elsewhere)
        if service in PER_BUREAU:
            heads = (head for head in heads if head["bureau"] in served)
        anchors_known = replace(anchors, heads=tuple(heads))
        checked, flaws = audit.verify(session, anchors_known, service=service, verifier=verifier)
        waiting = audit.unsealed(session)
        rows = audit.verify_rows(session, registry)
    for bureau in sorted(absent):
        yield Finding(service, f"{service}: bureau {bureau} is in another database; its chain is to be verified there")
    finding = Finding(service, "", tuple(flaws))
    yield replace(finding, what=f"{service}: {checked} entries checked, {waiting} not sealed yet, {finding.unexplained} flaws")
    older = f", {rows.without_digest} not, because their last entry is from an earlier version" if rows.without_digest else ""
    compared = f"the rows of {rows.compared} subjects compared with their last entry{older}"
    yield Finding(service, f"{service}: {compared}, {len(rows.flaws)} flaws", tuple(rows.flaws))


def _ledger(keeper: str, database: Database, anchors: audit.Anchors, verifier: Verifier) -> Finding:
    with database.snapshot() as session:
        restores = audit.all_restores(session, keeper, verifier)
        checked, flaws = audit.verify_ledger(session, keeper, verifier, anchors.heads, restores)
    return Finding(keeper, f"{keeper}: {checked} anchors checked, {len(flaws)} flaws", tuple(flaws))


def _kept_anchors(databases: Mapping[str, Database]) -> dict[str, audit.Kept]:
    """Return the anchors of the keepers whose databases are in these settings."""
    kept_anchors = {}
    for keeper in audit.KEEPERS:
        if keeper in databases:
            with databases[keeper].snapshot() as session:
                kept_anchors[keeper] = audit.read_kept_anchors(session)
    return kept_anchors


def _anchors(service: str, keepers: Sequence[audit.Kept], now: datetime, clock_offset: timedelta) -> audit.Anchors:
    """Return the heads of a service's chains that these keepers store. `clock_offset`: the time by which a demonstration has
    moved the domain's date."""
    newest = audit.newest_anchor_instant(keepers, now)
    return audit.Anchors(
        tuple(head for keeper in keepers for head in keeper.of(service)),
        began=min((keeper.began for keeper in keepers if keeper.began is not None), default=None),
        upgraded=any(keeper.upgraded for keeper in keepers),
        due=None if newest is None else newest - audit.TRANSIT_TIME + clock_offset,
        heard=_last_received(service, keepers, clock_offset),
    )


def _last_received(service: str, keepers: Sequence[audit.Kept], clock_offset: timedelta) -> dict[str, datetime]:
    """The instant of the domain's clock at which any of these keepers last received an event of the service, by bureau."""
    last_received: dict[str, datetime] = {}
    for keeper in keepers:
        for bureau in {head[1] for head in keeper.heads if head[0] == service}:
            at = keeper.heard_from(service, bureau)
            if at is not None:
                last_received[bureau] = max(at + clock_offset, last_received.get(bureau, at + clock_offset))
    return last_received


def _clock_offset(database: Database) -> timedelta:
    with database.read() as session:
        return timedelta(days=session.execute(select(domain_clock.c.offset_days)).scalar() or 0)
