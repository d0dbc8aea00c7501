"""`guichuang doctor`: says in plain words what is wrong and what to do. Exit status 1 when something is."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import func, select, text

from deploy import assembly
from services.kernel import inbox, migrate
from services.kernel.clock import real_now
from services.kernel.database import Database
from services.kernel.settings import Settings
from services.kernel.tables import audit, outbox
from services.kernel.tables import inbox as inbox_table

#: Seconds after which an event that waits in an outbox or inbox is a sign of trouble.
STUCK = 60


@dataclass(frozen=True, slots=True)
class Symptom:
    """One thing looked at: `wrong` says whether something is to be done, `advice` what."""

    where: str
    what: str
    wrong: bool = False
    advice: str = ""


def examine(settings: Settings) -> Iterator[Symptom]:
    """Look at folder, keys, every database, its queues in tables, the store and the bus."""
    yield _folder(settings)
    missing = [name for name in assembly.PARTIES if not (settings.keys_folder / f"{name}.pub").exists()]
    advice = f"Start the platform once (`guichuang run`), or put the keys into {settings.keys_folder}."
    yield Symptom("keys", f"missing: {', '.join(missing)}" if missing else "all signing keys are there", bool(missing), advice)
    for service in assembly.PARTIES:
        yield from _database(service, settings)
    if not missing:
        yield _store(settings)
    yield _bus(settings)
    yield _scanner(settings)
    yield _mail(settings)


def _folder(settings: Settings) -> Symptom:
    folder = settings.folder
    if not folder.exists():
        return Symptom("folder", f"{folder} does not exist yet", True, "Start the platform once, or set GUICHUANG_VAR.")
    writable = os.access(folder, os.W_OK)
    advice = f"Give the platform's user write access to {folder}."
    return Symptom("folder", f"{folder} is {'' if writable else 'not '}writable", not writable, advice)


def _database(service: str, settings: Settings) -> Iterator[Symptom]:
    try:
        database = Database(settings.database(service), pool=1)
        behind = migrate.current(database) != migrate.heads(service)
    except Exception as error:
        advice = f"Start the database, or correct GUICHUANG_DB_{service.upper()}."
        yield Symptom(service, f"its database does not answer: {error}".splitlines()[0], True, advice)
        return
    if behind:
        yield Symptom(service, "its database is not at this version", True, "Run `guichuang migrate`.")
        database.close()
        return
    yield Symptom(service, "its database answers and is at this version")
    yield from _queues(service, database)
    yield from _left_undone(service, database)
    database.close()


def _queues(service: str, database: Database) -> Iterator[Symptom]:
    with database.read() as session:
        unpublished = session.execute(select(func.min(outbox.c.occurred_at)).where(outbox.c.published_at.is_(None))).scalar_one()
        pending = session.execute(
            select(func.min(inbox_table.c.received_at)).where(inbox_table.c.state == "pending")
        ).scalar_one()
        parked = len(inbox.parked(session))
        unsealed = session.execute(select(func.min(audit.c.at)).where(audit.c.sealed.is_(None))).scalar_one()
    for what, since, advice in (
        ("events wait to be published", unpublished, "See that the service runs and the bus answers."),
        ("events wait for their reaction", pending, "See that the service runs; its log names the failing reaction."),
        ("audit entries wait for their seal", unsealed, "See that the service runs."),
    ):
        if since and _age(since) > STUCK:
            yield Symptom(service, f"{what} for {_age(since)} s", True, advice)
    if parked:
        advice = "See `guichuang events dead-letters list`; after the cause is cured, `… replay`."
        yield Symptom(service, f"{parked} events are parked after all their tries", True, advice)


#: Service → (what to count, in words, what to do).
UNDONE = {
    "notification": (
        ("SELECT count(*) FROM letters WHERE state = 'failed'", "letters were not taken", "See `GET /letters?state=failed`."),
        (
            "SELECT count(*) FROM webhooks WHERE state = 'paused' AND reason <> 'by_owner'",
            "webhooks are paused because their subscribers take nothing",
            "Ask their owners; then `POST /webhooks/{id}/resumption`.",
        ),
    ),
    "documents": (
        (
            "SELECT count(*) FROM documents WHERE state = 'damaged'",
            "documents are damaged",
            "Restore their objects from the backup: docs/operations/documents.md.",
        ),
        (
            "SELECT count(*) FROM records r WHERE r.disposed_on IS NULL AND r.due_on < CURRENT_DATE AND NOT EXISTS "
            "(SELECT 1 FROM holds h JOIN records o ON o.subject = h.subject WHERE h.lifted_at IS NULL AND o.file = r.file)",
            "case files are past their term and still there",
            "See that the service runs; its log says why the store refuses, `guichuang sweep` tries at once.",
        ),
    ),
}


def _left_undone(service: str, database: Database) -> Iterator[Symptom]:
    with database.read() as session:
        for statement, what, advice in UNDONE.get(service, ()):
            if count := session.execute(text(statement)).scalar_one():
                yield Symptom(service, f"{count} {what}", True, advice)


def _scanner(settings: Settings) -> Symptom:
    from services.documents.scanner import scanner_of

    scanner = scanner_of(settings)
    if scanner is None:
        return Symptom("scanner", "none is configured: uploads are not scanned")
    advice = "Start clamd, or correct GUICHUANG_SCANNER; uploads wait meanwhile."
    return Symptom("scanner", "it answers", False) if scanner.alive() else Symptom("scanner", "it does not answer", True, advice)


def _mail(settings: Settings) -> Symptom:
    if not settings.smtp:
        return Symptom("mail", "none is configured: no e-mail is sent")
    where = urlsplit(settings.smtp)
    try:
        with socket.create_connection((where.hostname or "", where.port or (465 if where.scheme == "smtps" else 587)), timeout=5):
            return Symptom("mail", "the mail server can be reached")
    except OSError as error:
        return Symptom("mail", f"the mail server cannot be reached: {error}", True, "Start it, or correct GUICHUANG_SMTP.")


def _age(since: datetime) -> int:
    return int((real_now() - since).total_seconds())


def _store(settings: Settings) -> Symptom:
    from services.kernel.storage import store_of

    try:
        store_of(settings).check()
    except Exception as error:
        return Symptom("store", f"the object store does not answer: {error}", True, "Start it, or correct GUICHUANG_S3.")
    return Symptom("store", "the object store answers")


def _bus(settings: Settings) -> Symptom:
    if settings.bus == "embedded://":
        return Symptom("bus", "embedded: it lives in the process")
    from services.kernel.amqp.connection import connected

    try:
        with connected(settings.bus):
            pass
    except Exception as error:
        return Symptom("bus", f"the broker does not answer: {error}", True, "Start RabbitMQ, or correct GUICHUANG_BUS.")
    return Symptom("bus", "the broker answers")


def report(settings: Settings) -> int:
    """Print what was found; the number of things wrong."""
    wrong = 0
    for symptom in examine(settings):
        wrong += symptom.wrong
        print(f"{'✗' if symptom.wrong else '✓'} {symptom.where}: {symptom.what}")
        if symptom.wrong and symptom.advice:
            print(f"    {symptom.advice}")
    print("All is well." if not wrong else f"{wrong} to be looked at.")
    return wrong


def environment(settings: Settings) -> None:
    """Print every setting with its present value (secrets hidden) and what it is for."""
    for field in fields(settings):
        value = getattr(settings, field.name)
        secret = "@" in value.partition("://")[2] or (value and field.name.endswith("token"))
        shown = "…hidden…" if secret else value
        print(f"{field.metadata['env']}={shown}\n    {field.metadata['about']}")
