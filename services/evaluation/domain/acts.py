"""The acts of evaluation that have a document number (文号): how each is told from every other of the same subject."""

from __future__ import annotations

Act = dict[str, str]


def grade_act(version: int, bureau: str, on: str) -> Act:
    """A grade that is in effect since `on`, of this version of the report."""
    return {"id": f"{version}.{on}", "bureau": bureau, "on": on}


def deferral_act(answered_at: str, bureau: str, on: str) -> Act:
    return {"id": answered_at, "bureau": bureau, "on": on}


def revocation_act(bureau: str, on: str) -> Act:
    return {"id": on, "bureau": bureau, "on": on}
