"""One folder is one platform: whoever runs it holds a lock on a file in it, which the kernel takes back when the process ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Seconds within which somebody who only looks has gone again.
LOOKS = 1.0


class Taken(Exception):
    """The folder is another process's; says whose."""


@contextmanager
def hold_instance_lock(folder: Path) -> Iterator[None]:
    """Have the folder to oneself. Taken when another process has it, OSError where it cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(_file(folder), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        until = time.monotonic() + LOOKS
        while not _locked(descriptor, fcntl.LOCK_EX):
            if time.monotonic() > until:
                whose = os.read(descriptor, 20).decode(errors="replace").strip()
                raise Taken(f"process {whose} has {folder} already" if whose else f"another process has {folder} already")
            time.sleep(0.05)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def is_locked(folder: Path) -> bool:
    """Whether somebody has it; nothing is changed by looking."""
    try:
        descriptor = os.open(_file(folder), os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _locked(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _file(folder: Path) -> Path:
    return folder / "platform.lock"


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
