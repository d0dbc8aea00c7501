"""An outside program that receives webhooks: a real HTTP server on loopback that checks every signature."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from standardwebhooks import Webhook, WebhookVerificationError


class Subscriber:
    """The receiver. `answer` returns the HTTP status for an event, `slow` is the delay before each answer in seconds. `tried` are
    the ids of all events with a valid signature, `taken` the events that were answered with a status below 300; both are in
    order."""

    def __init__(self, answer: Callable[[dict[str, Any]], int] = lambda event: 204, slow: float = 0.0) -> None:
        self.answer = answer
        self.secret = ""
        self.taken: list[dict[str, Any]] = []
        self.tried: list[str] = []
        self.headers: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(slow)
                self.send_response(outer._take(text, dict(self.headers)))
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Log nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/in?of=guichuang"

    def _take(self, text: bytes, headers: dict[str, str]) -> int:
        try:
            event: dict[str, Any] = Webhook(self.secret).verify(text, headers)
        except WebhookVerificationError:
            return 401
        assert event == json.loads(text)
        self.tried.append(event["id"])
        status = self.answer(event)
        if status < 300:
            self.taken.append(event)
            self.headers.append(headers)
        return status

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
