"""The yardstick of the reading rows: an ordinary Flask application that gives the same answers, with SQLAlchemy on the same
databases.

`python -m bench.bare` runs it under the gateway's own server with as many workers and threads. The queries are the services' own,
so that the answers are the same. It has no accounts, bus, signatures, schemas, limits, logs and metrics.
"""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, jsonify, request
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from deploy.cluster.serve import THREADS
from gateway.http.localisation import localised
from services.application.queries.applications import get_application
from services.kernel.clock import DomainClock
from services.kernel.identity import Actor
from services.policy import Policies
from services.review.queries.inbox import list_reviews

#: Names of environment variables: the address on which to listen (host:port), the number of processes, and the lead and the
#: bureau as which the application treats every client.
LISTEN, WORKERS, LEAD, BUREAU = "BENCH_BARE", "BENCH_WORKERS", "BENCH_LEAD", "BENCH_BUREAU"


def application() -> Flask:
    """Return the application, which has two endpoints: one application, and a page of an inbox."""
    app, clock, policies = Flask("bare"), DomainClock(), Policies.builtin()
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    applications, reviews = (
        sessionmaker(create_engine(os.environ[name], pool_size=THREADS))
        for name in ("GUICHUANG_DB_APPLICATION", "GUICHUANG_DB_REVIEW")
    )
    lead = Actor("lead", ("applicant",), organisation=os.environ[LEAD])
    officer = Actor("officer", ("officer",), bureau=os.environ[BUREAU])

    @app.get("/api/v1/applications/<id>")
    def one(id: str) -> Any:
        with applications() as session:
            return jsonify(localised(get_application(session, clock, policies, lead, id)))

    @app.get("/api/v1/reviews")
    def inbox() -> Any:
        with reviews() as session:
            page = list_reviews(session, clock, officer, limit=int(request.args["limit"]))
        # The gateway adds to each case the names of the officer who drafted it and of the officer to whom it is assigned. In the
        # benchmark no case is drafted or assigned.
        items = [item | {"draft_by_name": None, "assigned_to_name": None} for item in page["items"]]
        return jsonify(page | {"items": items})

    return app


def main() -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    address, _, port = os.environ[LISTEN].rpartition(":")
    Granian(
        "bench.bare:application",
        factory=True,
        interface=Interfaces.WSGI,
        address=address,
        port=int(port),
        workers=int(os.environ[WORKERS]),
        blocking_threads=THREADS,
        log_level=LogLevels.error,
    ).serve()


if __name__ == "__main__":
    main()
