"""The period in which a change must be reported, and when a report is late (A12: 在事前3个月内)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from services.kernel.errors import Conflict
from services.policy import Changes, add_months


@dataclass(frozen=True, slots=True)
class Excuse:
    """The facts that may excuse a report made after the change took effect. `known_on`: the day on which the lead learned of an
    event that could not be reported in advance. `asked_until`: the last day of the term in which the lead was asked to report the
    change."""

    known_on: date | None = None
    asked_until: date | None = None

    def holds(self, rule: Changes, today: date) -> bool:
        """Return whether a report made today is excused: at most `unforeseen_days` of the policy after `known_on`, or not after
        `asked_until`."""
        in_days = self.known_on is not None and today <= self.known_on + timedelta(days=rule.unforeseen_days)
        return in_days or (self.asked_until is not None and today <= self.asked_until)


NO_EXCUSE = Excuse()


def reporting_period(rule: Changes, effective_on: date) -> tuple[date, date]:
    """The first and the last day on which a change may be reported without being late, counted in calendar months."""
    latest = min(add_months(effective_on, -rule.notice_at_least_months), effective_on - timedelta(days=1))
    return add_months(effective_on, -rule.notice_at_most_months), latest


def is_late(rule: Changes, effective_on: date, today: date, late_reason: str | None, excuse: Excuse = NO_EXCUSE) -> bool:
    """Return whether a change is reported too late. Raises Conflict for a late report without a reason, and for a report that is
    too early if the policy does not accept early reports (A12)."""
    earliest, latest = reporting_period(rule, effective_on)
    if today < earliest and not rule.earlier_accepted:
        raise Conflict(
            "too_early",
            f"该变更最早可于 {earliest.isoformat()} 报告（第十二条）。",
            f"This change can be reported from {earliest.isoformat()} on (article 12).",
            article="A12",
            earliest=earliest.isoformat(),
        )
    if today <= latest or excuse.holds(rule, today):
        return False
    if not (late_reason or "").strip():
        raise Conflict(
            "late_reason_required",
            f"重大事项应在事前报告，最迟 {latest.isoformat()}（第十二条）；逾期报告请说明逾期原因。"
            "确属无法事前报告的，请填写情形和知悉日期。",
            f"A change is reported before it takes effect, by {latest.isoformat()} (article 12); give the reason for the delay, "
            "or say what could not be reported ahead and when it became known.",
            article="A12",
            latest=latest.isoformat(),
        )
    return True
