"""`guichuang migrate`, `move` and `audit verify`: commands on the services' databases."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from deploy.cli.argument_types import BUREAU, SERVICE
from deploy.cli.broker_commands import declare_queues
from deploy.cli.execution import with_settings
from services.kernel.errors import Unavailable
from services.kernel.settings import Settings


@click.command()
@click.argument("services", nargs=-1, type=SERVICE, metavar="[SERVICE]...")
@click.option("--wait", is_flag=True, help="Change nothing; wait until another process has migrated (10 minutes at most).")
@with_settings(writes=True)
def migrate(settings: Settings, services: Sequence[str], wait: bool) -> int:
    """Migrate the databases, and the broker's queues, to this version.

    With SERVICE, migrate only the databases of these services: for a deployment that has no others and may not declare queues on
    the broker.
    """
    return _wait(services, settings) if wait else _migrate(services, settings)


@click.command()
@click.argument("bureau", type=BUREAU)
@click.option("--from", "source", help="URL, or file of settings, of the present database. Default: the one in these settings.")
@click.option("--to", "target", required=True, help="URL, or file of settings, of the new database.")
@with_settings()
def move(settings: Settings, bureau: str, source: str | None, target: str) -> int:
    """Move a bureau's cases to another database of the review service.

    BUREAU is the code of a city's bureau.
    """
    from deploy.cli.move import move

    return move(settings, bureau, source, target)


@click.group()
def audit() -> None:
    """Check the audit log."""


@audit.command()
@with_settings()
def verify(settings: Settings) -> int:
    """Check every chain against its anchors.

    Exit status: 0 all is whole; 1 there are flaws; 3 no flaw, but a keeper of anchors or the link to it is away, so the newest
    entries are not confirmed yet.
    """
    from deploy.cli.verify import verify

    return verify(settings)


def _migrate(services: Sequence[str], settings: Settings) -> int:
    from deploy.composition import PARTIES, make_keys, migrate_all

    if not services:
        make_keys(settings)
    try:
        not_migrated = migrate_all(settings, services or PARTIES)
    except Unavailable as error:
        print(f"a database is away, or its tables are held: {error.__cause__}".splitlines()[0], file=sys.stderr)
        return 1
    print(f"brought up: {', '.join(not_migrated)}" if not_migrated else "all databases are at this version")
    if not services and settings.bus != "embedded://":
        declare_queues((), settings)
    return 0


def _wait(services: Sequence[str], settings: Settings) -> int:
    """Wait until another process has migrated the databases. A process runs this before it starts for the first time."""
    from deploy.composition import PARTIES, await_migrated

    if not_migrated := await_migrated(settings, services or PARTIES):
        print(f"still behind, or away: {', '.join(not_migrated)}; run `guichuang migrate`", file=sys.stderr)
        return 1
    return 0
