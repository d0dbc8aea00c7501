"""A case file: the documents about one subject, the retention term that starts when the subject ends, and the legal holds that
extend it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.contracts.document_answers import HoldAnswerDict, RecordState
from services.kernel.errors import Conflict, Forbidden
from services.kernel.identity import Actor
from services.policy import Policy, add_years

#: The kinds of case file. The first three have a retention term in the policy. An organisation's file has no term: its documents
#: are kept as long as a case with which they were submitted.
DRAFT, APPLICATION, CONSORTIUM, ORGANISATION = "draft", "application", "consortium", "organisation"
#: The time between the notification of a draft's owner and the deletion of the draft's documents, at least.
NOTICE = timedelta(days=30)


def kind_of(subject: str) -> str:
    """Return the kind of a subject's case file, as long as no event about the subject has arrived."""
    kind = subject.partition("/")[0]
    return DRAFT if kind == "application" else kind


@dataclass
class Record:
    """A record: the documents of one subject within a case file. `file`: the subject whose end also ends this record; for an
    application, that is the recognised consortium. `why`: the type of the event that ended the record. `rule`: the kind whose
    retention term the policy applies. `due_on`: the first day on which the documents may be deleted. `holder`: the organisation
    that stored a draft's documents. `told_on`: the day on which the holder was notified that the documents will be deleted."""

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
        """Record that an organisation's account stored a document. A draft's retention term runs from its last document. If the
        record's earlier documents were deleted, the record counts as not disposed of again."""
        self.disposed_on = None
        if self.kind == DRAFT and self.ended_on is None:
            self.holder, self.told_on = holder or self.holder, None
            self._judge(DRAFT, policy, today)

    def tell(self, today: date) -> date:
        """Record that the draft's owner was notified. Return the day from which the draft's documents may be deleted."""
        assert self.due_on
        self.told_on = today
        return max(self.due_on, today + NOTICE)

    def hand_in(self, title: str | None, recommender: str | None) -> None:
        """The application was submitted, so the record is no longer a draft's. A record that has ended does not change its
        kind."""
        self.title, self.recommender = title or self.title, recommender or self.recommender
        if self.kind == DRAFT and self.ended_on is None:
            self.kind, self.rule, self.due_on = APPLICATION, None, None

    def end(self, on: date, why: str, policy: Policy) -> None:
        """End the record because its subject has ended. Only the first end counts."""
        if self.ended_on is None:
            self.ended_on, self.why = on, why
            self._judge(CONSORTIUM if self.file.startswith("consortium/") else self.kind, policy, on)

    def is_due(self, today: date) -> bool:
        return self.disposed_on is None and self.due_on is not None and self.due_on <= today

    def dispose(self, documents: int, today: date) -> None:
        self.disposed_on, self.disposed = today, self.disposed + documents

    def state(self) -> RecordState:
        """Return the data that the audit log digests, as JSON values."""
        return {
            "subject": self.subject,
            "file": self.file,
            "kind": self.kind,
            "policy": self.policy,
            "why": self.why,
            "rule": self.rule,
            "disposed": self.disposed,
            "ended_on": _iso(self.ended_on),
            "due_on": _iso(self.due_on),
            "disposed_on": _iso(self.disposed_on),
        }

    def _judge(self, rule: str, policy: Policy, since: date) -> None:
        term = policy.retention.get(rule)
        self.policy, self.rule = policy.ref, rule if term else None
        self.due_on = add_years(since, term.years) if term else None


@dataclass
class Hold:
    """A legal hold (法律保全): while it is active, no document of the case file is deleted. `document`: the document by whose id
    the hold was placed, if any; the whole case file is kept in either case. `announced`: whether an event has announced the hold
    to the other services; the holds of earlier releases were not announced."""

    id: str
    subject: str
    document: str | None
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None = None
    lifted_at: datetime | None = None
    lift_reason: str | None = None
    announced: bool = False

    def lift(self, by: str, at: datetime, reason: str) -> None:
        """Lift the hold. Raises Conflict if the hold was lifted already."""
        if self.lifted_at is not None:
            raise Conflict("hold_lifted", "该保全已解除。", "This hold was lifted already.", status="lifted")
        self.lifted_by, self.lifted_at, self.lift_reason = by, at, reason

    def shown(self) -> HoldAnswerDict:
        """Return the hold in the form of the API's answer."""
        return {
            "id": self.id,
            "subject": self.subject,
            "document": self.document,
            "reason": self.reason,
            "placed_by": self.placed_by,
            "lifted_by": self.lifted_by,
            "lift_reason": self.lift_reason,
            "placed_at": self.placed_at.isoformat(),
            "lifted_at": self.lifted_at.isoformat() if self.lifted_at else None,
        }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def require_keeper(actor: Actor) -> None:
    """Raise Forbidden unless the actor is an official of the province or an auditor, who may read retention terms and legal
    holds."""
    if not (actor.has("auditor") or (actor.official and actor.of_province)):
        raise _province_only()


def require_holder(actor: Actor) -> None:
    """Raise Forbidden unless the actor is a chief of the province, who places and lifts holds."""
    if not (actor.has("chief") and actor.of_province):
        raise _province_only()


def _province_only() -> Forbidden:
    return Forbidden("province_only", "此操作只能由自治区科技厅办理。", "Only the provincial department can do this.")
