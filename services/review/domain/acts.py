"""The acts of review that have a document number (文号)."""

from __future__ import annotations

#: The stage at which a bureau below the province writes to it.
RECOMMENDATION = "recommendation"
#: The code of the province's bureau.
_PROVINCE = "450000"


def opinion_act(opinion: str, stage: str, bureau: str, on: str) -> dict[str, str] | None:
    """A signed opinion leaves its bureau as a recommendation and has a number; the province's own checks stay on file."""
    if stage != RECOMMENDATION or bureau == _PROVINCE:
        return None
    return {"id": opinion, "bureau": bureau, "on": on}
