"""Let a green thread wait for the database without blocking other green threads. The driver's own functions for waiting either
block all green threads (the C version) or take longer than many statements (`select`, which eventlet rebuilds from several
closures at each call)."""

from __future__ import annotations

from typing import Any

from eventlet.hubs import trampoline
from psycopg.errors import OperationalError
from psycopg.waiting import Ready, Wait, wait_select


def wait(gen: Any, fileno: int, interval: float = 0.0, timeout: float | None = None) -> Any:
    """Replaces `psycopg.waiting.wait`: run the driver's generator `gen` to its end and return its result. A statement normally
    waits only once, for the server's answer. Other waits are rare, for example while a long statement is sent; they use the
    driver's `wait_select`."""
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
    """Return a generator that first yields `wanted` again, which `gen` has already yielded, and then continues `gen`."""
    try:
        while True:
            wanted = gen.send((yield wanted))
    except StopIteration as end:
        return end.value
