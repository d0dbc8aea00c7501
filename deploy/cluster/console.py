"""One process of the console under granian, which calls `application` in each of its workers."""

from __future__ import annotations

import urllib.request

from deploy import console
from deploy.cluster.parent import end_with_parent
from deploy.cluster.serve import THREADS
from deploy.cluster.slow_bodies import BodyDeadlines
from deploy.probes import listen
from services.kernel import observability
from services.kernel.settings import Settings

#: Seconds within which the gateway must answer `/healthz`.
PATIENCE = 2.0


def application() -> BodyDeadlines:
    """Return the WSGI application, configured by the environment variables."""
    end_with_parent()
    settings = Settings.from_environment()
    observability.start(settings)
    app = console.apart(settings)
    listen(settings.probes, lambda: {"api": answers(settings.console_api)}, shared=True)
    port = int(settings.http.rpartition(":")[2])
    return BodyDeadlines(app, at_work=THREADS, port=port, proxies=int(settings.proxies))


def answers(api: str) -> bool:
    """Return whether the gateway at this address is alive."""
    try:
        with urllib.request.urlopen(f"{api.rstrip('/')}/healthz", timeout=PATIENCE) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
