"""`guichuang backup prune`: delete the archives that no retention rule keeps."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from deploy.backup.archive import Archive, complete
from services.kernel.clock import local_date

#: Functions that return the day, the week and the month of an instant, in Beijing time.
_PERIODS: tuple[Callable[[datetime], object], ...] = (
    local_date,
    lambda instant: local_date(instant).isocalendar()[:2],
    lambda instant: (local_date(instant).year, local_date(instant).month),
)


def prune(home: Path, counts: Sequence[int]) -> list[Path]:
    """Delete the archives in `home` that `kept` does not return, and return their folders. Files that a deleted archive shares
    with another archive stay in the other archive, because they are hard links."""
    archives = complete(home)
    stay = {archive.folder for archive in kept(archives, counts)}
    pruned = [archive.folder for archive in archives if archive.folder not in stay]
    for folder in pruned:
        # Rename the folder first, so that a partly deleted archive never has a valid name.
        half = folder.rename(folder.with_name(f".unfinished-{folder.name}"))
        shutil.rmtree(half)
    return pruned


def kept(archives: Sequence[Archive], counts: Sequence[int]) -> list[Archive]:
    """Return the archives to keep: the newest archive of each of the last days, weeks and months that have one (`counts`: the
    number of days, of weeks and of months), and always the newest of all. `archives` are given newest first."""
    stay = list(archives[:1])
    for period_of, count in zip(_PERIODS, counts, strict=True):
        newest: dict[object, Archive] = {}
        for archive in archives:
            newest.setdefault(period_of(archive.at), archive)
        stay += list(newest.values())[:count]
    return stay
