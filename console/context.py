"""The objects that a console process shares between requests, and the session of the reader whose request is being answered."""

from __future__ import annotations

from dataclasses import replace

from flask import current_app, g

from console.api import Transport
from console.assets import Assets
from console.province import Province
from console.session import Sealer, Session
from console.settings import ConsoleSettings
from console.vocabulary import Vocabulary


class Console:
    """The objects that one console process shares between requests."""

    def __init__(self, transport: Transport, settings: ConsoleSettings, assets: Assets) -> None:
        self.transport = transport
        self.settings = settings
        self.assets = assets
        self.sealer = Sealer(settings.keys)
        self.vocabulary = Vocabulary()
        self.province = Province(settings.province_url) if settings.province_url else None


def console() -> Console:
    """Return the console that answers this request."""
    application_console: Console = current_app.extensions["console"]
    return application_console


def keep_session(session: Session | None) -> None:
    """Make this the browser's session from now on; None ends the session."""
    g.session, g.sealed = session, True
    g.api = replace(g.api, token=session.token if session else None)
