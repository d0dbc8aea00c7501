"""Build the identity of each act of the evaluation service that gets a document number (文号). The identity distinguishes the act
from the other acts about the same subject."""

from __future__ import annotations

Act = dict[str, str]


def grade_act(version: int, bureau: str, on: str) -> Act:
    """Return the identity of the act of giving a grade to this version of the report. `on`: the day on which the grade took
    effect."""
    return {"id": f"{version}.{on}", "bureau": bureau, "on": on}


def deferral_act(answered_at: str, bureau: str, on: str) -> Act:
    return {"id": answered_at, "bureau": bureau, "on": on}


def revocation_act(bureau: str, on: str) -> Act:
    return {"id": on, "bureau": bureau, "on": on}
