"""The command line of `guichuang backup …` and `guichuang restore`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from services.kernel.errors import Unavailable
from services.kernel.settings import SERVICES, Settings

_DATABASES = (*SERVICES, "gateway")


def add_to(commands: Any) -> None:
    """Add the two commands with their arguments."""
    backup = commands.add_parser("backup", help="save databases and documents of a running platform; see also its subcommands")
    backup.add_argument("--only", nargs="+", choices=_DATABASES, default=[], help="only the databases of these services")
    backup.add_argument("--with-keys", action="store_true", help="also the keys: keep such an archive as secret as they are")
    what = backup.add_subparsers(dest="what")
    what.add_parser("list", help="the archives there are")
    verify = what.add_parser("verify", help="read an archive whole and compare it with its manifest")
    verify.add_argument("archive", type=_archive)
    compare = what.add_parser("compare", help="what one deployment's archive has heard of another that the other's does not know")
    compare.add_argument("archives", type=_archive, nargs="+", metavar="archive")
    drill = what.add_parser("drill", help="restore the newest archive into an empty folder, compare, and remove it again")
    drill.add_argument("--folder", type=Path, help="where there is room for it; by default the folder for temporary files")
    prune = what.add_parser("prune", help="drop old archives")
    for period, count in (("daily", 14), ("weekly", 8), ("monthly", 12)):
        prune.add_argument(f"--{period}", type=_count, default=count, help=f"how many {period} ones stay ({count})")
    restore = commands.add_parser("restore", help="bring an archive into an empty installation")
    restore.add_argument("archive", type=_archive)
    restore.add_argument("--only", nargs="+", choices=_DATABASES, default=[], help="only the databases of these services")
    restore.add_argument("--keep-store", action="store_true", help="the object store survived: add what it lacks")


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text} is no number of archives; 0 keeps none of these")
    return int(text)


def _archive(text: str) -> Path:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text} is no folder; name that of an archive: `guichuang backup list` has them")
    return Path(text)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Run the command. Exit status 1 if it fails; the reason is printed to standard error."""
    from deploy.backup.archive import Broken
    from deploy.backup.restore import Refused
    from deploy.backup.snapshot import Busy

    try:
        _do(options, settings)
    except (Broken, Refused) as error:
        print(error, file=sys.stderr)
        return 1
    except Busy as error:
        print(f"an outbox or inbox was locked all the time; try again later: {error}", file=sys.stderr)
        return 1
    except Unavailable as error:
        print(f"{error.text.en} {error.__cause__ or ''}", file=sys.stderr)
        return 1
    return 0


def _do(options: argparse.Namespace, settings: Settings) -> None:
    from deploy.backup.archive import Archive, complete

    if options.command == "restore":
        from deploy.backup.restore import restore

        restore(Archive(options.archive), settings, options.only, keep_store=options.keep_store)
        print("restored; the platform may start")
    elif options.what == "list":
        for archive in complete(settings.backups_folder):
            print(f"{archive.folder}  {', '.join(archive.databases)}")
    elif options.what == "verify":
        Archive(options.archive).verify()
        print(f"{options.archive} is whole")
    elif options.what == "compare":
        from deploy.backup.compare import show

        show([Archive(folder) for folder in options.archives])
    elif options.what == "drill":
        from deploy.backup.drill import drill

        print(f"{drill(settings, options.folder).folder} can be restored")
    elif options.what == "prune":
        from deploy.backup.prune import prune

        for folder in prune(settings.backups_folder, (options.daily, options.weekly, options.monthly)):
            print(f"{folder} is gone")
    else:
        from deploy.backup.create import backup

        backup(settings, options.only, with_keys=options.with_keys)
