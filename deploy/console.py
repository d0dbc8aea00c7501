"""The web console as a WSGI application, in the gateway's process or in a process of its own."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from console import body_limits
from console.api import HttpTransport, InProcessTransport, Transport
from console.app import create_app
from console.errors import refusal
from console.settings import ConsoleSettings, Site
from deploy.console_telemetry import Watched, watch
from deploy.keys.key_folder import CONSOLE, KeysFolder
from gateway.http import framing
from services.kernel.errors import TooMany
from services.kernel.settings import Settings

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

#: The first segments of the paths that the gateway answers.
GATEWAY = ("api", "docs", "healthz", "readyz", "metrics")

Wsgi = Callable[..., Iterable[bytes]]


class Intake:
    """Checks the head of each request before the console gets it. If the body is too long, it is not read, and the console
    answers with a page. If a proxy in front could interpret the head differently, the request is refused without a page. Both
    answers close the connection."""

    def __init__(self, console: Flask, application: Wsgi) -> None:
        self._console = console
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status = framing.refused(environ, self.largest_body(environ.get("PATH_INFO", "")))
        if status == 400:
            start_response(
                "400 Bad Request", [("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff")]
            )
            return ["请求无法理解。 The request cannot be understood.\n".encode()]
        if status:
            environ |= {body_limits.REFUSED: status, "wsgi.input": io.BytesIO(), "CONTENT_LENGTH": "0"}
        return self._application(environ, start_response)

    def largest_body(self, path: str) -> int:
        """Return the longest body in bytes that a path of the console accepts."""
        return body_limits.largest_body(self._console, path)


class Front:
    """Passes each request to the gateway or to the console, by its path."""

    def __init__(self, gateway: Wsgi, console: Intake) -> None:
        self._gateway = gateway
        self._console = console

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        application = self._gateway if of_gateway(environ.get("PATH_INFO", "/")) else self._console
        return application(environ, start_response)

    def largest_body(self, path: str) -> int:
        """Return the longest body in bytes that a path of the console accepts."""
        return self._console.largest_body(path)


def of_gateway(path: str) -> bool:
    """Return whether the gateway answers this path."""
    return path.split("/", 2)[1:2] in [[first] for first in GATEWAY]


def front(gateway: Flask, settings: Settings) -> Wsgi:
    """Return the application of a gateway's process: the API and the console, or only the API if consoles run separately."""
    return gateway if settings.console_api else beside(gateway, settings)


def beside(gateway: Flask, settings: Settings) -> Front:
    """Return the gateway with the console in its process: the console calls the gateway in the same thread."""
    return Front(gateway, _console(InProcessTransport(gateway), settings))


def apart(settings: Settings) -> Intake:
    """Return the console alone. It calls the API at `console_api`; the gateway there must list it among its proxies."""
    return _console(HttpTransport(settings.console_api), settings)


def _console(transport: Transport, settings: Settings) -> Intake:
    console = create_app(Watched(transport), console_settings(settings))
    console.register_error_handler(TooMany, lambda error: refusal(429, "too_many_requests", error.details["retry_after"]))
    watch(console)
    proxies = int(settings.proxies)
    return Intake(console, ProxyFix(console, x_for=proxies, x_proto=1) if proxies else console)


def console_settings(settings: Settings) -> ConsoleSettings:
    """Return the console's part of the settings. The console encrypts its cookies with a key of its own, which all processes of
    the console share."""
    store = urlsplit(settings.s3_public or settings.s3)
    # Take only host and port, without the credentials that GUICHUANG_S3 contains.
    host = f"{store.hostname}:{store.port}" if store.port else store.hostname
    return ConsoleSettings(
        keys=KeysFolder(settings.keys_folder).sealing_keys(CONSOLE),
        site=Site(
            settings.site_sponsor, settings.site_identifier, settings.site_icp, settings.site_police, settings.site_telephone
        ),
        store_origin=f"{store.scheme}://{host}" if store.scheme in ("http", "https") else "",
        province_url=settings.province_url.rstrip("/"),
        public_url=settings.public_url,
        idle_seconds=int(settings.session_idle_minutes) * 60,
        session_seconds=int(settings.session_hours) * 3600,
    )
