"""Green threads. The services run under eventlet; all green threads share one OS thread, which no code may block."""

from __future__ import annotations

import os
import socket
import warnings
from functools import partial


def patch() -> None:
    """Replace the blocking functions of the standard library and the database driver by green ones. A service process calls this
    first: modules imported earlier may keep references to the blocking functions. Raises RuntimeError in that case."""
    # eventlet's own look-up of host names would cost each process 17 MB of memory. Instead, host names are looked up in OS
    # threads, a few at a time.
    os.environ["EVENTLET_NO_GREENDNS"] = "yes"
    os.environ["EVENTLET_THREADPOOL_SIZE"] = "4"
    with warnings.catch_warnings():
        # eventlet warns at every start that it will be retired; docs/adr/0001 says why it is used nevertheless.
        warnings.simplefilter("ignore")
        import eventlet
        from eventlet import tpool

        eventlet.monkey_patch()
    # The standard look-up of host names blocks in C, for as long as external name servers take.
    socket.getaddrinfo = partial(tpool.execute, socket.getaddrinfo)
    # The database driver's own wait for the server also blocks in C, which would block every green thread (measured: 1.7 s
    # instead of 0.2 s).
    import psycopg.waiting

    from services.kernel.amqp.database_wait import wait

    psycopg.waiting.wait = wait
    check()


def check() -> None:
    """Raise RuntimeError unless every blocking function has been replaced by a green one."""
    import psycopg.waiting
    from eventlet.patcher import is_monkey_patched

    from services.kernel.amqp.database_wait import wait

    blocking = [name for name in ("socket", "select", "thread", "time") if not is_monkey_patched(name)]
    if psycopg.waiting.wait is not wait:
        blocking.append("psycopg")
    if blocking:
        raise RuntimeError(f"these would block all green threads: {', '.join(blocking)}; call patch() before any import")
