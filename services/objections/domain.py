"""An objection: an organisation files it with a reason, and the province answers it. Upholding it takes two people."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.contracts.attachment import Attachment
from services.contracts.objection_payloads import ObjectionOutcome, PreparedAnswerDict, StoredObjector
from services.kernel.errors import Conflict, Invalid, NotFound

DISMISSED, UPHELD = ObjectionOutcome.DISMISSED, ObjectionOutcome.UPHELD
#: The stored value that replaces an objector's data after its erasure.
ERASED: StoredObjector = {"erased": True}


@dataclass(eq=False, kw_only=True)
class Objection:
    """One objection to `case`. `organisation` filed the objection; it is None for a written objection, for which the province
    recorded `objector` ({name, contact}), the day of receipt and the letter (`document`). `prepared` is an answer that waits for
    its second signature: {answer, outcome, objections, by, at}, with the ids of all the objections that it answers. `answered_by`
    wrote the answer, `confirmed_by` signed it as the second person. `resolved_at` is the time at which a later decision or grade
    took the upheld objection into account."""

    id: str
    case: str
    organisation: str | None
    reason: str
    filed_by: str
    filed_at: datetime
    objector: StoredObjector | None = None
    received_on: date | None = None
    document: Attachment | None = None
    prepared: PreparedAnswerDict | None = None
    outcome: str | None = None
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    confirmed_by: str | None = None
    resolved_at: datetime | None = None

    @property
    def written(self) -> bool:
        """Return whether the province recorded this objection for a person who wrote a letter."""
        return bool(self.objector)

    @property
    def account(self) -> str | None:
        """Return the account that objected and may read the answer; None for a written objection."""
        return None if self.written else self.filed_by

    @property
    def etag(self) -> str:
        """Return the digest that identifies the objection's state: its prepared answer, if there is one, and its outcome."""
        content = json.dumps([self.id, self.prepared, self.outcome], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:32]

    def forget_objector(self) -> bool:
        """Erase the name and contact of a written objection's author. The objection and its answer stay. Return whether there was
        anything to erase."""
        if not self.objector or self.objector == ERASED:
            return False
        self.objector = ERASED.copy()
        return True

    def require_open(self) -> None:
        """Raise Conflict if the objection is answered already."""
        if self.outcome is not None:
            raise Conflict("already_answered", "该异议已答复。", "This objection is answered already.", status=self.outcome)

    def require_prepared(self) -> PreparedAnswerDict:
        """Return the answer that waits for its second signature. Raises Conflict if no answer is prepared, and if the objection
        is answered already."""
        self.require_open()
        if self.prepared is None:
            raise Conflict(
                "no_answer_prepared",
                "尚未拟定答复，请先由经办人拟定。",
                "No answer to this objection is prepared; another person prepares it first.",
                status="open",
            )
        return self.prepared

    def settle(self, answer: str, outcome: str, username: str, at: datetime, confirmed_by: str | None = None) -> None:
        """Record the final answer to the objection."""
        self.answer, self.outcome, self.answered_by, self.answered_at = answer, outcome, username, at
        self.confirmed_by, self.prepared = confirmed_by, None


def require_named(upheld: Iterable[Objection], named: Collection[str]) -> None:
    """Raise Invalid unless the decision or grade that follows upheld objections names each of them."""
    if missing := [objection.id for objection in upheld if objection.id not in named]:
        raise not_named(missing)


def not_named(missing: Sequence[str]) -> Invalid:
    """Return the error for a decision or grade that does not name these upheld objections."""
    return Invalid.field(
        "/objections",
        "objection_not_named",
        f"公示异议成立后重新办理的，须逐一列明成立的异议并说明理由；尚有 {len(missing)} 件未列明。",
        f"After upheld objections, name each of them and give the reason; {len(missing)} not named.",
    )


def no_objection() -> NotFound:
    return NotFound("objection_not_found", "没有这一异议。", "There is no such objection.")
