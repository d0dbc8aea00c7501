"""`guichuang broker`: the exchanges, queues, bindings and accounts of the broker."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal

import click

from deploy.cli.argument_types import BUREAU, SERVICE
from deploy.cli.execution import Failure, with_settings
from services.kernel.settings import Settings
from services.policy.bureaus import PROVINCE


@click.group()
def broker() -> None:
    """Declare or print the broker's exchanges, queues and bindings."""


@broker.command()
@click.argument("services", nargs=-1, type=SERVICE, metavar="[SERVICE]...")
@with_settings()
def declare(settings: Settings, services: Sequence[str]) -> int:
    """Declare every exchange, queue and binding.

    With SERVICE, declare only those of these services, for the bureaus of this deployment.
    """
    _require_broker(settings)
    declare_queues(services, settings)
    return 0


@broker.command()
@click.option("--accounts", is_flag=True, help="Include every account, without passwords: for a new broker.")
@with_settings()
def definitions(settings: Settings, accounts: bool) -> int:
    """Print the definitions as JSON.

    `rabbitmqctl import_definitions` reads them.
    """
    from deploy.cluster import topology

    print(json.dumps(topology.definitions(settings, accounts=accounts), indent=2))
    return 0


@broker.command()
@click.argument("side", type=click.Choice(("province", "city")))
@click.argument("code", type=BUREAU)
@with_settings()
def federation(settings: Settings, side: Literal["province", "city"], code: str) -> int:
    """Print what one side's broker needs if a city has its own broker.

    SIDE says whose broker it is for. CODE is the code of the city's bureau.
    """
    from deploy.cluster import federation

    _require_broker(settings)
    if not settings.upstream:
        other_account = federation.link_account(code if side == "city" else PROVINCE)
        raise Failure(f"set GUICHUANG_UPSTREAM to the other side's broker: amqps://{other_account}:password@host/vhost")
    print(json.dumps(federation.definitions(settings, side, code), indent=2))
    return 0


def declare_queues(services: Sequence[str], settings: Settings) -> None:
    """Declare the queues of these services, or of all if none is named."""
    from deploy.cluster import topology

    if services:
        topology.declare_own(settings, services)
    else:
        topology.declare_all(settings)
    print(f"the broker has the queues of {', '.join(services)}" if services else "the broker has all queues")


def _require_broker(settings: Settings) -> None:
    if settings.bus == "embedded://":
        raise Failure("set GUICHUANG_BUS to the broker: amqp://user:password@host/vhost")
