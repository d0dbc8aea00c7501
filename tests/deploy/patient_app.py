"""What `test_patience` serves under granian: a gateway's way with bodies, with little patience."""

from __future__ import annotations

import json
import os
from typing import Any

from flask import Flask, request

from deploy.cluster import patience
from deploy.cluster.patience import Patience
from gateway import framing, intake, problems


def application() -> Patience:
    patience.BODY_SECONDS, patience.LOOK_SECONDS, patience.CONNECTIONS_OF_ADDRESS = 2.0, 0.2, 100
    app = Flask("patient")
    app.config.update(STORE=None, MAX_CONTENT_LENGTH=framing.LARGEST_BODY)
    problems.register(app)
    app.before_request(intake.check)

    @app.route("/", methods=["GET", "POST"])
    def read() -> Any:
        return json.dumps({"length": len(request.get_data()), "from": request.remote_addr})

    return Patience(app, at_work=4, port=int(os.environ["PATIENT_PORT"]), proxies=0)
