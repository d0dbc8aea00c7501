"""The declaration that a reviewer makes before reading the documents: no interest in any unit, and confidentiality."""

from __future__ import annotations

from services.kernel.errors import Conflict, Text
from services.review.domain.panel import Seat

#: The text of the declaration, as it is shown to the reviewer and recorded.
DECLARATION = Text(
    "本人与本案牵头单位、成员单位及首席科学家所在单位均无利害关系；对评审材料、评审意见和评分严格保密，不复制、不外传，"
    "不用于评审以外的用途。",
    "I have no interest in the lead, in any member or in the chief scientist's employer. I keep the papers, opinions and scores "
    "confidential, copy and pass on nothing, and use them for this review alone.",
)


def require_declared(seat: Seat) -> None:
    """Raise Conflict if the reviewer in this seat has not made the declaration yet."""
    if seat.declared_at is None:
        raise Conflict(
            "declaration_required",
            "请先作出无利害关系和保密承诺；有利害关系的，请回避。",
            "Declare that you have no interest and promise confidentiality first; recuse yourself where you have one.",
        )
