"""The annual report that every consortium owes (A12).

due → submitted → (returned → submitted)* → accepted. `overdue` is shown for an unsubmitted report after its due day. `ended`: the
consortium was revoked or dissolved before the report was submitted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import cast

from services.contracts.application.application_requests import GoalDict
from services.contracts.attachment import Attachment
from services.contracts.evaluation.answers import AnnualReportAnswerDict, AnnualReportItemDict
from services.contracts.evaluation.stored import AnnualReportDict, IndicatorReportedDict, Returned
from services.kernel.clock import end_of_day, local_date
from services.kernel.errors import Conflict, FieldError, Invalid, Text
from services.policy.pipeline import AnnualReport

#: The sections that a report must have (A12).
SECTIONS = ("systems", "core_technology", "transfer", "application", "problems", "next_year")


class ReportStatus(StrEnum):
    """The state of an annual report. `overdue` is shown, never stored."""

    DUE = "due"
    OVERDUE = "overdue"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    ENDED = "ended"


@dataclass
class Obligation:
    """The annual report of one year. `due_at`: the last instant of its due day. `policy`: the policy that was in force when the
    report was opened. `next_reminder`: the day of the next reminder, as long as the report is not submitted."""

    consortium: str
    year: int
    policy: str
    due_at: datetime
    opened_at: datetime
    next_reminder: date
    state: str = ReportStatus.DUE
    version: int = 0
    content: AnnualReportDict = field(default_factory=lambda: AnnualReportDict())
    papers: list[Attachment] = field(default_factory=list)
    returned: Returned | None = None
    first_submitted_at: datetime | None = None
    submitted_at: datetime | None = None
    accepted_at: datetime | None = None
    overdue_told: bool = False
    revision: int = 1

    @classmethod
    def open(cls, consortium: str, year: int, policy: str, rule: AnnualReport, now: datetime) -> Obligation:
        due = rule.due.in_year(year)
        return cls(consortium, year, policy, end_of_day(due), now, reminder_after(due, local_date(now), rule))

    @property
    def subject(self) -> str:
        return f"report/{self.consortium}-{self.year}"

    @property
    def due_on(self) -> date:
        return local_date(self.due_at)

    @property
    def late(self) -> bool:
        """Return whether the first submission was after the due day."""
        return self.first_submitted_at is not None and self.first_submitted_at > self.due_at

    def status(self, now: datetime) -> str:
        """Return the status at `now`: `overdue` if the report was never submitted and its due day has passed, otherwise the
        stored state."""
        return ReportStatus.OVERDUE if self.state == ReportStatus.DUE and now > self.due_at else self.state

    def audited(self) -> dict[str, object]:
        """Return the data that the audit log digests."""
        return {"year": self.year, "status": self.state, "version": self.version, "revision": self.revision}

    def write(self, content: AnnualReportDict) -> None:
        """Replace the content of the report. Raises Conflict once the report is submitted."""
        self.require_editable()
        self.content = content
        self.revision += 1

    def require_editable(self) -> None:
        if self.state not in (ReportStatus.DUE, ReportStatus.RETURNED):
            raise self._conflict(
                "not_editable",
                "该年度报告已报送，不能修改；如被退回，可修改后重新报送。",
                "This report is handed in; when it is returned it can be corrected.",
            )

    def submit(self, papers: list[Attachment], now: datetime) -> None:
        """Submit the report. Raises Conflict if the report is submitted already, Invalid with an error for each empty section."""
        self.require_editable()
        sections: Mapping[str, object] = self.content.get("sections") or {}
        text = Text(
            "此部分为年报必报内容，请填写；没有的请写“无”。", "This section must be reported; where there is nothing, say so."
        )
        if errors := tuple(
            FieldError(f"/sections/{name}", "required", text) for name in SECTIONS if not str(sections.get(name) or "").strip()
        ):
            raise Invalid("incomplete", "年度报告不完整，请补充后报送（第十二条）。", "The report is incomplete.", errors=errors)
        self.state, self.papers, self.returned = ReportStatus.SUBMITTED, papers, None
        self.version += 1
        self.first_submitted_at = self.first_submitted_at or now
        self.submitted_at = now
        self.revision += 1

    def void_reason(self, version: int) -> str | None:
        """Return why an opinion on this version of the report is void; None if the opinion takes effect."""
        if version != self.version:
            return "superseded_version"
        return None if self.state == ReportStatus.SUBMITTED else self.state

    def return_to_lead(self, returned: Returned) -> None:
        self.state, self.returned = ReportStatus.RETURNED, returned
        self.revision += 1

    def accept(self, now: datetime) -> None:
        self.state, self.accepted_at = ReportStatus.ACCEPTED, now
        self.revision += 1

    def end(self) -> None:
        self.state = ReportStatus.ENDED
        self.revision += 1

    def reopen(self, returned: Returned) -> None:
        """The province returns an accepted report to the lead for correction. Raises Conflict unless the report is accepted."""
        self.require_accepted()
        self.accepted_at = None
        self.return_to_lead(returned)

    def require_accepted(self) -> None:
        """Raise Conflict unless the report is accepted."""
        if self.state != ReportStatus.ACCEPTED:
            raise self._conflict(
                "not_accepted", "只有已审核通过的年度报告才能重新开放。", "Only an accepted report can be reopened."
            )

    def shown(self, now: datetime) -> AnnualReportItemDict:
        return {
            "consortium": self.consortium,
            "year": self.year,
            "status": self.status(now),
            "late": self.late,
            "due_on": self.due_on.isoformat(),
            "policy": self.policy,
            "version": self.version,
            "opened_at": self.opened_at.isoformat(),
            "submitted_at": self.submitted_at.isoformat() if self.submitted_at else None,
            "accepted_at": self.accepted_at.isoformat() if self.accepted_at else None,
            "etag": str(self.revision),
        }

    def whole(self, now: datetime) -> AnnualReportAnswerDict:
        """Return the report with its content, documents and correction."""
        own_members = {"report": self.content or None, "documents": self.papers, "correction": self.returned}
        return cast(AnnualReportAnswerDict, {**self.shown(now), **own_members})

    def _conflict(self, code: str, zh: str, en: str) -> Conflict:
        return Conflict(code, zh, en, status=self.state, article="A12")


def first_year(recognised_on: date, entered_on: date, rule: AnnualReport) -> int:
    """Return the first year for which a report is owed: the year of the recognition if the recognition was on or before the
    cut-off day, otherwise the next year. A consortium that was imported into the register later owes no report of a year before
    the import (A16)."""
    owed = recognised_on.year if recognised_on <= rule.cutoff.in_year(recognised_on.year) else recognised_on.year + 1
    return max(owed, entered_on.year)


def reminder_after(due: date, day: date, rule: AnnualReport) -> date:
    """Return the next day after `day` on which a reminder is sent: at the policy's numbers of days before the due date,
    afterwards at the policy's interval while the report is overdue. There is always a next day."""
    upcoming = [due - timedelta(days=days) for days in rule.reminders_days]
    if next_steps := [step for step in upcoming if step > day]:
        return min(next_steps)
    interval, overdue_from = rule.overdue_reminder_every_days, due + timedelta(days=1)
    steps = max(1, (day - overdue_from).days // interval + 1)
    return overdue_from + timedelta(days=steps * interval)


def indicator_errors(indicators: Sequence[IndicatorReportedDict], goals: Sequence[GoalDict]) -> list[FieldError]:
    """Return an error for each reported indicator that is not among the consortium's goals (A7)."""
    errors = []
    for index, reported in enumerate(indicators):
        indicator_count = len(goals[reported["goal"]].get("indicators", ())) if reported["goal"] < len(goals) else 0
        if reported["indicator"] >= indicator_count:
            text = Text(
                f"没有第 {reported['goal'] + 1} 项目标的第 {reported['indicator'] + 1} 个指标（序号从 0 起）。",
                f"Goal {reported['goal']} has no indicator {reported['indicator']} (counted from 0).",
            )
            errors.append(FieldError(f"/indicators/{index}", "unknown_indicator", text))
    return errors


def not_owed(year: int) -> Conflict:
    """Return the error that says that the consortium owes no report of this year."""
    return Conflict(
        "report_not_owed",
        f"该创新联合体没有 {year} 年度报告的报送义务（第十二条），请查看应报送年度。",
        f"This consortium owes no report for {year} (article 12); see which years it owes.",
        article="A12",
        year=year,
    )
