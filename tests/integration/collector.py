"""A trace collector as operators run one (OTLP over HTTP), whose received spans tests can read."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

#: Seconds for which a test waits for the expected spans.
PATIENCE = 120.0
#: Environment variables that make a process send its spans without delay.
SOON = {"OTEL_BSP_SCHEDULE_DELAY": "100"}


@dataclass(frozen=True, slots=True)
class Seen:
    """A received span. `parent` is the id of its parent span, and empty for the first span of a trace."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    failed: bool
    attributes: dict[str, str]


class Collector:
    """The collector. `spans` are all spans received so far."""

    def __init__(self) -> None:
        self.spans: list[Seen] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                assert self.path == "/v1/traces"
                collector.spans += _read(body)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def trace_of(self, name: str, whole: Callable[[list[Seen]], bool], **attributes: str) -> list[Seen]:
        """Return all spans of the newest trace that has a span with this name and these attributes; wait until `whole` accepts
        the spans."""
        deadline = time.monotonic() + PATIENCE
        while True:
            spans = list(self.spans)
            began = [span for span in spans if span.name == name and attributes.items() <= span.attributes.items()]
            trace = [span for span in spans if began and span.trace == began[-1].trace]
            if trace and whole(trace):
                return trace
            assert time.monotonic() < deadline, f"what arrived: {[(span.service, span.name) for span in trace]}"
            time.sleep(0.05)


def leading_to(span: Seen, trace: list[Seen]) -> list[tuple[str, str]]:
    """Return (service, name) of a span and of its ancestors; the root of the trace comes last."""
    chain, by_id = [(span.service, span.name)], {span.id: span for span in trace}
    while span.parent in by_id:
        span = by_id[span.parent]
        chain.append((span.service, span.name))
    return chain


def _read(body: bytes) -> list[Seen]:
    request = ExportTraceServiceRequest.FromString(body)
    return [
        Seen(
            service=next(item.value.string_value for item in group.resource.attributes if item.key == "service.name"),
            name=span.name,
            trace=span.trace_id.hex(),
            id=span.span_id.hex(),
            parent=span.parent_span_id.hex(),
            failed=span.status.code == span.status.STATUS_CODE_ERROR,
            attributes={item.key: item.value.string_value for item in span.attributes},
        )
        for group in request.resource_spans
        for scope in group.scope_spans
        for span in scope.spans
    ]
