"""`guichuang audit verify`: recompute every chain and hold it against the heads that another service keeps."""

from __future__ import annotations

from services.kernel import audit
from services.kernel.database import Database
from services.kernel.settings import Settings


def verify(settings: Settings) -> int:
    """Print what holds and what does not; the number of flaws."""
    flaws = 0
    for service, keeper in audit.ANCHORED_BY.items():
        kept = Database(settings.database(keeper), pool=1)
        with kept.read() as session:
            anchors = audit.anchors_of(session, service)
        kept.close()
        database = Database(settings.database(service), pool=1)
        with database.read() as session:
            checked, found = audit.verify(session, anchors)
            waiting = audit.unsealed(session)
        database.close()
        print(f"{service}: {checked} entries checked, {waiting} not sealed yet, {len(found)} flaws")
        for flaw in found:
            print(f"    bureau {flaw.bureau}, link {flaw.number}: {flaw.what}")
        flaws += len(found)
    return flaws
