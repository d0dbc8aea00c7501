"""`guichuang run`: the whole platform in this process, until it is stopped."""

from __future__ import annotations

import signal
import sys
import threading
import time
from contextlib import ExitStack
from functools import partial
from types import FrameType
from typing import Any

from waitress.wasyncore import dispatcher

from deploy import composition, console
from deploy.embedded.host import Embedded
from deploy.embedded.instance_lock import Taken, hold_instance_lock
from deploy.embedded.memory import return_freed_memory
from deploy.probes import listen
from services.kernel.messaging import rpc
from services.kernel.settings import InvalidSetting, Settings

#: The number of threads that answer HTTP requests.
THREADS = 8
#: Seconds that answers in progress may still take when the platform stops.
LONGEST_ANSWER = 10.0


def run(settings: Settings) -> int:
    """Create the keys, tables and folders that are missing, run the platform, and finish the work in progress on SIGTERM or
    Ctrl-C. Return exit status 1 if the address is in use, or if the folder belongs to another process or is not writable. Raises
    InvalidSetting if the settings are those of a separate console."""
    if settings.console_api:
        raise InvalidSetting(
            "GUICHUANG_CONSOLE_API is for `guichuang serve`: `guichuang run` serves the console itself. Unset it."
        )
    with ExitStack() as locks:
        try:
            locks.enter_context(hold_instance_lock(settings.folder))
            composition.make_keys(settings)
        except Taken as why:
            print(f"{why}. Stop it first, or set GUICHUANG_VAR to another folder.", file=sys.stderr)
            return 1
        except OSError as error:
            print(f"{error.filename}: {error.strerror}. Make {settings.folder} writable, or set GUICHUANG_VAR.", file=sys.stderr)
            return 1
        return _run(settings)


def _run(settings: Settings) -> int:
    from deploy.embedded.connections import make_server
    from gateway.http.body_limits import largest_body
    from gateway.serve import application
    from services.kernel import observability

    observability.start(settings)
    composition.migrate_all(settings)
    host = Embedded.of(settings)
    caller = rpc.Caller(host, composition.signer("gateway", settings))
    gateway = application(caller, host.runtimes["gateway"], settings, health=host.health())
    app, store = console.beside(gateway, settings), gateway.config["STORE"]

    def longest(path: str) -> int:
        return largest_body(store, path) if console.of_gateway(path) else app.largest_body(path)

    try:
        server = make_server(app, settings.http, threads=THREADS, largest_body=longest)
    except OSError as error:
        print(f"{settings.http}: {error.strerror}. Stop what listens there, or set GUICHUANG_HTTP.", file=sys.stderr)
        return 1
    try:
        listen(settings.probes, host.health())
    except OSError as error:
        print(f"{settings.probes}: {error.strerror}. Stop what listens there, or set GUICHUANG_PROBES.", file=sys.stderr)
        return 1
    host.start()
    stop = threading.Event()

    def ending(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ending)
    signal.signal(signal.SIGINT, ending)
    serving = threading.Thread(target=server.run, name="http", daemon=True)
    serving.start()
    return_freed_memory()
    print(f"Guichuang 桂创 serves http://{settings.http}  (API: /docs)", flush=True)
    if settings.demo:
        print(f"Demonstration accounts: {settings.folder / 'accounts.json'}", flush=True)
    stop.wait()
    finish(server, serving)
    host.stop()
    return 0


def finish(server: Any, serving: threading.Thread) -> None:
    """Accept no more connections, finish the answers in progress, close idle connections and end the server's thread.

    The server's own thread closes its sockets: if another thread closed a socket for which the server's thread is about to wait,
    that thread would end with EBADF and leave answers unsent. The trigger is closed last, because the threads that answer
    requests use it to wake the server.
    """
    server.trigger.pull_trigger(partial(dispatcher.close, server))  # Closes only the listening socket.
    until = time.monotonic() + LONGEST_ANSWER
    while (server.accepting or server.active_channels) and serving.is_alive() and time.monotonic() < until:
        for channel in list(server.active_channels.values()):
            if not channel.requests:
                channel.close_when_flushed = True
        server.pull_trigger()
        time.sleep(0.02)
    if not server.active_channels:
        server.trigger.pull_trigger(server.trigger.close)
        serving.join(timeout=LONGEST_ANSWER)
