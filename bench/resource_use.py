"""Measure the resources that the platform's processes use: CPU seconds and resident memory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from services.kernel.settings import SERVICES

#: A part of a process's command line → the kind of process.
_KINDS = {
    **{f"serve {service}": service for service in SERVICES},
    "serve identity": "identity",
    "serve gateway": "gateway",
    "granian": "gateway",
    "multiprocessing": "gateway",
    "postgres": "PostgreSQL",
    "beam.smp": "RabbitMQ",
    "weed": "S3 server",
    "bench": "clients",
}


def cpu() -> dict[str, float]:
    """Return the CPU seconds used so far by each kind of process in `_KINDS` on this machine, including the clients."""
    spent: dict[str, float] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_text().replace("\0", " ")
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if label := next((label for mark, label in _KINDS.items() if mark in words), None):
            spent[label] = spent.get(label, 0.0) + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return spent


def between(before: Mapping[str, float], after: Mapping[str, float], times: int) -> dict[str, float]:
    """Return kind of process → the milliseconds of CPU that it used between two results of `cpu`, divided by `times` (the number
    of repetitions)."""
    return {label: (after[label] - before.get(label, 0.0)) * 1000 / times for label in after}


def memory(pid: int) -> int:
    """Return the resident memory of a process in megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024
