"""Two sample services under the names of real ones. `application` (the teller) stores the words of stories and publishes each
word as an event whose subject is the story. `review` (which runs per bureau) stores the words that it receives, and publishes
that it did."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import Column, Float, Integer, MetaData, String, Table, insert, select, update
from sqlalchemy.orm import Session

from services.kernel.errors import Conflict
from services.kernel.messaging.envelope import Event
from services.kernel.messaging.signing import Signer, Verifier, new_key
from services.kernel.persistence import tables
from services.kernel.persistence.database import Database
from services.kernel.persistence.unit_of_work import record_change, wake_job_workers
from services.kernel.registry import Registry
from services.kernel.runtime import ServiceRuntime
from services.kernel.settings import Settings

BUREAUS = ("450000", "450100", "450200")
PARTIES = ("gateway", "application", "review")
#: Seconds between attempts of a failing reaction; after the last attempt the event is parked.
DELAYS = "0.2,0.4,0.8"

#: The lease of a job, in seconds.
HOLD = 0.5
_broken: set[str] = set()
_at_work = _most_at_work = 0

metadata = MetaData()
words = Table(
    "words",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("story", String),
    Column("word", String),
)
#: Words that a job sends to an outside system. `held_until`: the end of the job's lease in real time; `heard`: the answer.
shouts = Table(
    "shouts",
    metadata,
    Column("word", String, primary_key=True),
    Column("story", String),
    Column("held_until", Float),
    Column("heard", String),
)
#: Words that begin with `bad` and that the reaction stores nevertheless, because a test has removed the cause of its failure.
cured = Table("cured", metadata, Column("word", String, primary_key=True))


def tell(session: Session, *, story: str, word: str, bureau: str = "450200") -> dict[str, int]:
    """The teller's command: store a word of a story, and publish it to the bureau."""
    session.execute(insert(words).values(story=story, word=word))
    record_change(session, "word.told", f"story/{story}", {"word": word}, bureau=bureau, recommender=bureau)
    return {"told": len(told(session, story=story))}


def refuse(session: Session, *, story: str) -> None:
    """A command that stores a word and then refuses, so that the word must not be stored."""
    tell(session, story=story, word="never")
    raise Conflict("already_told", "已经讲过。", "It has been told.", status="told")


def told(session: Session, *, story: str) -> list[str]:
    """Return the words of a story in this service, in the order of their arrival."""
    return list(session.execute(select(words.c.word).where(words.c.story == story).order_by(words.c.position)).scalars())


def linger(session: Session) -> int:
    """Wait for 0.2 seconds; return the largest number of requests on which this process has worked at the same time so far."""
    global _at_work, _most_at_work
    _at_work += 1
    _most_at_work = max(_most_at_work, _at_work)
    time.sleep(0.2)
    _at_work -= 1
    return _most_at_work


def shout(session: Session, *, story: str, word: str) -> None:
    """A command that stores a word, which a job then sends to the outside system."""
    session.execute(insert(shouts).values(story=story, word=word, held_until=0.0))
    wake_job_workers(session)


def heard(session: Session, *, story: str) -> list[str]:
    """Return the outside system's answers to the words of a story."""
    return list(session.execute(select(shouts.c.heard).where(shouts.c.story == story, shouts.c.heard.is_not(None))).scalars())


def take_shout(session: Session) -> dict[str, str] | None:
    due = select(shouts).where(shouts.c.heard.is_(None), shouts.c.held_until < time.time())
    row = session.execute(due.limit(1).with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    session.execute(update(shouts).where(shouts.c.word == row.word).values(held_until=time.time() + HOLD))
    return {"word": row.word}


def carry_shout(*, word: str) -> dict[str, str]:
    """Send a word to the outside system. A word that begins with `broken` fails the first time."""
    if word.startswith("broken") and word not in _broken:
        _broken.add(word)
        raise OSError("nobody there")
    return {"heard": word.upper()}


def settle_shout(session: Session, *, piece: dict[str, str], outcome: dict[str, str]) -> None:
    session.execute(update(shouts).where(shouts.c.word == piece["word"]).values(heard=outcome["heard"]))
    row = session.execute(select(shouts.c.story).where(shouts.c.word == piece["word"])).one()
    record_change(session, "word.kept", f"story/{row.story}", {"word": outcome["heard"]}, bureau="450200")


def keep(session: Session, event: Event) -> None:
    """The bureau's reaction: store the word, and publish that it is stored. The reaction to a word that begins with `bad` fails
    until `cure` is called for it."""
    word = event.data["word"]
    if word.startswith("bad") and not session.execute(select(cured).where(cured.c.word == word)).first():
        raise ValueError(f"cannot keep {word}")
    session.execute(insert(words).values(story=event.subject_id, word=word))
    record_change(session, "word.kept", event.subject, {"word": word}, bureau=event.bureau, origin=event.bureau)


def cure(session: Session, *, word: str) -> None:
    """Make the reaction to this word succeed from now on."""
    session.execute(insert(cured).values(word=word))


def hear(session: Session, event: Event) -> None:
    """The teller's reaction: record that the bureau has stored the word."""
    session.execute(insert(words).values(story=f"kept of {event.subject_id}", word=event.data["word"]))


def registry(service: str) -> Registry:
    made = Registry(service)
    if service == "application":
        made.command(tell)
        made.command(refuse)
        made.command(shout)
        made.query(heard)
        made.job("shouts", take_shout, carry_shout, settle_shout, at_once=3)
        made.reaction("review", "word.kept", hear)
    else:
        made.command(cure)
        made.reaction("application", "word.told", keep)
    made.query(told)
    made.query(linger)
    return made


def make_keys(folder: Path) -> None:
    """Write the signing key of each party to a file with the party's name."""
    for name in PARTIES:
        (folder / f"{name}.key").write_text(new_key())


def signer(folder: Path, name: str) -> Signer:
    return Signer(name, (folder / f"{name}.key").read_text())


def runtime(service: str, bureaus: tuple[str, ...], folder: Path, url: str) -> ServiceRuntime:
    database = Database(url)
    if database.sqlite:
        create_tables(database)
    return ServiceRuntime(
        registry(service),
        database,
        settings=Settings(retry_delays=DELAYS),
        policies=None,
        signer=signer(folder, service),
        verifier=Verifier({name: signer(folder, name).public for name in PARTIES}),
        bureaus=bureaus,
        all_bureaus=BUREAUS,
    )


def create_tables(database: Database) -> None:
    for made in (tables.metadata, metadata):
        made.create_all(database.engine)
