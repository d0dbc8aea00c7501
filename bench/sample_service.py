"""An artificial service for the rows about the bus: one command that submits a paper, and one reaction that records it in another
service."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, MetaData, String, Table, insert
from sqlalchemy.orm import Session
from sqlalchemy.orm import registry as mapper

from deploy import composition
from services.kernel.clock import Clock
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.messaging.envelope import Event
from services.kernel.persistence import migrate
from services.kernel.persistence.database import Database, Instant
from services.kernel.persistence.unit_of_work import record_change
from services.kernel.registry import Registry
from services.kernel.runtime import ServiceRuntime
from services.kernel.settings import Settings

#: The most requests that a service processes at the same time.
AT_ONCE = 16
#: The account that submits the paper, and the bureau to which the event is addressed.
APPLICANT = Actor("lead", ("applicant",), organisation="91450200MA5K000017")
BUREAU = "450200"
TYPE = "paper.handed_in"

metadata = MetaData()
papers = Table(
    "papers",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("lead", String(18), nullable=False),
    Column("title", String(200), nullable=False),
    Column("at", Instant, nullable=False),
)


class Note:
    """The row that the reaction to an event writes. A second reaction to the same event would violate the primary key."""

    def __init__(self, event: str, title: str) -> None:
        self.event = event
        self.title = title


notes = Table("notes", metadata, Column("event", String(36), primary_key=True), Column("title", String(200), nullable=False))
mapper().map_imperatively(Note, notes)


def hand_in(session: Session, clock: Clock, actor: Actor, *, title: str) -> dict[str, Any]:
    """The command: it submits a paper, and writes one row, one event and one audit entry."""
    row = {"id": new_id(), "lead": actor.organisation, "title": title, "at": clock.now()}
    session.execute(insert(papers), [row])
    data = {"paper": row["id"], "title": title, "lead": actor.organisation, "units": [actor.organisation] * 12}
    record_change(session, TYPE, f"paper/{row['id']}", data, bureau=BUREAU, recommender=BUREAU, article="A6(1)")
    return {"id": row["id"], "title": title, "status": "handed_in"}


def note_paper(session: Session, event: Event) -> None:
    """The reaction: it writes one row per event."""
    session.add(Note(event.id, event.data["title"]))


def registry(service: str) -> Registry:
    """Return the registry of a service: `application` has the command, any other service (`notification`) has the reaction to its
    events."""
    made = Registry(service)
    if service == "application":
        made.command(hand_in)
    else:
        made.reaction("application", TYPE, note_paper)
    return made


def runtime(service: str, url: str, folder: str) -> ServiceRuntime:
    """Return the runtime of a service, on the database at `url`, with keys in `folder`."""
    settings = Settings(var=folder)
    composition.make_keys(settings)
    return ServiceRuntime(
        registry(service),
        Database(url, pool=AT_ONCE),
        settings=settings,
        policies=None,
        signer=composition.signer(service, settings),
        verifier=composition.verifier(settings),
    )


def prepare(url: str) -> None:
    """Create the kernel's tables and those of the artificial service in a new database."""
    database = Database(url)
    migrate.upgrade("application", database)
    metadata.create_all(database.engine)
    database.close()
