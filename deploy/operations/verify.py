"""`guichuang audit verify`: recompute every chain, and compare it with the heads that other services keep and with the rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from deploy import assembly
from services.kernel import audit, fences
from services.kernel.database import Database
from services.kernel.registry import PER_BUREAU, Registry
from services.kernel.settings import Settings
from services.kernel.signing import Verifier


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked: what it is, in words, and its flaws."""

    what: str
    flaws: tuple[audit.Flaw, ...] = ()


def verify(settings: Settings) -> int:
    """Print what holds and what does not; the number of flaws. Only databases that these settings name are looked at: a service
    that runs per bureau is verified where its database is, and heads are compared where a keeper's database is."""
    flaws = 0
    with ExitStack() as opened:
        databases = {}
        for service in assembly.services_here(settings):
            databases[service] = database = Database(settings.database(service), pool=1)
            opened.callback(database.close)
        for finding in check(databases, assembly.verifier(settings), assembly.jurisdictions(settings)):
            print(finding.what)
            for flaw in finding.flaws:
                print(f"    {flaw}")
            flaws += len(finding.flaws)
    return flaws


def check(
    databases: Mapping[str, Database],
    verifier: Verifier,
    served: Collection[str],
    registry_of: Callable[[str], Registry] = assembly.registry_of,
) -> Iterator[Finding]:
    """Check the chains, the live rows and the ledgers in these databases, by service; of a service that runs per bureau, the
    chains of the bureaus `served` here."""
    for service in audit.CHAINED:
        if service in databases:
            yield from _chains(service, databases, verifier, served, registry_of)
    for keeper in audit.KEEPERS:
        if keeper in databases:
            yield _ledger(keeper, databases, verifier)


def _chains(
    service: str,
    databases: Mapping[str, Database],
    verifier: Verifier,
    served: Collection[str],
    registry_of: Callable[[str], Registry],
) -> Iterator[Finding]:
    anchors = _anchors(service, databases)  # before the chains: these may only be further on
    with databases[service].snapshot() as session:
        away = fences.away(session)
        elsewhere = {audit.LEDGER, *away}
        heads = (head for head in anchors.heads if head["bureau"] not in elsewhere)
        if service in PER_BUREAU:
            heads = (head for head in heads if head["bureau"] in served)
        known = audit.Anchors(tuple(heads), anchors.began)
        checked, flaws = audit.verify(session, known, service=service, verifier=verifier)
        waiting = audit.unsealed(session)
        rows = audit.verify_rows(session, registry_of(service))
    for bureau in sorted(away):
        yield Finding(f"{service}: bureau {bureau} is in another database; its chain is to be verified there")
    yield Finding(f"{service}: {checked} entries checked, {waiting} not sealed yet, {len(flaws)} flaws", tuple(flaws))
    older = f", {rows.without_digest} not, because their last entry is from an earlier version" if rows.without_digest else ""
    compared = f"the rows of {rows.compared} subjects compared with their last entry{older}"
    yield Finding(f"{service}: {compared}, {len(rows.flaws)} flaws", tuple(rows.flaws))


def _ledger(keeper: str, databases: Mapping[str, Database], verifier: Verifier) -> Finding:
    anchors = _anchors(keeper, databases)
    with databases[keeper].snapshot() as session:
        checked, flaws = audit.verify_ledger(session, keeper, verifier, anchors.heads)
    return Finding(f"{keeper}: {checked} anchors checked, {len(flaws)} flaws", tuple(flaws))


def _anchors(service: str, databases: Mapping[str, Database]) -> audit.Anchors:
    """The heads of a service's chains that its keepers here have."""
    heads, began = [], []
    for keeper in audit.keepers_of(service):
        if keeper in databases:
            with databases[keeper].read() as session:
                heads += audit.kept_of(session, service)
                began.append(audit.kept_since(session))
    return audit.Anchors(tuple(heads), min((at for at in began if at is not None), default=None))
