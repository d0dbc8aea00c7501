"""The data of the events that the review service publishes, as dataclasses; `events.py` documents each member."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from services.contracts.payload import Payload


@dataclass(frozen=True, kw_only=True)
class CaseEvent(Payload):
    """The header of every event of a case."""

    case: str = field(init=False)
    version: int = field(init=False)
    application: str | None = field(init=False, default=None)
    article: str = field(init=False)


@dataclass(frozen=True, kw_only=True)
class PanelAppointed(CaseEvent):
    experts: list[str]
    third_party: str | None
    #: Earlier releases send neither of the two.
    awaited: list[str] | None = None
    declared: list[str] | None = None
    due_on: date

    @property
    def reviewers(self) -> list[str]:
        return [*self.experts, *([self.third_party] if self.third_party else [])]

    @property
    def readers(self) -> list[str]:
        """The reviewers that can read the documents. Under an earlier release all of them can."""
        return self.reviewers if self.declared is None else self.declared


@dataclass(frozen=True, kw_only=True)
class ReviewerDeclared(CaseEvent):
    seat: str
    account: str


@dataclass(frozen=True, kw_only=True)
class ScoreSubmitted(CaseEvent):
    submitted: int
    of: int


@dataclass(frozen=True, kw_only=True)
class ScoreResult(CaseEvent):
    """The result of the scores that count, in an event after which no more are awaited: points of 100 as decimal strings."""

    score: str | None = None
    spread: str | None = None
    scores: int | None = None


@dataclass(frozen=True, kw_only=True)
class ScoreVoided(ScoreResult):
    seat: str
    account: str
    reason: str
    title: str
    submitted: int
    of: int
    closed: bool
    next_stage: str | None


@dataclass(frozen=True, kw_only=True)
class ConflictFound(CaseEvent):
    seat: str
    account: str
    reason: str
    unit: str
    scored: bool
    title: str


@dataclass(frozen=True, kw_only=True)
class DeploymentReported(Payload):
    version: str
    waiting: int
    lag_seconds: int
    unpublished: int
    publishing_lag_seconds: int
    parked: int
    at: datetime
