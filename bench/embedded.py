"""Measure the embedded deployment: the time until it is ready at a second start, and its memory when idle."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.infrastructure import median
from bench.table import Line
from deploy.demo.platform import Embedded

RUNS = 5
MOST_SECONDS, MOST_MEMORY = 3.0, 160
#: Seconds for which the process is idle before its memory is measured.
IDLE = 5.0


def measure() -> list[Line]:
    """Measure the memory after the first start, which creates databases and accounts, and the duration of later starts."""
    seconds, memory = [], []
    with TemporaryDirectory(prefix="guichuang-bench-") as name:
        for _ in range(RUNS + 1):
            platform = Embedded(Path(name))
            started = time.monotonic()
            with platform:
                seconds.append(time.monotonic() - started)
                time.sleep(IDLE)
                memory.append(_resident(platform))
    return [
        Line(
            what="embedded: ready on a second start",
            ours=", ".join(f"{value:.1f}" for value in seconds[1:]) + " s",
            yardstick="",
            measured=f"{median(seconds[1:]):.1f} s",
            bar=f"≤ {MOST_SECONDS:g} s",
            met=median(seconds[1:]) <= MOST_SECONDS,
        ),
        _memory("embedded: idle memory (RSS)", memory[1:]),
        _memory("embedded: idle memory after the first start, with the demo seed (RSS)", memory[:1]),
    ]


def _memory(what: str, measured: list[int]) -> Line:
    return Line(
        what=what,
        ours=", ".join(str(value) for value in measured) + " MB",
        yardstick="",
        measured=f"{median(measured):.0f} MB",
        bar=f"≤ {MOST_MEMORY} MB",
        met=median(measured) <= MOST_MEMORY,
    )


def _resident(platform: Embedded) -> int:
    status = Path(f"/proc/{platform.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024
