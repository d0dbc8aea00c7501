"""Wake-up signals, for green threads of this process and for the relay in any process."""

from __future__ import annotations

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError

from services.kernel.observability import outages
from services.kernel.persistence.database import Database

log = logging.getLogger(__name__)


class Signal:
    """A signal that there is work. If `set` is called several times before the waiting thread runs, the thread is woken only
    once."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Wait at most `seconds`, clear the signal and return whether it was set. The caller looks for work after this call, so
        that a signal that is set meanwhile stays set for the next call."""
        was_set = self._event.wait(seconds)
        self._event.clear()
        return was_set


def notify_relay(database: Database) -> None:
    """Notify the service's leading relay, in whichever process it runs, that the outbox has events. Without the notification, the
    relay finds them at its next poll. Call this function after the commit: a NOTIFY inside the transaction would make commits
    wait for one another."""
    try:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("SELECT pg_notify('outbox', '')")
            connection.commit()
    except SQLAlchemyError as error:
        outages.log_outage(log, "database_unavailable", "the relay could not be called (%s)", error)
