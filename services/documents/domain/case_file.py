"""A case file: the documents about one subject, how long they are kept after it ended, and what holds them beyond that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from services.kernel.errors import Conflict, Forbidden
from services.kernel.identity import Actor
from services.policy import Policy, add_years

#: The kinds of case file that a policy sets a term for; an organisation's own is kept as long as a case it was handed in with.
DRAFT, APPLICATION, CONSORTIUM, ORGANISATION = "draft", "application", "consortium", "organisation"
#: How long before a draft's documents go its holder is told.
NOTICE = timedelta(days=30)


def kind_of(subject: str) -> str:
    """What a subject is filed as when nothing is known of it but its documents."""
    kind = subject.partition("/")[0]
    return DRAFT if kind == "application" else kind


@dataclass
class Record:
    """`file` is the subject whose end ends this one too: a recognised consortium's for the application it came from. `why` is
    the event that ended it, `rule` the policy's term it is kept by, `due_on` the first day it may be disposed of. A draft's
    `holder` is the organisation that stored its documents, and `told_on` the day it was told that they go."""

    subject: str
    file: str
    kind: str
    since: datetime
    title: str | None = None
    recommender: str | None = None
    policy: str | None = None
    ended_on: date | None = None
    why: str | None = None
    rule: str | None = None
    due_on: date | None = None
    disposed_on: date | None = None
    disposed: int = 0
    holder: str | None = None
    told_on: date | None = None

    def touch(self, policy: Policy, today: date, holder: str | None) -> None:
        """A document was stored by somebody of an organisation. A draft's term runs from the last one; what was disposed of
        begins anew."""
        self.disposed_on = None
        if self.kind == DRAFT and self.ended_on is None:
            self.holder, self.told_on = holder or self.holder, None
            self._judge(DRAFT, policy, today)

    def tell(self, today: date) -> date:
        """Its holder is told that the draft's documents go; the day on which they may."""
        assert self.due_on
        self.told_on = today
        return max(self.due_on, today + NOTICE)

    def hand_in(self, title: str | None, recommender: str | None) -> None:
        """It was submitted: no draft any more. What has ended stays ended."""
        self.title, self.recommender = title or self.title, recommender or self.recommender
        if self.kind == DRAFT and self.ended_on is None:
            self.kind, self.rule, self.due_on = APPLICATION, None, None

    def end(self, on: date, why: str, policy: Policy) -> None:
        """What it is about has ended; the first end counts."""
        if self.ended_on is None:
            self.ended_on, self.why = on, why
            self._judge(CONSORTIUM if self.file.startswith("consortium/") else self.kind, policy, on)

    def is_due(self, today: date) -> bool:
        return self.disposed_on is None and self.due_on is not None and self.due_on <= today

    def dispose(self, documents: int, today: date) -> None:
        self.disposed_on, self.disposed = today, self.disposed + documents

    def state(self) -> dict[str, Any]:
        """What the audit log digests, JSON-able."""
        names = ("subject", "file", "kind", "policy", "why", "rule", "disposed")
        days = {name: getattr(self, name) for name in ("ended_on", "due_on", "disposed_on")}
        return {name: getattr(self, name) for name in names} | {
            name: day.isoformat() if day else None for name, day in days.items()
        }

    def _judge(self, rule: str, policy: Policy, since: date) -> None:
        term = policy.retention.get(rule)
        self.policy, self.rule = policy.ref, rule if term else None
        self.due_on = add_years(since, term.years) if term else None


@dataclass
class Hold:
    """A legal hold (法律保全): while it stands nothing of the case file is disposed of. `document` names the one it was put on,
    where it was one; the file is kept whole all the same."""

    id: str
    subject: str
    document: str | None
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None = None
    lifted_at: datetime | None = None
    lift_reason: str | None = None

    def lift(self, by: str, at: datetime, reason: str) -> None:
        """Raises Conflict when it was lifted already."""
        if self.lifted_at is not None:
            raise Conflict("hold_lifted", "该保全已解除。", "This hold was lifted already.", status="lifted")
        self.lifted_by, self.lifted_at, self.lift_reason = by, at, reason

    def shown(self) -> dict[str, Any]:
        names = ("id", "subject", "document", "reason", "placed_by", "lifted_by", "lift_reason")
        return {name: getattr(self, name) for name in names} | {
            "placed_at": self.placed_at.isoformat(),
            "lifted_at": self.lifted_at.isoformat() if self.lifted_at else None,
        }


def require_keeper(actor: Actor) -> None:
    """Forbidden to everybody but the province's officials and auditors: who reads of terms and holds."""
    if not (actor.has("auditor") or (actor.official and actor.of_province)):
        raise _province_only()


def require_holder(actor: Actor) -> None:
    """Forbidden to everybody but a chief of the province: who puts holds and lifts them."""
    if not (actor.has("chief") and actor.of_province):
        raise _province_only()


def _province_only() -> Forbidden:
    return Forbidden("province_only", "此操作只能由自治区科技厅办理。", "Only the provincial department can do this.")
