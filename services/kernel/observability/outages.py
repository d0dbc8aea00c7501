"""Outages in the log: a process logs each when it begins and when it ends, however many of its threads meet it.

The fields `code` of these lines and of the problem document that a client gets are the same.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass

#: Seconds after which an outage that lasts is logged again.
REMINDER_SECONDS = 60.0
#: Seconds between two outages of the same kind that are both logged: a server that comes and goes fills no log.
PAUSE_SECONDS = 5.0


@dataclass(slots=True)
class _Outage:
    """`began` and `logged` are instants on the monotonic clock; `logged` is None while no line was written about it."""

    began: float
    logged: float | None = None


_lock = threading.Lock()
_open: dict[tuple[str, str], _Outage] = {}
_last_logged: dict[tuple[str, str], float] = {}


def met(log: logging.Logger, code: str, message: str, *arguments: object, about: str = "", level: int = logging.WARNING) -> None:
    """Log that something is away, unless this process has logged it a moment ago. `code` is the problem's, `about` tells several
    outages of one code apart."""
    key, now = (code, about), time.monotonic()
    with _lock:
        outage = _open.setdefault(key, _Outage(now))
        wait = PAUSE_SECONDS if outage.logged is None else REMINDER_SECONDS
        if now - _last_logged.get(key, -REMINDER_SECONDS) < wait:
            return
        outage.logged = _last_logged[key] = now
    log.log(level, message, *arguments, extra={"code": code})


def ended(log: logging.Logger, code: str, message: str, *, about: str = "") -> None:
    """Log that it is back, and after how many seconds, where its absence was logged. Cheap where nothing is away."""
    if (code, about) not in _open:
        return
    with _lock:
        outage = _open.pop((code, about), None)
    if outage is not None and outage.logged is not None:
        log.info("%s after %.0f s", message, time.monotonic() - outage.began, extra={"code": code})
