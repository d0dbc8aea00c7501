"""Outages in the log. A process logs each outage once when the outage begins, every minute while it lasts, and once when it ends,
even if many threads of the process notice it.

The field `code` of these lines equals the `code` of the problem document that a client gets.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass

#: Seconds after which an outage that still lasts is logged again.
REMINDER_SECONDS = 60.0
#: The least seconds between two logged outages of the same kind, so that a server that fails repeatedly does not fill the log.
PAUSE_SECONDS = 5.0


@dataclass(slots=True)
class _Outage:
    """An outage that lasts. `began` and `logged` are instants on the monotonic clock; `logged` is None until a line was written
    about it."""

    began: float
    logged: float | None = None


_lock = threading.Lock()
_ongoing: dict[tuple[str, str], _Outage] = {}
_last_logged: dict[tuple[str, str], float] = {}


def log_outage(
    log: logging.Logger, code: str, message: str, *arguments: object, about: str = "", level: int = logging.WARNING
) -> None:
    """Log that a dependency is unavailable, unless this process logged it recently. `code` is the code of the problem document;
    `about` distinguishes several outages with the same code."""
    key, now = (code, about), time.monotonic()
    with _lock:
        outage = _ongoing.setdefault(key, _Outage(now))
        wait = PAUSE_SECONDS if outage.logged is None else REMINDER_SECONDS
        if now - _last_logged.get(key, -REMINDER_SECONDS) < wait:
            return
        outage.logged = _last_logged[key] = now
    log.log(level, message, *arguments, extra={"code": code})


def log_recovery(log: logging.Logger, code: str, message: str, *, about: str = "") -> None:
    """Log that a dependency is available again, and for how many seconds it was not, if the outage was logged. Cheap if there was
    no outage."""
    if (code, about) not in _ongoing:
        return
    with _lock:
        outage = _ongoing.pop((code, about), None)
    if outage is not None and outage.logged is not None:
        log.info("%s after %.0f s", message, time.monotonic() - outage.began, extra={"code": code})
