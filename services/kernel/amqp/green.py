"""Green threads: the services run under eventlet, and no code in them may block the one thread that they share."""

from __future__ import annotations

import os
import socket
import warnings
from functools import partial


def patch() -> None:
    """Make the standard library and the database driver green. A service process calls this first: modules that were imported
    before may keep references to the blocking functions. Raises RuntimeError in that case."""
    # Green look-ups of host names would cost each process 17 MB. They run on real threads, a few at once.
    os.environ["EVENTLET_NO_GREENDNS"] = "yes"
    os.environ["EVENTLET_THREADPOOL_SIZE"] = "4"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # eventlet announces its retirement at every start; record 1 says why it stays
        import eventlet
        from eventlet import tpool

        eventlet.monkey_patch()
    # The resolver also waits in C, and the length of the wait depends on external name servers.
    socket.getaddrinfo = partial(tpool.execute, socket.getaddrinfo)
    # The database driver waits in C too. It would block every green thread (measured: 1.7 s instead of 0.2 s).
    import psycopg.waiting

    from services.kernel.amqp.database_wait import wait

    psycopg.waiting.wait = wait
    check()


def check() -> None:
    """Raise RuntimeError unless every blocking call is green."""
    import psycopg.waiting
    from eventlet.patcher import is_monkey_patched

    from services.kernel.amqp.database_wait import wait

    blocking = [name for name in ("socket", "select", "thread", "time") if not is_monkey_patched(name)]
    if psycopg.waiting.wait is not wait:
        blocking.append("psycopg")
    if blocking:
        raise RuntimeError(f"these would block all green threads: {', '.join(blocking)}; call patch() before any import")
