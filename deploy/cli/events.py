"""The functions of `guichuang events`: parked events and replays. They work directly on a service's database."""

from __future__ import annotations

import json
import sys
from datetime import datetime

from deploy.composition import services_here
from services.kernel.messaging import inbox, outbox
from services.kernel.persistence.database import Database
from services.kernel.settings import Settings
from services.notification.webhooks import feed


def list_parked(settings: Settings) -> int:
    """Print one line per parked event of every service; return their number."""
    count = 0
    for service in services_here(settings):
        for row in _parked(settings, service):
            count += 1
            error = (row["error"] or "").splitlines()[0][:100]
            print(f"{service}  {row['id']}  {row['type']}  {row['subject']}  {row['attempts']} tries  {error}")
    print(f"{count} parked")
    return count


def show(settings: Settings, event_id: str) -> bool:
    """Print the whole event with its error; return whether it was found."""
    for service in services_here(settings):
        for row in _parked(settings, service, event_id):
            print(f"service:  {service}\nattempts: {row['attempts']}\nerror:    {row['error']}")
            print(json.dumps(json.loads(row["body"]), ensure_ascii=False, indent=2))
            return True
    print(f"no parked event has the id {event_id}; `guichuang events dead-letters list` has those there are", file=sys.stderr)
    return False


def replay_parked(settings: Settings, event_ids: list[str]) -> int:
    """Give parked events (all, if no id is given) their full number of tries again, and return the number of these events. The
    running service then processes them again."""
    count = 0
    for service in services_here(settings):
        database = Database(settings.database(service), pool=1)
        with database.write() as session:
            ids = event_ids or [row["id"] for row in inbox.parked(session)]
            count += inbox.unpark(session, ids) if ids else 0
        database.close()
    print(f"{count} events are pending again")
    if count < len(event_ids):
        print("the others are not parked; `guichuang events dead-letters list` has those that are", file=sys.stderr)
    return count


def replay_since(settings: Settings, since: datetime, *, recovered: bool = False) -> None:
    """Publish again the events that occurred since an instant; the consumers' inboxes skip events that they have received
    already. `recovered`: these databases were restored to an earlier instant, so the event feed must skip the positions that its
    readers may have seen since that instant."""
    for service in services_here(settings):
        database = Database(settings.database(service), pool=1)
        with database.write() as session:
            print(f"{service}: {outbox.replay(session, since)} events will be published again")
            if recovered and service == "notification":
                feed.skip_positions(session)
                print("the feed leaves out places, so that who has read further misses nothing that comes")
        database.close()


def _parked(settings: Settings, service: str, event_id: str | None = None) -> list[inbox.ParkedRow]:
    database = Database(settings.database(service), pool=1)
    with database.read() as session:
        rows = inbox.parked(session, event_id)
    database.close()
    return rows
