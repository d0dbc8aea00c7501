"""Identify the acts of evaluation that get a document number (文号), so that each act of a subject is distinguished from its
other acts."""

from __future__ import annotations

Act = dict[str, str]


def grade_act(version: int, bureau: str, on: str) -> Act:
    """Return the identity of a grade for this version of the report, in effect since `on`."""
    return {"id": f"{version}.{on}", "bureau": bureau, "on": on}


def deferral_act(answered_at: str, bureau: str, on: str) -> Act:
    return {"id": answered_at, "bureau": bureau, "on": on}


def revocation_act(bureau: str, on: str) -> Act:
    return {"id": on, "bureau": bureau, "on": on}
