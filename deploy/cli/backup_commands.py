"""`guichuang backup …` and `guichuang restore`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from deploy.cli.argument_types import ARCHIVE, COUNT, DATABASES
from deploy.cli.execution import Failure, with_settings
from services.kernel.errors import Unavailable
from services.kernel.settings import Settings

_ONLY = "--only"


class _OneOnlyManyServices(click.Command):
    """A command whose option --only takes several services: `--only review gateway`. Kubernetes jobs use this form, but click
    takes only one value for each option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, list(_repeat_only(args)))


class _BackupGroup(_OneOnlyManyServices, click.Group):
    pass


def _repeat_only(args: Sequence[str]) -> Iterator[str]:
    """Yield the arguments with --only repeated before each further service."""
    follows = False
    for previous, argument in zip(("", *args), args, strict=False):
        follows = previous == _ONLY or (follows and argument in DATABASES)
        if follows and previous != _ONLY:
            yield _ONLY
        yield argument


def _only(command: Callable[..., Any]) -> Callable[..., Any]:
    text = "Only the databases of these services; several may follow."
    return click.option(_ONLY, multiple=True, type=click.Choice(DATABASES), help=text)(command)


@click.group(cls=_BackupGroup, invoke_without_command=True)
@_only
@click.option("--with-keys", is_flag=True, help="Include the keys. Keep such an archive as secret as the keys.")
@click.pass_context
def backup(context: click.Context, only: Sequence[str], with_keys: bool) -> Any:
    """Save the databases and documents of a running platform.

    The subcommands list, check, compare, try and delete archives.
    """
    return _create(only, with_keys) if context.invoked_subcommand is None else None


@with_settings(writes=True)
def _create(settings: Settings, only: Sequence[str], with_keys: bool) -> int:
    from deploy.backup.create import backup

    with _failures():
        backup(settings, list(only), with_keys=with_keys)
    return 0


@backup.command("list")
@with_settings(writes=True)
def list_archives(settings: Settings) -> int:
    """List the complete archives."""
    from deploy.backup.archive import complete

    with _failures():
        for archive in complete(settings.backups_folder):
            print(f"{archive.folder}  {', '.join(archive.databases)}")
    return 0


@backup.command()
@click.argument("archive", type=ARCHIVE)
@with_settings(writes=True)
def verify(_settings: Settings, archive: Path) -> int:
    """Read a whole archive and compare it with its manifest."""
    from deploy.backup.archive import Archive

    with _failures():
        Archive(archive).verify()
        print(f"{archive} is whole")
    return 0


@backup.command()
@click.argument("archives", type=ARCHIVE, nargs=-1, required=True, metavar="ARCHIVE...")
@with_settings(writes=True)
def compare(_settings: Settings, archives: Sequence[Path]) -> int:
    """List the events that some of these archives know and others lack.

    The archives are of several deployments, such as the province and a city.
    """
    from deploy.backup.archive import Archive
    from deploy.backup.compare import show

    with _failures():
        show([Archive(folder) for folder in archives])
    return 0


@backup.command()
@click.option("--folder", type=click.Path(path_type=Path), help="A folder with enough space. Default: that of temporary files.")
@with_settings(writes=True)
def drill(settings: Settings, folder: Path | None) -> int:
    """Restore the newest archive into an empty folder for a trial.

    The restored data are compared with the archive and deleted again.
    """
    from deploy.backup.drill import drill

    with _failures():
        print(f"{drill(settings, folder).folder} can be restored")
    return 0


@backup.command()
@click.option("--daily", type=COUNT, default=14, show_default=True, help="Number of daily archives to keep.")
@click.option("--weekly", type=COUNT, default=8, show_default=True, help="Number of weekly archives to keep.")
@click.option("--monthly", type=COUNT, default=12, show_default=True, help="Number of monthly archives to keep.")
@with_settings(writes=True)
def prune(settings: Settings, daily: int, weekly: int, monthly: int) -> int:
    """Delete old archives."""
    from deploy.backup.prune import prune

    with _failures():
        for folder in prune(settings.backups_folder, (daily, weekly, monthly)):
            print(f"{folder} is gone")
    return 0


@click.command(cls=_OneOnlyManyServices)
@click.argument("archive", type=ARCHIVE)
@_only
@click.option("--keep-store", is_flag=True, help="The object store was not lost: add only the objects that it lacks.")
@with_settings(writes=True)
def restore(settings: Settings, archive: Path, only: Sequence[str], keep_store: bool) -> int:
    """Restore an archive into an empty installation."""
    from deploy.backup.archive import Archive
    from deploy.backup.restore import restore

    with _failures():
        restore(Archive(archive), settings, list(only), keep_store=keep_store)
        print("restored; the platform may start")
    return 0


@contextmanager
def _failures() -> Iterator[None]:
    """Report the reason if a backup or a restore fails."""
    from deploy.backup.archive import Broken
    from deploy.backup.restore import Refused
    from deploy.backup.snapshot import Busy

    try:
        yield
    except (Broken, Refused) as error:
        raise Failure(str(error)) from error
    except Busy as error:
        raise Failure(f"an outbox or inbox was locked all the time; try again later: {error}") from error
    except Unavailable as error:
        raise Failure(f"{error.text.en} {error.__cause__ or ''}") from error
