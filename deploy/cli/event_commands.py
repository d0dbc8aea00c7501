"""`guichuang events`: parked events, and events that are published again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click

from deploy.cli.argument_types import EVENT, INSTANT
from deploy.cli.execution import with_settings
from services.kernel.settings import Settings


@click.group()
def events() -> None:
    """Show and retry parked events; publish events again."""


@events.command()
@click.option("--since", type=INSTANT, required=True, help="YYYY-MM-DD or an RFC 3339 time.")
@click.option("--recovered", is_flag=True, help="These databases were restored to an earlier time.")
@with_settings()
def replay(settings: Settings, since: datetime, recovered: bool) -> int:
    """Publish the events that occurred since a time again."""
    from deploy.cli import events

    events.replay_since(settings, since, recovered=recovered)
    return 0


@events.group("dead-letters")
def dead_letters() -> None:
    """Show or retry the events that were parked after their last try."""


@dead_letters.command("list")
@with_settings()
def list_parked(settings: Settings) -> int:
    """List the parked events."""
    from deploy.cli import events

    events.list_parked(settings)
    return 0


@dead_letters.command()
@click.argument("event", type=EVENT)
@with_settings()
def show(settings: Settings, event: str) -> int:
    """Print one parked event and its error."""
    from deploy.cli import events

    return 0 if events.show(settings, event) else 1


@dead_letters.command("replay")
@click.argument("ids", nargs=-1, type=EVENT, metavar="[EVENT]...")
@with_settings()
def replay_parked(settings: Settings, ids: Sequence[str]) -> int:
    """Process parked events again; all of them if no EVENT is named."""
    from deploy.cli import events

    return 0 if events.replay_parked(settings, list(ids)) or not ids else 1
