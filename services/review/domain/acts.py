"""The acts of review that get a document number (文号)."""

from __future__ import annotations

#: The stage whose opinion a bureau below the province sends to the province.
RECOMMENDATION = "recommendation"
#: The code of the province's bureau.
_PROVINCE = "450000"


def opinion_act(opinion: str, stage: str, bureau: str, on: str) -> dict[str, str] | None:
    """Return the identity of the act of signing an opinion, if the opinion gets a document number; otherwise None. A
    recommendation to the province has a number; the opinions of the province's own checks have none."""
    if stage != RECOMMENDATION or bureau == _PROVINCE:
        return None
    return {"id": opinion, "bureau": bureau, "on": on}
