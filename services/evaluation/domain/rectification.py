"""A rectification: the year in which a consortium corrects the faults that an evaluation found, and its acceptance (A13).

open → (submitted →) acceptance → passed or failed. `ended`: the consortium was revoked or dissolved during the rectification.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.contracts.evaluation.stored import AcceptanceHeld, RectificationReported
from services.kernel.errors import Conflict


class RectificationStatus(StrEnum):
    """The state of a rectification."""

    OPEN = "open"
    SUBMITTED = "submitted"
    ACCEPTANCE = "acceptance"
    PASSED = "passed"
    FAILED = "failed"
    ENDED = "ended"


class AcceptanceOutcome(StrEnum):
    """The result of an acceptance."""

    PASS = "pass"
    FAIL = "fail"


RUNNING = (RectificationStatus.OPEN, RectificationStatus.SUBMITTED, RectificationStatus.ACCEPTANCE)
_CLOSED: dict[str, RectificationStatus] = {
    AcceptanceOutcome.PASS: RectificationStatus.PASSED,
    AcceptanceOutcome.FAIL: RectificationStatus.FAILED,
}


@dataclass(eq=False, kw_only=True)
class Rectification:
    """A rectification. `due_on`: one year after the grade's publication. `report`: the lead's report with its request for
    acceptance. `acceptance_from`: the first day on which the province may decide the acceptance: the due day, or an earlier day
    if the lead asked for an early acceptance and the policy allows it."""

    id: str
    consortium: str
    evaluation: str
    policy: str
    status: str
    opened_on: date
    due_on: date
    report: RectificationReported | None
    acceptance_from: date | None
    acceptance: AcceptanceHeld | None
    closed_on: date | None
    revision: int

    def state(self) -> dict[str, object]:
        """Return the data that the audit log digests."""
        return {"status": self.status, "due_on": self.due_on.isoformat(), "revision": self.revision}

    def submit(self, report: RectificationReported, today: date, *, early: bool) -> None:
        """Record the lead's report, which asks for acceptance, during the year of the rectification or after it. With `early`,
        which the policy must allow, the acceptance may be decided from today; otherwise only after the year
        (到期后重新组织验收)."""
        self.require_running()
        self.report = report
        if self.status == RectificationStatus.OPEN:
            self.status = RectificationStatus.SUBMITTED
        if early:
            self.acceptance_from = self.acceptance_from or today
        self.revision += 1

    def fall_due(self, today: date) -> bool:
        """Open the acceptance after the year, even if the lead did not ask for it (到期后重新组织验收). Return whether this call
        opened the acceptance."""
        if self.status not in (RectificationStatus.OPEN, RectificationStatus.SUBMITTED) or today < self.due_on:
            return False
        self.status, self.acceptance_from = RectificationStatus.ACCEPTANCE, self.acceptance_from or today
        self.revision += 1
        return True

    def accept(self, outcome: str, acceptance: AcceptanceHeld, today: date) -> None:
        """Record the result of the acceptance and close the rectification. Raises Conflict before the acceptance is open, and
        once the rectification is closed."""
        self.require_acceptable(today)
        self.status, self.acceptance, self.closed_on = _CLOSED[outcome], acceptance, today
        self.revision += 1

    def require_acceptable(self, today: date) -> None:
        """Raise Conflict before the acceptance is open, and once the rectification is closed."""
        if (
            self.status in (RectificationStatus.OPEN, RectificationStatus.SUBMITTED)
            and self.acceptance_from is None
            and today < self.due_on
        ):
            raise Conflict(
                "acceptance_not_open",
                f"整改期至 {self.due_on.isoformat()}，到期后才能组织验收（第十三条）。",
                f"The time for rectification ends on {self.due_on.isoformat()}; acceptance is held after that (article 13).",
                status=self.status,
                due_on=self.due_on.isoformat(),
                article="A13",
            )
        self.require_running()

    def end(self, today: date) -> None:
        self.status, self.closed_on = RectificationStatus.ENDED, today
        self.revision += 1

    def require_running(self) -> None:
        """Raise Conflict once the rectification is closed."""
        if self.status not in RUNNING:
            raise Conflict(
                "rectification_closed",
                "该整改已办结。",
                "This rectification is closed.",
                status=self.status,
                article="A13",
            )
