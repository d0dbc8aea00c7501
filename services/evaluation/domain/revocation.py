"""Revocation of a recognition (A14): the evidence is stated first, then the consortium is heard, and only then the province
decides.

proposed (by the platform) → open (by the province) → revoked or kept. `dismissed`: the province dismissed the proposal. `ended`:
the consortium was revoked or dissolved meanwhile. `void`: the facts of the case became void.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.contracts.attachment import Attachment
from services.contracts.evaluation.stored import Fact, RevocationDecision, StatedView, VoidFact
from services.kernel.clock import local_date
from services.kernel.errors import Conflict


class RevocationStatus(StrEnum):
    """The state of a revocation case."""

    PROPOSED = "proposed"
    DISMISSED = "dismissed"
    OPEN = "open"
    REVOKED = "revoked"
    KEPT = "kept"
    ENDED = "ended"
    VOID = "void"


class RevocationOutcome(StrEnum):
    """The province's decision about a proposal (`dismiss`) or an open case."""

    DISMISS = "dismiss"
    REVOKE = "revoke"
    KEEP = "keep"


UNDECIDED = (RevocationStatus.PROPOSED, RevocationStatus.OPEN)
_DECIDED: dict[str, RevocationStatus] = {
    RevocationOutcome.REVOKE: RevocationStatus.REVOKED,
    RevocationOutcome.KEEP: RevocationStatus.KEPT,
}


@dataclass(eq=False, kw_only=True)
class Revocation:
    """A revocation case. `grounds`: citations of A14, or A13 for a failed rectification. `facts`: the facts that prove each
    ground, as the platform recorded them. `statement_due`: until when the consortium may state its view; the case cannot be
    decided earlier."""

    id: str
    consortium: str
    recommender: str
    policy: str
    origin: str
    status: str
    grounds: list[str]
    facts: list[Fact]
    reason: str | None
    papers: list[Attachment]
    proposed_on: date
    opened_on: date | None
    statement_due: datetime | None
    statements: list[StatedView]
    decision: RevocationDecision | None
    revision: int

    @property
    def article(self) -> str:
        return ", ".join(self.grounds)

    def state(self) -> dict[str, object]:
        """Return the data that the audit log digests."""
        return {"status": self.status, "grounds": self.grounds, "revision": self.revision}

    def add(self, ground: str, fact: Fact) -> None:
        """Add a ground and its fact to a proposal that the province has not answered yet."""
        self.grounds = [*self.grounds, *([] if ground in self.grounds else [ground])]
        self.facts = [*self.facts, fact]
        self.revision += 1

    def void(self, source: str, reason: str, today: date) -> bool:
        """Void the facts with this source, which stay readable. Return whether there were such facts. If no ground has another
        valid fact, the case ends."""
        hit = [fact for fact in self.facts if "void" not in fact and fact["source"] == source]
        if not hit:
            return False
        void: VoidFact = {"reason": reason, "on": today.isoformat()}
        self.facts = [{**fact, "void": void} if fact in hit else fact for fact in self.facts]
        valid_grounds = {fact["ground"] for fact in self.facts if "void" not in fact}
        remaining = [ground for ground in self.grounds if ground in valid_grounds]
        if remaining:
            self.grounds = remaining
        else:
            outcome = RevocationOutcome.DISMISS if self.status == RevocationStatus.PROPOSED else RevocationOutcome.KEEP
            self.status, self.decision = (
                RevocationStatus.VOID,
                {"outcome": outcome, "reason": reason, "by": None, "on": today.isoformat()},
            )
        self.revision += 1
        return True

    def open(self, reason: str, papers: list[Attachment], today: date, statement_due: datetime) -> None:
        """The province opens the case. The consortium may state its view until `statement_due`."""
        self.require(RevocationStatus.PROPOSED)
        self.status, self.reason, self.papers = RevocationStatus.OPEN, reason, papers
        self.opened_on, self.statement_due = today, statement_due
        self.revision += 1

    def dismiss(self, decision: RevocationDecision) -> None:
        self.require(RevocationStatus.PROPOSED)
        self.status, self.decision = RevocationStatus.DISMISSED, decision
        self.revision += 1

    def state_view(self, statement: StatedView) -> None:
        """Add a statement of the consortium, which may add further statements until the decision."""
        self.require(RevocationStatus.OPEN)
        self.statements = [*self.statements, statement]
        self.revision += 1

    def decide(self, outcome: str, decision: RevocationDecision, papers: list[Attachment], now: datetime) -> None:
        """Record the decision: `revoke` or `keep`; `papers` add to the evidence. Raises Conflict before the time for the
        consortium's statement is over, because the consortium must be heard first, and for a revocation without evidence."""
        self.require_decidable(now)
        self.papers = [*self.papers, *papers]
        if outcome == RevocationOutcome.REVOKE and not self.papers:
            raise Conflict(
                "evidence_required",
                "取消资格须有至少一份证据材料，请随决定提交（第十四条）。",
                "A recognition is revoked on at least one document as evidence; hand it in with the decision (article 14).",
                status=self.status,
                article="A14",
            )
        self.status, self.decision = _DECIDED[outcome], decision
        self.revision += 1

    def require_decidable(self, now: datetime) -> None:
        """Raise Conflict unless the case is open and the time for the statement is over."""
        self.require(RevocationStatus.OPEN)
        if self.statement_due and now <= self.statement_due:
            raise Conflict(
                "statement_period_open",
                f"陈述期至 {local_date(self.statement_due)}，期满后才能作出决定（第十四条）。",
                f"The consortium may state its view until {local_date(self.statement_due)}; decide after that (article 14).",
                status=self.status,
                statement_due=self.statement_due.isoformat(),
                article="A14",
            )

    def end(self) -> None:
        self.status = RevocationStatus.ENDED
        self.revision += 1

    def require(self, status: str) -> None:
        """Raise Conflict unless the case has this status."""
        if self.status != status:
            raise Conflict(
                "wrong_revocation_status",
                "该取消资格事项当前状态不能办理此操作，请刷新查看。",
                "Where this case stands this cannot be done; please reload it.",
                status=self.status,
                article="A14",
            )
