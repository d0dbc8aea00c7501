"""`guichuang audit verify`: recompute every chain and hold it against the heads that another service keeps."""

from __future__ import annotations

from deploy import assembly
from services.kernel import audit, fences
from services.kernel.database import Database
from services.kernel.registry import PER_BUREAU
from services.kernel.settings import Settings


def verify(settings: Settings) -> int:
    """Print what holds and what does not; the number of flaws. A service that runs per bureau is verified where its database
    is: the heads of bureaus served elsewhere, or moved elsewhere, are left to that deployment."""
    served = assembly.jurisdictions(settings)
    flaws = 0
    for service, keeper in audit.ANCHORED_BY.items():
        kept = Database(settings.database(keeper), pool=1)
        with kept.read() as session:
            anchors = audit.anchors_of(session, service)
        kept.close()
        database = Database(settings.database(service), pool=1)
        with database.read() as session:
            away = fences.away(session)
            here = [
                anchor
                for anchor in anchors
                if service not in PER_BUREAU or (anchor["bureau"] in served and anchor["bureau"] not in away)
            ]
            checked, found = audit.verify(session, here)
            waiting = audit.unsealed(session)
        database.close()
        for bureau in sorted(away):
            print(f"{service}: bureau {bureau} is in another database; its chain is to be verified there")
        print(f"{service}: {checked} entries checked, {waiting} not sealed yet, {len(found)} flaws")
        for flaw in found:
            print(f"    bureau {flaw.bureau}, link {flaw.number}: {flaw.what}")
        flaws += len(found)
    return flaws
