"""`guichuang run`, `serve`, `doctor`, `sweep` and `version`: the platform and its processes as a whole."""

from __future__ import annotations

import json
from datetime import date
from importlib.metadata import version as version_of

import click

from deploy.cli.argument_types import DAY
from deploy.cli.execution import with_settings
from services.kernel.settings import SERVICES, Settings


@click.command()
@with_settings(writes=True, serves=True)
def run(settings: Settings) -> int:
    """Run the whole platform in one process."""
    from deploy.embedded.run import run

    return run(settings)


@click.command()
@click.argument("service", type=click.Choice((*SERVICES, "gateway", "identity", "console")))
@with_settings(writes=True, serves=True)
def serve(settings: Settings, service: str) -> int:
    """Run one service (cluster shape)."""
    from deploy.cluster.serve import serve

    return serve(service, settings)


@click.command()
@click.option("--env", is_flag=True, help="List the settings instead.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
@with_settings()
def doctor(settings: Settings, env: bool, as_json: bool) -> int:
    """Report faults and their remedies."""
    from deploy import doctor

    if env:
        doctor.environment(settings)
        return 0
    return min(doctor.report(settings, as_json=as_json), 1)


@click.command()
@click.option("--as-of", type=DAY, required=True, metavar="DATE", help="The date, as YYYY-MM-DD.")
@with_settings()
def sweep(settings: Settings, as_of: date) -> int:
    """Run everything that is due by a date."""
    from deploy.cli import accounts

    print(json.dumps(accounts.sweep(settings, as_of), ensure_ascii=False, indent=2))
    return 0


@click.command()
@with_settings()
def version(settings: Settings) -> int:
    """Print the version and the revision of the code."""
    print(f"guichuang {version_of('guichuang')}{f' ({settings.revision})' if settings.revision else ''}")
    return 0
