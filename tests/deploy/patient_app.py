"""The application that `test_patience` runs under granian: it reads bodies as the gateway does, with short time limits."""

from __future__ import annotations

import json
import os
from typing import Any

from flask import Flask, request

from deploy.cluster import slow_bodies
from deploy.cluster.slow_bodies import BodyDeadlines
from gateway.http import body_limits, errors, framing


def application() -> BodyDeadlines:
    slow_bodies.BODY_SECONDS, slow_bodies.LOOK_SECONDS, slow_bodies.CONNECTIONS_OF_ADDRESS = 2.0, 0.2, 100
    app = Flask("patient")
    app.config.update(STORE=None, MAX_CONTENT_LENGTH=framing.LARGEST_BODY)
    errors.register(app)
    app.before_request(body_limits.check)

    @app.route("/", methods=["GET", "POST"])
    def read() -> Any:
        return json.dumps({"length": len(request.get_data()), "from": request.remote_addr})

    return BodyDeadlines(app, at_work=4, port=int(os.environ["PATIENT_PORT"]), proxies=0)
