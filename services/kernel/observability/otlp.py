"""Send spans to a collector over OTLP/HTTP. The module is imported only if a collector is configured."""

from __future__ import annotations

import atexit
import os
import socket
from importlib.metadata import version

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Tracer


class SpanExporter:
    """Creates the spans of the services in this process and sends them in batches from a background thread. OpenTelemetry's own
    environment variables for sampling, batches and resource attributes apply."""

    def __init__(self, endpoint: str, timeout: float) -> None:
        exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=timeout)
        self._processor = BatchSpanProcessor(exporter)
        self._tracers: dict[str, Tracer] = {}
        self._release = version("guichuang")
        atexit.register(self.end)

    def tracer(self, service: str) -> Tracer:
        """Return the tracer of a service."""
        if service not in self._tracers:
            provider = TracerProvider(resource=self._resource(service), shutdown_on_exit=False)
            provider.add_span_processor(self._processor)
            self._tracers[service] = provider.get_tracer("guichuang", self._release)
        return self._tracers[service]

    def end(self) -> None:
        """Send the remaining spans, within the time limit for the collector."""
        atexit.unregister(self.end)
        self._processor.shutdown()  # type: ignore[no-untyped-call]

    def _resource(self, service: str) -> Resource:
        return Resource.create(
            {
                "service.name": service,
                "service.namespace": "guichuang",
                "service.version": self._release,
                "service.instance.id": f"{socket.gethostname()}:{os.getpid()}",
            }
        )
