"""`guichuang accounts`: the accounts of people and clients."""

from __future__ import annotations

from collections.abc import Sequence

import click

from deploy.cli.execution import with_settings
from services.contracts.roles import ROLES
from services.kernel.settings import Settings


@click.group()
def accounts() -> None:
    """List or create accounts."""


@accounts.command("list")
@with_settings()
def list_all(settings: Settings) -> int:
    """List all accounts."""
    from deploy.cli import accounts

    accounts.list_all(settings)
    return 0


@accounts.command()
@click.argument("username")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES), help="A role; may be repeated.")
@click.option("--bureau", help="Code of the officer's or chief's bureau.")
@click.option("--organisation", help="Unified social credit code.")
@click.option("--name", default="", help="Name of the person. Default: the username.")
@with_settings()
def create(
    settings: Settings, username: str, roles: Sequence[str], bureau: str | None, organisation: str | None, name: str
) -> int:
    """Create an account. Its password is read from standard input."""
    from deploy.cli import accounts

    return accounts.create(settings, username, roles, bureau, organisation, name)
