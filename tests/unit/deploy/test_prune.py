"""Pruning deletes old archives, but keeps the newest of each of the last days, weeks and months, with the files that these share
with deleted archives."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.backup.archive import Archive, complete, new_archive
from deploy.backup.objects import save
from deploy.backup.prune import prune
from services.kernel.storage.filesystem import FileStore

NEWEST = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)
ONE = {"key": "documents/a", "size": 1, "sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}


def made(home: Path, at: datetime, store: FileStore) -> Archive:
    earlier = complete(home)
    with new_archive(home) as writer:
        missing: list[str] = []
        items = save(iter([ONE]), store, writer.folder, earlier[0] if earlier else None, missing)
        writer.objects(items, missing=missing)
        return writer.finish(at, code="1.0.0", vaults={})


def nightly(home: Path, nights: int) -> Iterator[Archive]:
    store = FileStore(home / "store")
    store.put("documents/a", b"x")
    for night in reversed(range(nights)):
        yield made(home, NEWEST - timedelta(days=night), store)


def left(home: Path) -> list[str]:
    return [archive.at.strftime("%m-%d") for archive in complete(home)]


def test_days_weeks_and_months_keep_their_newest(tmp_path: Path) -> None:
    # Given an archive of each of 70 nights, made at one o'clock in Beijing, the newest on a Thursday
    list(nightly(tmp_path, 70))
    # When pruning keeps the newest archive of each of three days, two weeks and three months
    gone = prune(tmp_path, (3, 2, 3))
    # Then the archives of the last three nights remain, and the newest of the week before and of the two months before
    assert left(tmp_path) == ["11-25", "11-24", "11-23", "11-21", "10-30", "09-29"]
    assert len(gone) == 64
    for archive in complete(tmp_path):
        archive.verify()


def test_the_newest_stays_in_any_case(tmp_path: Path) -> None:
    list(nightly(tmp_path, 3))
    prune(tmp_path, (0, 0, 0))
    assert left(tmp_path) == ["11-25"]


def test_what_an_earlier_archive_has_is_not_copied_again(tmp_path: Path) -> None:
    first, second = nightly(tmp_path, 2)
    assert os.path.samefile(first.object(ONE["key"]), second.object(ONE["key"]))


def test_archives_of_the_same_second_do_not_stand_in_each_others_way(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "store")
    store.put("documents/a", b"x")
    folders = [made(tmp_path, NEWEST, store).folder.name for _ in range(3)]
    assert folders == ["guichuang-20261125T170000Z", "guichuang-20261125T170000Z-2", "guichuang-20261125T170000Z-3"]
    assert len(complete(tmp_path)) == 3


def test_what_is_unfinished_or_broken_is_no_archive(tmp_path: Path) -> None:
    [whole] = nightly(tmp_path, 1)
    with new_archive(tmp_path) as writer:
        writer.file("broker.json", b"{}")
    (tmp_path / "guichuang-other").mkdir()
    assert [archive.folder for archive in complete(tmp_path)] == [whole.folder]
    assert not list(tmp_path.glob(".unfinished-*"))
