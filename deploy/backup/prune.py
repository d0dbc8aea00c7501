"""`guichuang backup prune`: which archives stay."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from deploy.backup.archive import Archive, complete
from services.kernel.clock import local_date

#: By which day, week and month an instant goes, in Beijing.
_PERIODS: tuple[Callable[[datetime], object], ...] = (
    local_date,
    lambda instant: local_date(instant).isocalendar()[:2],
    lambda instant: (local_date(instant).year, local_date(instant).month),
)


def prune(home: Path, counts: Sequence[int]) -> list[Path]:
    """Drop the archives in `home` that are the newest of none of the last so many days, weeks and months that have one; which.
    What a dropped one shares with another stays there: files have as many names as archives hold them."""
    archives = complete(home)
    stay = {archive.folder for archive in kept(archives, counts)}
    gone = [archive.folder for archive in archives if archive.folder not in stay]
    for folder in gone:
        half = folder.rename(folder.with_name(f".unfinished-{folder.name}"))  # never a part of one under a good name
        shutil.rmtree(half)
    return gone


def kept(archives: Sequence[Archive], counts: Sequence[int]) -> list[Archive]:
    """Of these (the newest first) the first of each day, week and month, so many of each; the newest in any case."""
    stay = list(archives[:1])
    for period_of, count in zip(_PERIODS, counts, strict=True):
        newest: dict[object, Archive] = {}
        for archive in archives:
            newest.setdefault(period_of(archive.at), archive)
        stay += list(newest.values())[:count]
    return stay
