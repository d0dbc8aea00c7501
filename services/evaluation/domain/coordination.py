"""Coordination items: matters that a consortium asks the authorities to help with, each followed until it is closed (A12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.contracts.evaluation.answers import MatterAnswerDict
from services.contracts.evaluation.stored import MatterReply
from services.kernel.errors import Conflict, Forbidden
from services.kernel.identity import Actor


class MatterStatus(StrEnum):
    """The state of a coordination item."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


@dataclass(eq=False, kw_only=True)
class Item:
    """A coordination item. `asked_of`: the bureau that must answer it. `year`: the year of the report that raised it, None if a
    bureau raised it. `status`: open, answered, closed, or withdrawn if a corrected report no longer asks for it."""

    id: str
    consortium: str
    recommender: str
    year: int | None
    matter: str
    asked_of: str
    status: str
    raised_at: datetime
    due_on: date | None
    answers: list[MatterReply]
    result: str | None
    closed_on: date | None
    revision: int

    def state(self) -> dict[str, object]:
        """Return the data that the audit log digests."""
        return {"status": self.status, "answers": len(self.answers), "revision": self.revision}

    def require_owner(self, actor: Actor) -> None:
        """Raise Forbidden unless the actor belongs to the bureau that was asked or to the province."""
        if actor.bureau != self.asked_of and not actor.of_province:
            raise Forbidden(
                "not_asked",
                "该事项由其他部门负责，请由负责部门或自治区科技厅办理。",
                "Another bureau was asked; it or the province deals with this.",
                asked_of=self.asked_of,
            )

    def hand_over(self, new_recommender: str, old_recommender: str) -> None:
        """Store the consortium's new recommender. If `old_recommender` was asked for help, `new_recommender` is asked instead."""
        self.recommender = new_recommender
        self.asked_of = new_recommender if self.asked_of == old_recommender else self.asked_of
        self.revision += 1

    def answer(self, answer: MatterReply) -> None:
        self.require_open()
        self.status, self.answers = MatterStatus.ANSWERED, [*self.answers, answer]
        self.revision += 1

    def close(self, result: str, today: date) -> None:
        self.require_open()
        self.status, self.result, self.closed_on = MatterStatus.CLOSED, result, today
        self.revision += 1

    def withdraw(self, today: date) -> None:
        self.status, self.closed_on = MatterStatus.WITHDRAWN, today
        self.revision += 1

    def shown(self) -> MatterAnswerDict:
        return {
            "id": self.id,
            "consortium": self.consortium,
            "recommender": self.recommender,
            "year": self.year,
            "matter": self.matter,
            "asked_of": self.asked_of,
            "status": self.status,
            "raised_at": self.raised_at.isoformat(),
            "due_on": self.due_on.isoformat() if self.due_on else None,
            "answers": self.answers,
            "result": self.result,
            "closed_on": self.closed_on.isoformat() if self.closed_on else None,
            "etag": str(self.revision),
        }

    def require_open(self) -> None:
        """Raise Conflict once the item is closed or withdrawn."""
        if self.status not in (MatterStatus.OPEN, MatterStatus.ANSWERED):
            raise Conflict(
                "coordination_closed", "该协调事项已办结。", "This matter is closed.", status=self.status, article="A12"
            )
