"""The rule by which failed work is tried again or given up. It applies to reactions to events, to e-mails and SMS, and to webhook
deliveries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Says when failed work is tried again. `delays`: the seconds between the tries. Without `lasts`, the work is given up after
    the last delay. With `lasts` (a period), the last delay repeats, and the work is given up when its next try would be later
    than this period after its beginning."""

    delays: tuple[float, ...]
    lasts: timedelta | None = None

    def next_try(self, failures: int, now: datetime, began: datetime | None = None) -> datetime | None:
        """Return the instant of the next try of work that has failed this number of times; None if the work is given up. `began`:
        when the work was created, for a policy with `lasts`."""
        if self.lasts is None and failures > len(self.delays):
            return None
        at = now + timedelta(seconds=self.delays[min(failures, len(self.delays)) - 1])
        if self.lasts is not None and at - (began or now) > self.lasts:
            return None
        return at
