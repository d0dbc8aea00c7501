"""One objection: filed with a reason, answered by the province, by two people where it is upheld."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.kernel.errors import Conflict, Invalid, NotFound

DISMISSED, UPHELD = "dismissed", "upheld"
#: In the place of an objector whose personal data were erased.
ERASED = {"erased": True}


@dataclass(eq=False, kw_only=True)
class Objection:
    """`case` is the id of what is objected to. `organisation` filed it; None for a written one, whose `objector` ({name,
    contact}), day of receipt and document the province recorded. `prepared`: an answer that waits for its second signature,
    {answer, outcome, objections, by, at}; `objections` are all that it answers. `answered_by` wrote the answer, `confirmed_by`
    signed it as the second person. `resolved_at`: when a later decision or grade took account of an upheld one."""

    id: str
    case: str
    organisation: str | None
    reason: str
    filed_by: str
    filed_at: datetime
    objector: dict[str, Any] | None = None
    received_on: date | None = None
    document: dict[str, Any] | None = None
    prepared: dict[str, Any] | None = None
    outcome: str | None = None
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    confirmed_by: str | None = None
    resolved_at: datetime | None = None

    @property
    def written(self) -> bool:
        """Whether the province recorded it for somebody who wrote."""
        return bool(self.objector)

    @property
    def account(self) -> str | None:
        """The account that objected and reads the answer; None for a written one."""
        return None if self.written else self.filed_by

    @property
    def etag(self) -> str:
        """Names the answer that waits for its second signature, or that there is none."""
        said = json.dumps([self.id, self.prepared, self.outcome], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    def forget_objector(self) -> bool:
        """Erase the name and the address of a written one's objector; what was objected and answered stays. Returns whether there
        was anything to erase."""
        if not self.objector or self.objector == ERASED:
            return False
        self.objector = dict(ERASED)
        return True

    def require_open(self) -> None:
        """Raises Conflict for one that is answered already."""
        if self.outcome is not None:
            raise Conflict("already_answered", "该异议已答复。", "This objection is answered already.", status=self.outcome)

    def require_prepared(self) -> dict[str, Any]:
        """The answer that waits for its second signature. Raises Conflict where there is none."""
        self.require_open()
        if self.prepared is None:
            raise Conflict(
                "no_answer_prepared",
                "尚未拟定答复，请先由经办人拟定。",
                "No answer to this objection is prepared; another person prepares it first.",
                status="open",
            )
        return self.prepared

    def settle(self, answer: str, outcome: str, by: str, at: datetime, confirmed_by: str | None = None) -> None:
        """Answer it for good."""
        self.answer, self.outcome, self.answered_by, self.answered_at = answer, outcome, by, at
        self.confirmed_by, self.prepared = confirmed_by, None


def require_named(upheld: Iterable[Objection], named: Collection[str]) -> None:
    """Raises Invalid where the decision or grade that follows upheld objections does not name each of them."""
    if missing := [objection.id for objection in upheld if objection.id not in named]:
        raise not_named(missing)


def not_named(missing: Sequence[str]) -> Invalid:
    """A decision or grade follows upheld objections and does not name these."""
    return Invalid.field(
        "/objections",
        "objection_not_named",
        f"公示异议成立后重新办理的，须逐一列明成立的异议并说明理由；尚有 {len(missing)} 件未列明。",
        f"After upheld objections, name each of them and give the reason; {len(missing)} not named.",
    )


def no_objection() -> NotFound:
    return NotFound("objection_not_found", "没有这一异议。", "There is no such objection.")
