"""Limit a process to a share of a core, as containers are limited: through the kernel's control groups, version 1 or 2."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: The period in microseconds over which the kernel counts CPU time; the same as in Kubernetes.
_PERIOD = 100_000
_ROOT = Path("/sys/fs/cgroup")


@contextmanager
def limited(pid: int, cores: float) -> Iterator[None]:
    """Limit the process to this number of cores until the block ends.

    Raises PermissionError if this account may not create control groups; usually only root may.
    """
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
        # A control group can be removed only when no process is in it, so move the remaining processes to the parent group.
        for left in (group / "cgroup.procs").read_text().split():
            (parent / "cgroup.procs").write_text(left)
        group.rmdir()
