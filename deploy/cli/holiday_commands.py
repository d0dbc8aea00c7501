"""`guichuang holidays`: the public holidays by which working days are counted."""

from __future__ import annotations

import click

from deploy.cli.execution import with_settings
from services.kernel.settings import Settings


@click.group()
def holidays() -> None:
    """List the holidays for counting working days; check a notice."""


@holidays.command("list")
@with_settings()
def list_years(settings: Settings) -> int:
    """List the holidays of this year and the next ones.

    It also prints the last year whose holidays are announced.
    """
    from deploy.cli import holidays

    return holidays.show(settings)


@holidays.command()
@click.argument("notice")
@with_settings()
def check(_settings: Settings, notice: str) -> int:
    """Check a notice and print it as the value of GUICHUANG_HOLIDAYS.

    NOTICE is such as "2027: 01-01..01-03 02-05..02-11 … work 02-14 …".
    """
    from deploy.cli import holidays

    return holidays.check(notice)
