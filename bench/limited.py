"""A share of a core for a process, as a container's limit gives it: by the kernel's control groups, of either version."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Microseconds over which the kernel counts; what Kubernetes uses.
_PERIOD = 100_000
_ROOT = Path("/sys/fs/cgroup")


@contextmanager
def limited(pid: int, cores: float) -> Iterator[None]:
    """The process has no more than that until the block ends.

    Raises PermissionError where this account may not make control groups (only root may, as a rule)."""
    separate = (_ROOT / "cpu").is_dir()
    parent = _ROOT / "cpu" if separate else _ROOT
    group = parent / f"guichuang-bench-{os.getpid()}-{pid}"
    group.mkdir()
    try:
        quota = int(cores * _PERIOD)
        if separate:
            (group / "cpu.cfs_period_us").write_text(str(_PERIOD))
            (group / "cpu.cfs_quota_us").write_text(str(quota))
        else:
            (group / "cpu.max").write_text(f"{quota} {_PERIOD}")
        (group / "cgroup.procs").write_text(str(pid))
        yield
    finally:
        # A group goes only when it is empty; one whose process has ended is.
        for left in (group / "cgroup.procs").read_text().split():
            (parent / "cgroup.procs").write_text(left)
        group.rmdir()
