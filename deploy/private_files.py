"""The platform's files are private to their owner: databases, keys, documents, backups, passwords, logs."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sqlalchemy.engine.url import make_url

from deploy.composition import PARTIES
from services.kernel.settings import Settings
from services.kernel.storage.factory import folder_of

#: The permission bits of the group and of others, which the platform's files must not have.
_GROUP, _OTHERS = 0o070, 0o007
#: Patterns of the platform's files in the var folder. Only these are made private, because the folder itself may have existed
#: before and be used by other programs.
_IN_VAR = (
    "*.db",
    "*.db-wal",
    "*.db-shm",
    "*.db-journal",
    "accounts.json",
    "platform.lock",
    "keys",
    "backups",
    "objects",
    "cluster",
)


def restrict_new_files() -> None:
    """Create files with mode 0600 and folders with 0700 from now on, whatever the caller's umask. Child processes inherit this
    umask."""
    os.umask(_GROUP | _OTHERS)


def tighten(settings: Settings) -> list[Path]:
    """Remove the permissions of group and others from the platform's files, for installations created before files were private.
    A folder that is private already is not searched, because no other user can reach its content. Return the changed paths."""
    changed = []
    for path in exposed(settings):
        if path.lstat().st_uid == os.geteuid():
            # The change fails, for example, on a volume that is mounted read-only. `guichuang doctor` then lists the files that
            # stay readable.
            with suppress(OSError):
                path.chmod(stat.S_IMODE(path.lstat().st_mode) & ~(_GROUP | _OTHERS))
                changed.append(path)
    return changed


def exposed(settings: Settings) -> list[Path]:
    """Return the files and folders that users other than their owner can reach, each folder before its content."""
    return [path for root in _roots(settings) if root.exists() for path in _exposed(root)]


def _roots(settings: Settings) -> list[Path]:
    found = {path for pattern in _IN_VAR for path in settings.folder.glob(pattern)}
    found |= {settings.keys_folder, settings.backups_folder}
    if store := folder_of(settings):
        found.add(store)
    for url in (make_url(settings.database(service)) for service in PARTIES):
        if url.get_backend_name() == "sqlite" and url.database:
            found |= {Path(url.database + ending) for ending in ("", "-wal", "-shm")}
    if _closed(settings.folder):
        found = {path for path in found if not path.resolve().is_relative_to(settings.folder.resolve())}
    return sorted(found)


def _exposed(path: Path) -> Iterator[Path]:
    if path.is_symlink() or _closed(path):
        return
    yield path
    if path.is_dir():
        for inside in sorted(path.iterdir()):
            yield from _exposed(inside)


def _closed(path: Path) -> bool:
    """Return whether only its owner can read the file. A file that belongs to another user, such as a mounted secret, is shared
    with a group on purpose, so its group may read it."""
    if not path.exists():
        return False
    found = path.lstat()
    return not found.st_mode & (_OTHERS | (_GROUP if found.st_uid == os.geteuid() else 0))
