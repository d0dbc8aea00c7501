"""`guichuang keys`: change signing and sealing keys without a gap."""

from __future__ import annotations

from typing import Any

import click

from deploy.cli.execution import with_settings
from services.kernel.settings import Settings


@click.group()
def keys() -> None:
    """Change keys without a gap: prepare, switch, retire.

    NAME is a key such as gateway, review.450200 or gateway.vault; without it, every key.
    """


@keys.command()
def make() -> Any:
    """Generate the keys that are missing."""
    return _step("make", None)


@keys.command("list")
@click.argument("name", required=False)
def list_keys(name: str | None) -> Any:
    """List the keys whose secret half is here, and their state."""
    return _step("list", name)


@keys.command()
@click.argument("name", required=False)
def prepare(name: str | None) -> Any:
    """Generate the next key and publish its public half."""
    return _step("prepare", name)


@keys.command()
@click.argument("name", required=False)
@click.option("--now", is_flag=True, help="Do not wait for anything that may need the previous key.")
def switch(name: str | None, now: bool) -> Any:
    """Use the next key. The previous one remains valid."""
    return _step("switch", name, now)


@keys.command()
@click.argument("name", required=False)
@click.option("--now", is_flag=True, help="Do not wait for anything that may need the previous key.")
def retire(name: str | None, now: bool) -> Any:
    """Make the previous key invalid."""
    return _step("retire", name, now)


@with_settings(writes=True)
def _step(settings: Settings, step: str, name: str | None, now: bool = False) -> int:
    from deploy.keys import rotation

    return rotation.run(step, name, settings, now=now)
