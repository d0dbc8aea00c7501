"""The web console as one WSGI application beside the gateway's: paths of the API go to the gateway, all others to the console."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from console.api import Inside
from console.app import create_app
from console.settings import ConsoleSettings, Site
from deploy.keys import KeysFolder
from gateway.intake import Intake
from services.kernel.settings import Settings

#: First segments of the paths that the gateway answers.
GATEWAY = ("api", "docs", "healthz", "readyz", "metrics")

Wsgi = Callable[..., Iterable[bytes]]


class Front:
    """Sends each request to the gateway or to the console, by its path."""

    def __init__(self, gateway: Wsgi, console: Wsgi) -> None:
        self._gateway = gateway
        self._console = console

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        first = environ.get("PATH_INFO", "/").split("/", 2)[1:2]
        application = self._gateway if first and first[0] in GATEWAY else self._console
        return application(environ, start_response)


def beside(gateway: Flask, settings: Settings) -> Front:
    """The gateway with the console inside its process: the console calls the gateway in the same thread."""
    application = create_app(Inside(gateway), console_settings(settings))
    proxies = int(settings.proxies)
    return Front(gateway, Intake(ProxyFix(application, x_for=proxies, x_proto=1) if proxies else application))


def console_settings(settings: Settings) -> ConsoleSettings:
    """The console's part of the settings. It seals its cookies with the gateway's sealing key."""
    store = urlsplit(settings.s3_public)
    return ConsoleSettings(
        keys=KeysFolder(settings.keys_folder).sealing_keys("gateway"),
        site=Site(
            settings.site_sponsor, settings.site_identifier, settings.site_icp, settings.site_police, settings.site_telephone
        ),
        store_origin=f"{store.scheme}://{store.netloc}" if store.netloc else "",
        idle_seconds=int(settings.session_idle_minutes) * 60,
        session_seconds=int(settings.session_hours) * 3600,
    )
