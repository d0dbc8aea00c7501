"""The table of results: the requirement, the measurement, and whether the requirement is met."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table. `ours` and `yardstick` are texts with units; `measured` is the figure that is compared with `bar`."""

    what: str
    ours: str
    yardstick: str
    measured: str
    bar: str
    met: bool

    def row(self) -> str:
        verdict = "met" if self.met else "**missed**"
        return f"| {self.what} | {self.ours} | {self.yardstick} | {self.measured} | {self.bar} | {verdict} |"


def write(command: str, lines: Sequence[Line]) -> str:
    """Write the lines to RESULTS.md, where each replaces the earlier line about the same measurement. Return the table of the new
    lines."""
    head = [
        "# Results",
        "",
        "Medians, with the lowest and the highest in brackets; ratios are of one run on one machine, on which everything runs",
        "together: clients, services, broker and databases.",
        "",
        "| what | ours | measured against | measured | bar | |",
        "|---|---|---|---|---|---|",
    ]
    measured = [line.row() for line in lines]
    fresh = {line.what for line in lines}
    kept = [row for row in _rows() if row.split(" | ")[0].removeprefix("| ") not in fresh]
    foot = ["", f"`{command}`, {os.cpu_count()} cores, {date.today().isoformat()}"]
    text = "\n".join([*head, *kept, *measured, *foot, *_notes()]) + "\n"
    RESULTS.write_text(text, encoding="utf-8")
    return "\n".join([*head[5:], *measured])


def _rows() -> list[str]:
    if not RESULTS.exists():
        return []
    return [line for line in RESULTS.read_text(encoding="utf-8").splitlines() if line.startswith("| ") and "| what |" not in line]


def _notes() -> list[str]:
    """Return the hand-written text below the table, so that it is kept."""
    if not RESULTS.exists():
        return []
    _, mark, notes = RESULTS.read_text(encoding="utf-8").partition("\n## ")
    return ["", f"## {notes.rstrip()}"] if mark else []
