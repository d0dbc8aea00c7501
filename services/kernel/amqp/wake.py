"""Waking whoever has something to do: green threads of this process, and the relay wherever it is."""

from __future__ import annotations

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError

from services.kernel.observability import outages
from services.kernel.persistence.database import Database

log = logging.getLogger(__name__)


class Wake:
    """Something is to be done: said by many, heard once."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Whether it was said, at the latest after `seconds`; it is forgotten then, so look for the work only now."""
        said = self._event.wait(seconds)
        self._event.clear()
        return said


def call_relay(database: Database) -> None:
    """Tell the leading relay, in whatever process it is, that the outbox has something; without it, the relay looks by
    itself a little later. After the commit that put it there: a NOTIFY inside would make commits wait for one another."""
    try:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("SELECT pg_notify('outbox', '')")
            connection.commit()
    except SQLAlchemyError as error:
        outages.met(log, "database_unavailable", "the relay could not be called (%s)", error)
