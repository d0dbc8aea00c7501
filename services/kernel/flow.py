"""The flow chart of a case: its stages in order, each with its state, its parties, its start and its last day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.contracts.case_view import FlowPartyDict, FlowStageAnswerDict

DONE, CURRENT, PENDING, SKIPPED = "done", "current", "pending", "skipped"


@dataclass(slots=True)
class FlowStage:
    """One stage of a flow chart. `since` and `until`: when the case entered and left the stage, if known. `due_on`: the stage's
    last day while it is the current stage. `due_days`: the working days that the policy allows. `who`: the party that acts in the
    stage, with `kind`, `code` and `name`."""

    stage: str
    who: FlowPartyDict
    citation: str | None = None
    due_days: int | None = None
    state: str = PENDING
    since: datetime | None = None
    until: datetime | None = None
    due_on: date | None = None

    def enter(self, at: datetime | None, due_on: date | None = None) -> None:
        self.state, self.since, self.until, self.due_on = CURRENT, at, None, due_on

    def leave(self, at: datetime | None, state: str = DONE) -> None:
        self.state, self.until, self.due_on = state, at, None

    def answer(self) -> FlowStageAnswerDict:
        return {
            "stage": self.stage,
            "state": self.state,
            "who": self.who,
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "due_on": self.due_on.isoformat() if self.due_on else None,
            "due_days": self.due_days,
            "citation": self.citation,
        }


def party(kind: str, code: str | None, zh: str, en: str) -> FlowPartyDict:
    """Return a party that acts in a stage. `kind` is lead, members, bureau, experts or platform; `code` is the code of the
    organisation or bureau."""
    return {"kind": kind, "code": code, "name": {"zh": zh, "en": en}}


def chart(stages: Sequence[FlowStage], *, ended: bool) -> list[FlowStageAnswerDict]:
    """Return the stages as clients receive them. If the case has `ended`, its pending stages are marked as not reached."""
    for stage in stages:
        if ended and stage.state == PENDING:
            stage.state = SKIPPED
    return [stage.answer() for stage in stages]
