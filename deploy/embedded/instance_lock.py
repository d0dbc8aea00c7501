"""A folder can be used by only one platform: its process locks a file in the folder, and the kernel releases the lock when the
process ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Seconds for which to wait for the lock: a process that only tests the lock releases it within this time.
LOOKS = 1.0


class Taken(Exception):
    """Another process uses the folder; the message names the process."""


@contextmanager
def hold_instance_lock(folder: Path) -> Iterator[None]:
    """Lock the folder for this process. Raises Taken if another process uses it, OSError if the folder is not writable."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(_file(folder), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        until = time.monotonic() + LOOKS
        while not _try_lock(descriptor, fcntl.LOCK_EX):
            if time.monotonic() > until:
                owner = os.read(descriptor, 20).decode(errors="replace").strip()
                raise Taken(f"process {owner} has {folder} already" if owner else f"another process has {folder} already")
            time.sleep(0.05)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def is_locked(folder: Path) -> bool:
    """Return whether a process uses the folder; the check changes nothing."""
    try:
        descriptor = os.open(_file(folder), os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _try_lock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _file(folder: Path) -> Path:
    return folder / "platform.lock"


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
