"""The command `guichuang` with its subcommands, which one module per group declares."""

from __future__ import annotations

import click

from deploy.cli.account_commands import accounts
from deploy.cli.backup_commands import backup, restore
from deploy.cli.broker_commands import broker
from deploy.cli.database_commands import audit, migrate, move
from deploy.cli.event_commands import events
from deploy.cli.holiday_commands import holidays
from deploy.cli.key_commands import keys
from deploy.cli.platform_commands import doctor, run, serve, sweep, version


class _InDeclaredOrder(click.Group):
    """Lists the commands in the order in which they are declared: those that an operator needs first come first."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=_InDeclaredOrder, context_settings={"help_option_names": ["-h", "--help"]})
def guichuang() -> None:
    """Guichuang 桂创: the operator's commands."""


for command in (
    run,
    serve,
    migrate,
    doctor,
    backup,
    restore,
    accounts,
    keys,
    broker,
    events,
    move,
    sweep,
    audit,
    holidays,
    version,
):
    guichuang.add_command(command)
