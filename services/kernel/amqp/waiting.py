"""How green threads wait for the database. The driver's ways either stop them all (C) or cost more than many a statement
(`select`, which eventlet rebuilds from a handful of closures at each call)."""

from __future__ import annotations

from typing import Any

from eventlet.hubs import trampoline
from psycopg.errors import OperationalError
from psycopg.waiting import Ready, Wait, wait_select


def wait(gen: Any, fileno: int, interval: float = 0.0, timeout: float | None = None) -> Any:
    """As `psycopg.waiting.wait`: carry `gen` to its end and return what it gives. A statement waits once, for its answer; what
    else there is, such as a statement too long to be sent at once, is rare and goes the driver's way."""
    if timeout is not None:
        return wait_select(gen, fileno, interval, timeout)
    try:
        wanted = next(gen)
        while wanted == Wait.R:
            wanted = gen.send(_answer(fileno, interval))
    except StopIteration as end:
        return end.value
    except OSError as error:
        raise OperationalError("connection socket closed") from error
    return wait_select(_resumed(gen, wanted), fileno, interval)


def _answer(fileno: int, interval: float) -> Ready:
    try:
        trampoline(fileno, read=True, timeout=interval, timeout_exc=TimeoutError)
    except TimeoutError:
        return Ready.NONE
    return Ready.R


def _resumed(gen: Any, wanted: Wait) -> Any:
    """`gen`, which has said what it waits for, as one that is about to say it."""
    try:
        while True:
            wanted = gen.send((yield wanted))
    except StopIteration as end:
        return end.value
