"""Green threads: the services run under eventlet, and nothing in them may block the one thread they share."""

from __future__ import annotations

import os
import socket
import warnings
from functools import partial


def patch() -> None:
    """Make the standard library and the database driver green. The first thing a service process does: what was imported
    before may hold on to the old ways, and RuntimeError says so."""
    # Green look-ups of names would cost each process 17 MB; they are made on real threads, a few at once.
    os.environ["EVENTLET_NO_GREENDNS"] = "yes"
    os.environ["EVENTLET_THREADPOOL_SIZE"] = "4"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # eventlet announces its retirement at every start; record 1 says why it stays
        import eventlet
        from eventlet import tpool

        eventlet.monkey_patch()
    # The resolver's waiting is C too, and how long it waits is up to other people's name servers.
    socket.getaddrinfo = partial(tpool.execute, socket.getaddrinfo)
    # So is the database driver's; it would stop every green thread (1.7 s where 0.2 were due).
    import psycopg.waiting

    from services.kernel.amqp.waiting import wait

    psycopg.waiting.wait = wait
    check()


def check() -> None:
    """RuntimeError unless everything that waits is green."""
    import psycopg.waiting
    from eventlet.patcher import is_monkey_patched

    from services.kernel.amqp.waiting import wait

    blocking = [name for name in ("socket", "select", "thread", "time") if not is_monkey_patched(name)]
    if psycopg.waiting.wait is not wait:
        blocking.append("psycopg")
    if blocking:
        raise RuntimeError(f"these would block all green threads: {', '.join(blocking)}; call patch() before any import")
